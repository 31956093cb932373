"""The database for commands that read it, its faults as plain messages."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from hutong.cli.environment import no_stack_hint
from hutong.settings import EXIT_FAILED

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.settings import DatabaseSettings
    from hutong.store import Connection


@contextmanager
def opened(settings: "DatabaseSettings") -> "Iterator[Connection]":
    """A connection to a database of this program's version; ends the command when there is none."""
    from hutong.store import MigrationError, OperationalError, connect, require_migrated

    try:
        connection = connect(settings.database_url.get_secret_value())
    except OperationalError as error:
        reason = str(error).partition("\n")[0]
        hint = no_stack_hint("HUTONG_DATABASE_URL")
        typer.echo(
            f"hutong: the database does not answer: {reason}{hint and f'; {hint}'}", err=True
        )
        raise typer.Exit(EXIT_FAILED) from None
    with connection:
        try:
            require_migrated(connection)
        except MigrationError as error:
            typer.echo(f"hutong: {error}", err=True)
            raise typer.Exit(EXIT_FAILED) from None
        yield connection


def city_in_force(connection: "Connection", settings: "DatabaseSettings") -> "City":
    """The pack in force as projections know it; HUTONG_CITY's while they know none."""
    from hutong.city import load_city
    from hutong.store import kept_pack

    with connection.transaction():
        kept = kept_pack(connection, time.time_ns() // 1_000_000)
    return load_city(settings.city) if kept is None else kept.city()
