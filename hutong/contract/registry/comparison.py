"""Whether a registry says of the lock's ids what the lock says."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import fastavro.schema

from hutong.contract.registry.client import Registry
from hutong.events.schemas import Schema


@dataclass(frozen=True, slots=True)
class Difference:
    """One schema that a reader would take for another there.

    ``id_there``: the id of this very version there, None where it has none. ``holder``: the name of
    what the registry has under our id, "" where that is this schema, or nothing.
    """

    schema: Schema
    id_there: int | None
    holder: str

    def __str__(self) -> str:
        said = f"{self.schema.label} has the id {self.schema.id} here"
        if self.id_there not in (None, self.schema.id):
            said += f" and {self.id_there} in the registry"
        if self.holder == self.schema.name:
            said += f"; there the id {self.schema.id} is another form of it"
        elif self.holder:
            said += f"; there the id {self.schema.id} is {self.holder}"
        return said


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is not there yet, and what is there otherwise; both in the order of ids."""

    missing: tuple[Schema, ...]
    differences: tuple[Difference, ...]


def compare(registry: Registry, schemas: Iterable[Schema]) -> Comparison:
    """Ask for every schema by its id, and by its name and version. RegistryError where it fails.

    Two schemas are the same when their Parsing Canonical Forms are: the same bytes, read the same
    way. Docs and white space may differ; a registry keeps them as it likes.
    """
    missing, differences = [], []
    for schema in sorted(schemas, key=lambda schema: schema.id):
        ours = fastavro.schema.to_parsing_canonical_form(schema.parsed)
        held = registry.schema(schema.id)
        there = registry.version(schema.name, schema.version)
        holder = "" if held is None or _canonical(held) == ours else _name(held)
        if holder or (there is not None and there.id != schema.id):
            id_there = None if there is None else there.id
            differences.append(Difference(schema, id_there, holder))
        elif held is None or there is None:
            missing.append(schema)
    return Comparison(tuple(missing), tuple(differences))


def _canonical(text: str) -> str | None:
    """The canonical form of a registry's text; None where that is no schema that we can read."""
    try:
        parsed = fastavro.schema.parse_schema(json.loads(text), {})
        return str(fastavro.schema.to_parsing_canonical_form(parsed))
    except (ValueError, TypeError, LookupError, fastavro.schema.SchemaParseException):
        return None


def _name(text: str) -> str:
    """How to call what a registry holds: its full name, else its first characters."""
    try:
        return str(fastavro.schema.fullname(json.loads(text)))
    except (ValueError, TypeError, LookupError, fastavro.schema.SchemaParseException):
        return text[:40]
