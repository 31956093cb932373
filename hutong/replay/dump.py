"""States and read models as canonical files: the same rows are the same bytes, wherever made.

docs/fold.md says the format, for whoever makes the same rows with a program of his own.
"""

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from psycopg import sql

from hutong.readmodels import Ground, ReadModel, Table
from hutong.readmodels.ground import PACK
from hutong.readmodels.projection import versions
from hutong.replay.copy import How, open_copy
from hutong.replay.rebuild import chosen_models
from hutong.replay.source import Source
from hutong.replay.staging import alone, drop_staging, tables_of
from hutong.store import (
    Connection,
    connect,
    one_moment,
    read_built,
    read_offsets,
    require_migrated,
)

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
#: Rows that are fetched at a time.
_ROWS: Final = 5_000


class DumpRefusedError(Exception):
    """It cannot be done like this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Dumped:
    """A dump: where it stands, what it was made with, and table -> (rows, SHA-256 of its file).

    Nothing in it but the log and the versions decides what it is, so equal dumps are equal bytes.
    """

    offsets: Mapping[int, int]
    made_with: Mapping[str, str]
    tables: Mapping[str, tuple[int, str]]

    def to_json(self) -> str:
        """The text of manifest.json."""
        return (
            canonical(
                {
                    "format": FORMAT,
                    "made_with": self.made_with,
                    "offsets": {str(p): after for p, after in self.offsets.items() if after},
                    "tables": {
                        name: {"rows": rows, "sha256": digest}
                        for name, (rows, digest) in self.tables.items()
                    },
                }
            )
            + "\n"
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest, and so of all."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def dump_live(url: str, folder: Path, *, models: Sequence[str] | None = None) -> Dumped:
    """Write the live rows, all of one moment, into a folder that is not there yet.

    Raises DumpRefusedError, RebuildRefusedError, MigrationError, OSError.
    """
    chosen = chosen_models(models)
    with _new(folder) as half, connect(url) as live, one_moment(live):
        require_migrated(live)
        return _write(live, chosen, half)


def dump_log(
    url: str,
    source: Source,
    ground: Callable[[], Ground],
    folder: Path,
    *,
    models: Sequence[str] | None = None,
    to: Mapping[int, int] | None = None,
    how: How | None = None,
) -> Dumped:
    """Write the rows that the log gives up to before the offsets ``to``: all that it has now, by
    itself. Live rows are not looked at; the database lends its tables' form and its room.

    Raises DumpRefusedError, RebuildRefusedError, RangeMissingError, UnreadableError,
    MigrationError, WorkerFailedError, OSError. Whatever is raised, the copy is kept for a run that
    resumes.
    """
    chosen = chosen_models(models)
    now = source.ends()
    ends = now if to is None else _within(to, now)
    source.require(ends)
    with _new(folder) as half, connect(url) as live, alone(live):
        require_migrated(live)
        with open_copy(url, live, source, ground, chosen, ends, how or How()) as copy:
            copy.fold_to(ends)
            found = _write(copy.connection, chosen, half)
            copy.connection.commit()
        drop_staging(live)
    return found


def parse_offsets(text: str) -> dict[int, int]:
    """``0:120,1:98``: partition -> offset before which to stop. DumpRefusedError."""
    try:
        pairs = [part.split(":") for part in text.split(",")]
        found = {int(partition): int(after) for partition, after in pairs}
    except ValueError as error:
        raise DumpRefusedError(
            f"--to wants PARTITION:OFFSET pairs such as 0:120,1:98, not {text!r}"
        ) from error
    if len(found) < len(pairs):
        raise DumpRefusedError(f"--to {text} names a partition twice")
    return found


def _within(to: Mapping[int, int], now: Mapping[int, int]) -> dict[int, int]:
    """The wanted ends, where the log has them; a partition that is not named is not read."""
    for partition, after in sorted(to.items()):
        if partition not in now:
            raise DumpRefusedError(f"there is no partition {partition}: there are {_valid(now)}")
        if not 0 <= after <= now[partition]:
            raise DumpRefusedError(
                f"partition {partition} has no offset {after} to stop before: "
                f"the log has {_valid(now)}"
            )
    if not any(to.values()):
        raise DumpRefusedError(f"--to names an empty range: the log has {_valid(now)}")
    return dict(to)


def _valid(now: Mapping[int, int]) -> str:
    return ", ".join(
        f"{partition}:0 to {partition}:{end}" for partition, end in sorted(now.items())
    )


@contextmanager
def _new(folder: Path) -> Iterator[Path]:
    """A folder beside it that gets its name when all is written; else nothing is left of it."""
    if folder.exists():
        raise DumpRefusedError(f"{folder} is there already: name a new folder")
    half = folder.with_name(f"{folder.name}.part-{secrets.token_hex(4)}")
    try:
        half.mkdir(parents=True)
        yield half
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _write(connection: Connection, models: Sequence[ReadModel], half: Path) -> Dumped:
    """The rows that plain table names mean on this connection, in its transaction."""
    built, ours = read_built(connection), versions(models)
    found = Dumped(
        offsets=read_offsets(connection),
        made_with={
            part: version
            for part, version in built.items()
            if part in ours or part.startswith(PACK)
        },
        tables={
            table.name: _write_table(connection, table, half / f"{table.name}.ndjson")
            for table in tables_of(models)
        },
    )
    (half / MANIFEST).write_text(found.to_json(), "utf-8", newline="\n")
    return found


def _write_table(connection: Connection, table: Table, file: Path) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    with file.open("wb") as out:
        for row in _rows(connection, table):
            line = line_of(table, row)
            digest.update(line)
            out.write(line)
            count += 1
    return count, digest.hexdigest()


def line_of(table: Table, row: Sequence[Any]) -> bytes:
    """A row as it stands in a dump. Whether a -0.0 lost its sign depends on whether the state was
    read back between two batches, so every one loses it."""
    plain = [value + 0.0 if isinstance(value, float) else value for value in row]
    return canonical(dict(zip(table.columns, plain, strict=True))).encode() + b"\n"


def _rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """By key: numbers by value, texts by code point, whatever the database sorts like."""
    order = [
        sql.SQL('{} COLLATE "C"' if kind == "text" else "{}").format(sql.Identifier(name))
        for name, kind in table.key.items()
    ]
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.Identifier(table.name),
        sql.SQL(", ").join(order),
    )
    with connection.cursor(name=f"dump_{table.name}") as cursor:
        cursor.itersize = _ROWS
        cursor.execute(query)
        yield from cursor


def canonical(value: object) -> str:
    """JSON with sorted names, no spaces, and only `"`, `\\` and control characters escaped."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
