"""Collects what the rules of `hutong.checks` look at from PostgreSQL. Asks only."""

import ipaddress

import psycopg
from psycopg.errors import InsufficientPrivilege

from hutong.checks.facts import PostgresFacts
from hutong.store.connection import connect
from hutong.store.migrations import MigrationError, require_migrated
from hutong.store.offsets import read_offsets
from hutong.store.reading import DatabaseDownError

_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")


def read_facts(url: str) -> PostgresFacts:
    """The server, our role there, and whether our tables fit. Raises DatabaseDownError."""
    try:
        connection = connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseDownError(str(error)) from error
    with connection:
        settings: dict[str, str] = dict(
            connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_SETTINGS)]
            ).fetchall()
        )
        row = connection.execute(
            "SELECT current_user, rolsuper, pg_database_size(current_database()),"
            " (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row is not None  # everybody is in pg_roles
        ssl = connection.execute(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
        try:
            require_migrated(connection)
            problem = ""
        except MigrationError as error:
            problem = str(error)
        return PostgresFacts(
            version=connection.info.server_version,
            settings=settings,
            role=row[0],
            superuser=row[1],
            encrypted=bool(ssl and ssl[0]),
            loopback=_is_loopback(connection.info),
            database_bytes=row[2],
            clock=row[3],
            data_directory=_data_directory(connection),
            problem=problem,
        )


def read_standing(url: str) -> dict[int, int]:
    """Where the live projections stand: partition -> next offset of `issues`."""
    with connect(url, autocommit=True) as connection:
        return read_offsets(connection)


def _is_loopback(info: psycopg.ConnectionInfo) -> bool:
    """Whether the connection stays on this machine; an empty address is a Unix socket."""
    try:
        return not info.hostaddr or ipaddress.ip_address(info.hostaddr).is_loopback
    except psycopg.OperationalError:
        return False


def _data_directory(connection: "psycopg.Connection[tuple[object, ...]]") -> str:
    try:
        row = connection.execute("SHOW data_directory").fetchone()
    except InsufficientPrivilege:
        return ""
    return str(row[0]) if row else ""
