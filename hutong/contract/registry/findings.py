"""What a service and `hutong doctor` say of the registry that a city runs."""

from collections.abc import Iterable, Iterator
from typing import Final

from hutong.checks.finding import Finding, fault, ok, warning
from hutong.contract.registry.client import Registry, RegistryError
from hutong.contract.registry.comparison import compare
from hutong.events.schemas import Schema

SECONDS: Final = 10.0
"""How long a start waits for a registry at most: a slow one is as good as none."""

_SUBJECT: Final = "registry"


def registry_findings(
    url: str, schemas: Iterable[Schema], seconds: float = SECONDS
) -> Iterator[Finding]:
    """A fault for each id that differs. A registry that cannot be asked is a warning only.

    All schemas ship with the program, so nothing needs the registry; but ids that mean something
    else there would let its readers take one event for another.
    """
    with Registry(url, seconds=seconds) as registry:
        try:
            found = compare(registry, schemas)
        except RegistryError as error:
            yield warning(
                _SUBJECT,
                f"ids were not compared: {error}",
                "schemas come with the program, so work goes on; mend the registry for its readers",
            )
            return
        for difference in found.differences:
            yield fault(
                _SUBJECT,
                f"{difference} ({registry})",
                "its readers would take one event for another: remove the subject there and run "
                "`hutong contract publish`, or give this city a registry of its own",
            )
        if found.missing:
            names = ", ".join(schema.label for schema in found.missing[:3])
            yield warning(
                _SUBJECT,
                f"{len(found.missing)} schemas are not in {registry}: {names}"
                + (" …" if len(found.missing) > 3 else ""),
                "its readers cannot read them: hutong contract publish",
            )
        if not found.differences and not found.missing:
            yield ok(_SUBJECT, f"{registry} has the ids of the lock")
