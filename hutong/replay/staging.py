"""The copy that a replay makes: the schema `hutong_rebuild`, with tables like the live ones.

It holds its own offsets and the versions that it is made with, written in the transactions that
write its rows. So whatever stops a replay, what is there is whole, and another can go on from it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from psycopg import sql

from hutong.readmodels import Ground, ReadModel, Table
from hutong.readmodels.ground import PACK
from hutong.readmodels.projection import STATES, versions
from hutong.store import SCHEMA, Connection, connect, read_built, read_offsets, write_built
from hutong.store.migrations import load_migrations

STAGING: Final = "hutong_rebuild"
#: Any fixed number; held by the session while a replay writes there.
_LOCK: Final = 4_711_020_262
#: What a copy keeps besides rows.
_OWN: Final = ("projection_offset", "projection_built")
#: Counts up when a copy is laid out in another way.
_LAYOUT: Final = "2"


class RebuildRefusedError(Exception):
    """It cannot be done like this; the message says why and what to do."""


@contextmanager
def alone(live: Connection) -> Iterator[None]:
    """Nobody else writes to the schema until this connection is closed."""
    row = live.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    live.commit()
    if row is None or not row[0]:
        raise RebuildRefusedError("another rebuild is running on this database")
    yield


def staging(url: str) -> Connection:
    """A connection that finds the copy's tables by their plain names.

    A crash of the server may cost it the last transactions, rows and offsets together.
    """
    connection = connect(url, schema=STAGING)
    connection.execute("SET synchronous_commit TO off")
    connection.commit()
    return connection


def made_of(source: str, models: Sequence[ReadModel], ground: Ground) -> dict[str, str]:
    """What a copy is made of; with the same, another run gives the same rows."""
    return {
        "layout": _LAYOUT,
        "log": source,
        "models": json.dumps([model.name for model in models]),
        "migrations": str(len(load_migrations())),
        **versions(models),
        **ground.first,
        **ground.later,
    }


def why_not_go_on(live: Connection, made: Mapping[str, str], ends: Mapping[int, int]) -> str:
    """Why what is there cannot be gone on with, in words; '' when it can.

    Packs may have come meanwhile: they count from instants that no record had reached.
    """
    there = live.execute("SELECT to_regclass(%s)", [f"{STAGING}.projection_built"]).fetchone()
    if there is None or there[0] is None:
        live.commit()
        return f"nothing is kept in {STAGING}"
    live.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(STAGING)))
    kept, position = read_built(live), read_offsets(live)
    live.commit()
    later = {part for part in made if part.startswith(PACK)}
    if other := sorted(
        part for part in kept.keys() | (made.keys() - later) if kept.get(part) != made.get(part, "")
    ):
        return f"what is kept in {STAGING} was made with other {', '.join(other)}"
    if beyond := sorted(p for p, after in position.items() if after > ends.get(p, 0)):
        return f"what is kept in {STAGING} is further on in partition {beyond[0]}"
    return ""


def make_staging(live: Connection, models: Sequence[ReadModel], made: Mapping[str, str]) -> None:
    """Empty tables for these models, in place of whatever was there."""
    drop_staging(live)
    live.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(STAGING)))
    for name in (*_OWN, *(table.name for table in tables_of(models))):
        old, new = sql.Identifier(SCHEMA, name), sql.Identifier(STAGING, name)
        live.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(new, old))
        # LIKE copies columns, constraints and indexes, but not how full a page may be.
        row = live.execute(
            "SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [f"{SCHEMA}.{name}"]
        ).fetchone()
        for option in (row[0] if row else None) or ():
            key, _, value = option.partition("=")
            live.execute(
                sql.SQL("ALTER TABLE {} SET ({} = {})").format(
                    new, sql.Identifier(key), sql.Literal(int(value))
                )
            )
    live.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(STAGING)))
    write_built(live, made)
    _put_off_indexes(live)
    live.commit()


def _put_off_indexes(live: Connection) -> None:
    """Folding asks by primary key only. Other indexes are made in the end, at once, for a part of
    what they cost when every batch moves their rows."""
    live.execute("CREATE TABLE late_index (statement text NOT NULL)")
    found = live.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i"
        " JOIN pg_class AS c ON c.oid = i.indrelid"
        " WHERE c.relnamespace = %s::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)",
        [STAGING],
    ).fetchall()
    for name, statement in found:
        live.execute("INSERT INTO late_index VALUES (%s)", [statement])
        live.execute(f"DROP INDEX {name}".encode())


def add_indexes(connection: Connection) -> None:
    """Make the indexes of a copy that it lacks, and the statistics that queries are planned by."""
    for (statement,) in connection.execute("DELETE FROM late_index RETURNING statement").fetchall():
        connection.execute(statement.encode())
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace",
        [STAGING],
    ).fetchall()
    for (table,) in tables:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
    connection.commit()


def drop_staging(live: Connection) -> None:
    """Throw the copy away, if there is one."""
    live.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(STAGING)))
    live.commit()


def tables_of(models: Sequence[ReadModel]) -> list[Table]:
    """The tables of a copy: the states always, for they are folded on."""
    return [STATES, *(table for model in models for table in model.tables)]
