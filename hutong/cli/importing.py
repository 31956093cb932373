"""`hutong import`: history from a file into a running stack."""

from pathlib import Path
from typing import ClassVar

import typer

from hutong.cli.kafka import kafka_reached
from hutong.settings import EXIT_FAILED, EXIT_USAGE, Settings, read_settings

_SHOWN = 10


class ImportSettings(Settings):
    """Settings of the importer."""

    speaks_as: ClassVar[str] = "importer"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import")(import_file)


def import_file(
    file: Path = typer.Argument(help="CSV or CSV.gz: message_id, submitted_at, subject, body."),
) -> None:
    """Send a file of messages through the import topic, each with its own time.

    They are marked imported wherever they show. Importing the same file again changes nothing.
    Rows that cannot be used are listed with their line, and the others go in.
    """
    from hutong.importer.messages import MessagesError, read_messages
    from hutong.importer.send import import_messages
    from hutong.kafka.send import NotConfirmedError

    access = read_settings(ImportSettings).access.quietly()
    try:
        with kafka_reached(access):
            report = import_messages(access, read_messages(file))
    except MessagesError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except NotConfirmedError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(
        f"{len(report.issue_ids)} reports sent and confirmed, {len(report.bad)} rows refused"
    )
    for row in report.bad[:_SHOWN]:
        typer.echo(f"  line {row.line}: {row.reason}", err=True)
    if len(report.bad) > _SHOWN:
        typer.echo(f"  and {len(report.bad) - _SHOWN} more", err=True)
    if report.bad:
        raise typer.Exit(EXIT_FAILED)
