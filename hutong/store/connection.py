"""Connections to PostgreSQL."""

from typing import TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

#: The PostgreSQL schema that holds everything of ours.
SCHEMA = "hutong"

#: Classes of SQLSTATE that pass: connection, rollback (deadlock), resources, in use, shutdown, I/O.
_PASSING = frozenset({"08", "40", "53", "55", "57", "58"})

Connection: TypeAlias = psycopg.Connection[TupleRow]

#: A server that went away without a word is noticed after 10 + 3 * 5 s instead of two hours.
_LIVELY: dict[str, str | int | None] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "application_name": "hutong",
}


def connect(url: str, *, schema: str = SCHEMA, autocommit: bool = False) -> Connection:
    """A connection that finds our tables by their plain names.

    Raises psycopg.OperationalError when there is no server, or it does not let us in.
    """
    connection = psycopg.connect(make_conninfo(url, **_LIVELY), autocommit=autocommit)
    use_schema(connection, schema)
    return connection


def use_schema(connection: Connection, schema: str = SCHEMA) -> None:
    """Make plain table names mean those of this schema, for as long as the connection lives."""
    connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
    if not connection.autocommit:
        connection.commit()


def passes(error: psycopg.Error) -> bool:
    """Whether waiting can help: the server went away, is full or busy, or undid a deadlock."""
    return error.sqlstate is None or error.sqlstate[:2] in _PASSING


def pool(url: str, *, max_size: int = 8) -> ConnectionPool[Connection]:
    """A pool of such connections, still closed: open it with ``with`` or ``.open()``.

    It connects when first asked, so a service starts while PostgreSQL is down; `connection()` then
    raises psycopg_pool.PoolTimeout after 3 s.
    """
    return ConnectionPool(
        make_conninfo(url, **_LIVELY),
        connection_class=psycopg.Connection[TupleRow],
        min_size=0,
        max_size=max_size,
        timeout=3.0,
        # Give up one attempt early: its back-off would keep pages down long after the server is up.
        reconnect_timeout=3.0,
        configure=use_schema,
        check=ConnectionPool.check_connection,
        open=False,
    )
