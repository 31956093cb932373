"""The Avro schemas and their ids, as the checked-in lock gives them."""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import fastavro.schema


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of one event: its id on the wire, Avro full name, parsed form for fastavro."""

    id: int
    name: str
    version: int
    parsed: Any
    raw: Mapping[str, Any]

    @property
    def label(self) -> str:
        """Name and version for messages, e.g. ``hutong.issue.IssueReported/1``."""
        return f"{self.name}/{self.version}"


class SchemaSet:
    """All schemas of the contract, by id and by name."""

    def __init__(self, schemas: Iterator[Schema]) -> None:
        self.by_id: dict[int, Schema] = {schema.id: schema for schema in schemas}
        self._latest: dict[str, Schema] = {}
        for schema in sorted(self.by_id.values(), key=lambda s: s.version):
            self._latest[schema.name] = schema

    def latest(self, name: str) -> Schema:
        """The newest version of the event with that Avro full name; KeyError when there is none."""
        return self._latest[name]

    @property
    def names(self) -> frozenset[str]:
        """Every Avro full name of the contract."""
        return frozenset(self._latest)


class LockError(Exception):
    """ids.lock and the .avsc files disagree: what, where, and what to do."""


@dataclass(frozen=True, slots=True)
class LockLine:
    """One line of ids.lock: ``id name version sha256-of-the-file``."""

    id: int
    name: str
    version: int
    digest: str

    def __str__(self) -> str:
        return f"{self.id} {self.name} {self.version} {self.digest}"


def schema_files(root: Traversable) -> Iterator[tuple[str, int, Traversable]]:
    """Every ``<context>/<EventName>/<n>.avsc`` as (full name, version, file), sorted."""
    for context in sorted((d for d in root.iterdir() if d.is_dir()), key=lambda d: d.name):
        for event in sorted((d for d in context.iterdir() if d.is_dir()), key=lambda d: d.name):
            avsc = [f for f in event.iterdir() if f.name.endswith(".avsc")]
            for file in sorted(avsc, key=lambda f: int(f.name.removesuffix(".avsc"))):
                name = f"hutong.{context.name}.{event.name}"
                yield name, int(file.name.removesuffix(".avsc")), file


def read_lock(text: str) -> list[LockLine]:
    """Parse ids.lock. Lines that start with # and empty lines are skipped."""
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split()
        if len(parts) != 4 or not parts[0].isdigit() or not parts[2].isdigit():
            raise LockError(
                f"ids.lock line {number}: expected 'id name version digest', got {line!r}"
            )
        lines.append(LockLine(int(parts[0]), parts[1], int(parts[2]), parts[3]))
    return lines


def digest_of(content: bytes) -> str:
    """What ids.lock holds for a schema file: SHA-256 of its bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


@functools.cache
def load_schemas() -> SchemaSet:
    """The contract that ships with this package; LockError where lock and files disagree."""
    return load_from(files("hutong_schemas"))


def load_from(root: Traversable) -> SchemaSet:
    """The contract in a folder."""
    lock = read_lock((root / "ids.lock").read_text("utf-8"))
    return SchemaSet(_load(root, {(line.name, line.version): line for line in lock}))


def _load(root: Traversable, locked: Mapping[tuple[str, int], LockLine]) -> Iterator[Schema]:
    for name, version, file in schema_files(root):
        content = file.read_bytes()
        line = locked.get((name, version))
        if line is None or line.digest != digest_of(content):
            why = "is not in ids.lock" if line is None else "differs from ids.lock"
            raise LockError(
                f"{name}/{version} {why}. A released schema is never edited: add a new version "
                "and run `python tools/lock_schemas.py`."
            )
        raw = json.loads(content)
        yield Schema(line.id, name, version, fastavro.schema.parse_schema(raw, {}), raw)
