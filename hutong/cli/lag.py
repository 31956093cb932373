"""`hutong lag`: how far the router and the projections are behind."""

import json
from typing import TYPE_CHECKING

import typer

from hutong.cli.database import opened
from hutong.cli.kafka import kafka_faults_said
from hutong.settings import read_settings

if TYPE_CHECKING:
    from hutong.kafka.lag import PartitionLag


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("lag")(lag)


def lag(
    as_json: bool = typer.Option(False, "--json", help="As JSON, every partition."),
    every: bool = typer.Option(False, "--all", help="Also partitions that hold nothing."),
    group: str = typer.Option(
        "router", envvar="HUTONG_ROUTER_GROUP", help="The router's consumer group."
    ),
) -> None:
    """Show, per partition, the end of the topic, where its reader stands, and the difference.

    The router stands at its group's committed offsets, the projections at theirs in PostgreSQL.
    """
    from hutong.city import load_city
    from hutong.events.topics import load_topics
    from hutong.kafka.lag import group_lag, log_lag
    from hutong.kafka.patience import patiently
    from hutong.replay.settings import LagSettings
    from hutong.store import read_offsets

    settings = read_settings(LagSettings)
    topics = [topic.name for topic in load_topics(load_city(settings.city).departments).routed]
    with opened(settings) as connection:
        positions = read_offsets(connection)
    access = settings.access.quietly()
    log = settings.projections_topic

    def ask(seconds: float) -> "list[PartitionLag]":
        return [
            *group_lag(access, topics, group, seconds=seconds),
            *log_lag(access, log, "projections", positions, seconds=seconds),
        ]

    with kafka_faults_said(access):
        found = patiently(ask)
    if as_json:
        typer.echo(json.dumps([_plain(line) for line in found], indent=2))
    else:
        _print(found, every)


def _plain(line: "PartitionLag") -> dict[str, object]:
    return {
        "topic": line.topic,
        "partition": line.partition,
        "reader": line.reader,
        "end": line.end,
        "position": line.position,
        "lag": line.lag,
    }


def _print(found: "list[PartitionLag]", every: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("topic", "partition", "reader", "end", "position", "lag"):
        table.add_column(name, justify="left" if name in ("topic", "reader") else "right")
    for line in found:
        if every or line.end > line.start:
            position = "–" if line.position is None else str(line.position)
            style = "yellow" if line.lag else None
            cells = (line.topic, str(line.partition), line.reader, str(line.end), position)
            table.add_row(*cells, str(line.lag), style=style)
    console = Console(highlight=False)
    console.print(table)
    for reader in dict.fromkeys(line.reader for line in found):
        behind = sum(line.lag for line in found if line.reader == reader)
        console.print(f"{reader}: {behind} to read")
