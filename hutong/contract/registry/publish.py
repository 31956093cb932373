"""Gives the lock to a registry: every id there is the lock's, or nothing is registered."""

from collections.abc import Iterable
from contextlib import nullcontext

from hutong.contract.registry.apicurio import is_apicurio, reserve_ids
from hutong.contract.registry.client import Registry, RegistryError
from hutong.contract.registry.comparison import compare
from hutong.events.schemas import Schema


def publish(registry: Registry, schemas: Iterable[Schema]) -> tuple[Schema, ...]:
    """Register what is not there; returns that. A second time it has nothing to do.

    Raises RegistryError where an id differs, or the registry does not let ids be given.
    """
    every = list(schemas)
    before = compare(registry, every)
    if before.differences:
        raise RegistryError("\n".join(map(str, before.differences)))
    apicurio = is_apicurio(registry)
    if apicurio and before.missing:
        reserve_ids(registry, before.missing)
    for schema in before.missing:
        with nullcontext() if apicurio else registry.importing(schema.name):
            got = registry.register(schema)
        if got != schema.id:
            raise RegistryError(
                f"{registry} ignores the id that is given: {schema.label} has {schema.id} here and "
                f"got {got} there. Delete the subject {schema.name} there; use a registry with "
                "mode IMPORT for a subject, or Apicurio 3 under /apis/ccompat/v7"
            )
    after = compare(registry, every)
    if after.missing or after.differences:
        left = [*(f"{schema.label} is not there" for schema in after.missing), *after.differences]
        raise RegistryError("registered, and yet:\n" + "\n".join(map(str, left)))
    return before.missing
