"""Numbered SQL files and the record of which were applied.

``migrations/0001_name.sql`` and so on, without holes. An applied file is never edited: its checksum
is kept, and a difference is refused. All files that are missing go in one transaction under an
advisory lock, so two `hutong migrate` at once do no harm.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

from psycopg import sql
from psycopg.errors import UndefinedTable

from hutong.store.connection import SCHEMA, Connection, connect

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
#: Any fixed number; only `migrate` takes this lock.
_LOCK = 4_711_020_261


class MigrationError(Exception):
    """Database and program do not fit each other; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def load_migrations() -> tuple[Migration, ...]:
    """The files of this program, in order; MigrationError when a number is missing or twice."""
    folder = files("hutong.store") / "migrations"
    found = sorted(
        (
            Migration(int(match[1]), file.name, file.read_text("utf-8"))
            for file in folder.iterdir()
            if (match := _NAME.fullmatch(file.name))
        ),
        key=lambda migration: migration.number,
    )
    for expected, migration in enumerate(found, 1):
        if migration.number != expected:
            raise MigrationError(f"expected migration {expected:04}, found {migration.name}")
    return tuple(found)


def migrate(url: str, *, schema: str = SCHEMA) -> tuple[str, ...]:
    """Bring the database to this program's version; the names of what was applied now."""
    wanted = load_migrations()
    with connect(url, schema=schema) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        _prepare(connection, schema)
        applied = _applied(connection)
        _compare(wanted, applied)
        missing = wanted[len(applied) :]
        for migration in missing:
            connection.execute(migration.text.encode())
            connection.execute(
                "INSERT INTO migration (number, name, checksum) VALUES (%s, %s, %s)",
                [migration.number, migration.name, migration.checksum],
            )
    return tuple(migration.name for migration in missing)


def require_migrated(connection: Connection) -> None:
    """Raise MigrationError, naming the command, unless the database is at this version."""
    wanted = load_migrations()
    try:
        with connection.transaction():  # also where the caller is in one already
            applied = _applied(connection)
    except UndefinedTable:
        applied = {}
    _compare(wanted, applied)
    if missing := [m.name for m in wanted if m.number not in applied]:
        raise MigrationError(
            f"the database lacks {', '.join(missing)}: run `hutong migrate`, then start again"
        )


def _prepare(connection: Connection, schema: str) -> None:
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL,"
        " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )


def _applied(connection: Connection) -> dict[int, tuple[str, str]]:
    rows = connection.execute("SELECT number, name, checksum FROM migration ORDER BY number")
    return {number: (name, checksum) for number, name, checksum in rows}


def _compare(wanted: tuple[Migration, ...], applied: dict[int, tuple[str, str]]) -> None:
    known = {migration.number: migration for migration in wanted}
    for number, (name, checksum) in applied.items():
        if number not in known:
            raise MigrationError(
                f"the database holds {name}, which this program does not know: "
                "it is older than the database; use the newer program"
            )
        if known[number].checksum != checksum:
            raise MigrationError(
                f"{name} was edited after it was applied to this database: "
                "put the file back as it was, and add a new one for the change"
            )
