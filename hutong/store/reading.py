"""Reading for pages and APIs: one consistent view, never long, and one error for "not now"."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.errors import UndefinedColumn, UndefinedTable
from psycopg_pool import ConnectionPool

from hutong.store.connection import Connection
from hutong.store.migrations import MigrationError, require_migrated

#: A page that takes longer is of no use to the person who waits for it.
STATEMENT_TIMEOUT_MS = 5_000


class DatabaseDownError(Exception):
    """PostgreSQL does not answer, or not in time. Try again later."""


@contextmanager
def snapshot(pool: ConnectionPool[Connection]) -> Iterator[Connection]:
    """A connection in a read-only transaction that sees one moment throughout.

    Raises DatabaseDownError when there is no answer, and MigrationError when tables of this
    program are missing.
    """
    with _errors(), pool.connection() as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS:d}")
        yield connection


def check_readable(pool: ConnectionPool[Connection]) -> None:
    """Raise DatabaseDownError or MigrationError unless this program can read the database now."""
    with _errors(), pool.connection() as connection:
        require_migrated(connection)


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except (UndefinedTable, UndefinedColumn) as error:
        raise MigrationError(
            "the database lacks tables of this program: run `hutong migrate`"
        ) from error
    except psycopg.OperationalError as error:  # PoolTimeout and QueryCanceled are kinds of it
        raise DatabaseDownError(str(error)) from error
