"""`hutong migrate`: the database brought to this program's version."""

import typer

from hutong.settings import EXIT_FAILED, read_settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("migrate")(migrate)


def migrate() -> None:
    """Make or update our tables in PostgreSQL. Reads HUTONG_DATABASE_URL. Safe to run again."""
    from hutong.store import MigrationError
    from hutong.store import migrate as apply
    from hutong.store.settings import StoreSettings

    settings = read_settings(StoreSettings)
    try:
        applied = apply(settings.database_url.get_secret_value())
    except MigrationError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("the database is up to date")
