"""`hutong media sweep`: removes photos that no event names."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from hutong.cli.database import opened
from hutong.cli.ending import give_up
from hutong.cli.kafka import kafka_faults_said
from hutong.settings import EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.kafka.lag import PartitionLag
    from hutong.media.settings import SweepSettings

#: How long the readers get to reach where the log ended when the sweep began.
_CATCH_UP_SECONDS = 30.0
_LOOK_EVERY = 0.5


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    media = typer.Typer(no_args_is_help=True, help="Photos: remove those that no event names.")
    media.callback()(_group)
    media.command("sweep")(sweep)
    app.add_typer(media, name="media")


def _group() -> None:
    """Photos: remove those that no event names."""


def sweep(
    remove: bool = typer.Option(False, "--remove", help="Remove them; else they are only listed."),
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
    group: str = typer.Option(
        "router", envvar="HUTONG_ROUTER_GROUP", help="The router's consumer group."
    ),
) -> None:
    """List (or remove) photos that no event has named an hour after they were sent.

    Nothing is listed while the router or the read models are behind: what they have not read may
    name a photo.

    Examples:

      hutong media sweep

      hutong media sweep --remove
    """
    from hutong.media import MediaDownError
    from hutong.media.settings import SweepSettings
    from hutong.media.sweep import HOUR_MS, orphans
    from hutong.readmodels.issue_timeline.queries import files_named

    settings = read_settings(SweepSettings)
    store = settings.media
    if store is None:
        give_up("no store of photos is named: set HUTONG_MEDIA_DIR", EXIT_USAGE)
    now = time.time_ns() // 1_000_000
    with opened(settings) as connection:
        _require_all_read(settings, group)
        found, removed = [], 0
        try:
            for file in orphans(store, lambda names: files_named(connection, names), now):
                found.append(file.sha256)
                removed += remove and store.remove(file.sha256, now - HOUR_MS)
        except MediaDownError as error:
            give_up(f"the store of photos does not answer: {error}")
    if as_json:
        typer.echo(json.dumps({"unnamed": found, "removed": removed}, indent=2))
        return
    for sha256 in found:
        typer.echo(sha256)
    said = f"{removed} removed" if remove else "nothing removed (--remove does it)"
    typer.echo(f"{len(found)} photos that no event names; {said}.", err=True)


def _require_all_read(settings: "SweepSettings", group: str) -> None:
    """End the command unless the router, and then the read models, have read to the ends of now."""
    from hutong.city import load_city
    from hutong.events.topics import load_topics
    from hutong.kafka.lag import group_lag, log_lag
    from hutong.store import connect, read_offsets

    access = settings.access.quietly()
    topics = [topic.name for topic in load_topics(load_city(settings.city).departments).routed]

    def projections() -> "list[PartitionLag]":
        with connect(settings.database_url.get_secret_value(), autocommit=True) as fresh:
            positions = read_offsets(fresh)
        return log_lag(access, settings.projections_topic, "projections", positions)

    with kafka_faults_said(access):
        for reader, ask in (
            ("the router", lambda: group_lag(access, topics, group)),
            ("the read models", projections),
        ):
            if behind := still_behind(ask, _CATCH_UP_SECONDS):
                give_up(
                    f"{reader} are behind by {behind} records, which may name photos: try later"
                )


def still_behind(ask: "Callable[[], list[PartitionLag]]", seconds: float) -> int:
    """Records before the ends of now that are still unread after so many seconds."""
    found = ask()
    ends = {(line.topic, line.partition): line.end for line in found}
    until = time.monotonic() + seconds
    while True:
        behind = sum(
            max(0, ends[line.topic, line.partition] - _position(line))
            for line in found
            if (line.topic, line.partition) in ends
        )
        if not behind or time.monotonic() > until:
            return behind
        time.sleep(_LOOK_EVERY)
        found = ask()


def _position(line: "PartitionLag") -> int:
    return line.start if line.position is None else line.position
