"""`hutong topics`: the topic catalogue of this city, and its topics on the broker."""

import json
from pathlib import Path

import typer

from hutong.settings import EXIT_FAILED, Settings, read_settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    topics = typer.Typer(
        invoke_without_command=True, help="Show or create the topics of this city."
    )
    topics.callback()(show)
    topics.command("create")(create)
    app.add_typer(topics, name="topics")


def show(
    context: typer.Context,
    city: Path | None = typer.Option(
        None, envvar="HUTONG_CITY", help="City pack; default built in."
    ),
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """Who writes what, who reads it, and which events may be on it."""
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Table

    from hutong.city import load_city
    from hutong.events.topics import load_topics

    catalogue = list(load_topics(load_city(city).departments))
    if as_json:
        rows = [
            {
                "name": t.name,
                "key": t.key,
                "partitions": t.partitions,
                "writer": t.writer,
                "readers": list(t.readers),
                "received": t.received,
                "events": sorted(t.events),
            }
            for t in catalogue
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("topic", "partitions", "writer", "readers", "received", "events", box=None)
    for t in catalogue:
        events = ", ".join(sorted(name.removeprefix("hutong.") for name in t.events)) or "raw bytes"
        table.add_row(t.name, str(t.partitions), t.writer, ", ".join(t.readers), t.received, events)
    Console().print(table)


def create() -> None:
    """Create the missing topics; refuse where existing ones contradict the catalogue.

    Reads HUTONG_KAFKA and HUTONG_CITY. Safe to run again.
    """
    from hutong.city import load_city
    from hutong.events.topics import load_topics
    from hutong.kafka.admin import TopicsError, create_topics

    settings = read_settings(Settings)
    try:
        report = create_topics(settings.kafka, load_topics(load_city(settings.city).departments))
    except TopicsError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(
        f"{len(report.created)} topics created, {report.present} were there, "
        f"{report.copies} {'copy' if report.copies == 1 else 'copies'} of each record"
    )
