"""`hutong city promote` and `hutong city show --in-force`: the packs on the topic `city`."""

import getpass
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

import typer

from hutong.cli.ending import give_up
from hutong.cli.instant import instant_of
from hutong.cli.kafka import kafka_reached
from hutong.kafka.acls import ADMINISTRATOR
from hutong.settings import EXIT_USAGE, Settings, read_settings

if TYPE_CHECKING:
    from rich.table import Table

    from hutong.city import City
    from hutong.promotions import Promotion, Timeline


class AdministratorSettings(Settings):
    """For promoting packs."""

    speaks_as: ClassVar[str] = ADMINISTRATOR


def promote(
    folder: Path = typer.Argument(help="The city pack: a folder."),
    at: str = typer.Option(
        "", "--at", help="When, such as 2026-12-01T08:00 in the city's time; default: now."
    ),
    name: str = typer.Option("", help="What people call it; default: the city's name."),
    actor: str = typer.Option("", help="Who promotes it; default: the user of this machine."),
) -> None:
    """Put a city pack into force: routers take it up at its time, without a restart.

    A pack with a fault is refused. It takes effect at the time given, but not before a minute from
    now. Topics of new departments are made first; where we may not make them, nothing is promoted.

    Examples:

      hutong city promote packs/2026-12

      hutong city promote packs/2026-12 --at 2026-12-01T00:00
    """
    from hutong.city import CityError, city_from_files, read_pack
    from hutong.city.archive import ArchiveError
    from hutong.events.codec import default_codec
    from hutong.kafka.admin import TopicsError
    from hutong.kafka.send import NotConfirmedError
    from hutong.promotions import promote as promotions
    from hutong.promotions.log import CityLogError, read_timeline

    settings = read_settings(AdministratorSettings)
    try:
        files = read_pack(folder)
        city = city_from_files(files)
    except CityError as error:
        for fault in error.faults:
            typer.echo(f"{folder / fault.file}:{fault.line}: {fault.message}", err=True)
        give_up("a pack with faults is not promoted")
    now = _now()
    effective_at = _instant(at, city.timezone, now)
    codec = default_codec()
    access = settings.access.quietly()
    try:
        with kafka_reached(access):
            before = read_timeline(access, codec, settings.city_lead_ms)
            _make_topics(settings, city, before)
            written, since = promotions.promote(
                access,
                codec,
                files,
                actor=actor or f"administrator:{getpass.getuser()}",
                effective_at=effective_at,
                lead_ms=settings.city_lead_ms,
                now=now,
                name=name,
            )
    except (ArchiveError, CityLogError, TopicsError, NotConfirmedError) as error:
        give_up(str(error))
    typer.echo(f"{written.pack}\nin force from {_local(since, city.timezone)}")


def print_in_force(as_json: bool) -> None:
    """The promotions on `city`, and which of them is in force now."""
    from hutong.events.codec import default_codec
    from hutong.promotions import NoPackError
    from hutong.promotions.log import CityLogError, pack_in_force, read_timeline

    settings = read_settings(AdministratorSettings)
    access = settings.access.quietly()
    try:
        with kafka_reached(access):
            timeline = read_timeline(access, default_codec(), settings.city_lead_ms)
        current, city = pack_in_force(timeline, _now())
    except (NoPackError, CityLogError) as error:
        give_up(str(error))
    rows = [
        {
            "offset": promotion.offset,
            "pack": promotion.pack,
            "name": promotion.name,
            "actor": promotion.actor,
            "in_force_from": _local(timeline.since(promotion), city.timezone),
            "state": _state(timeline, promotion, current),
        }
        for promotion in timeline
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_table(timeline, current, city.timezone))
    console.print(
        f"\n{city.name_zh} · {city.name_en} · {city.timezone}\n{city.hash}", soft_wrap=True
    )


def _table(timeline: "Timeline", current: "Promotion", timezone: str) -> "Table":
    """For 80 columns: times to the minute, names and actors over more lines rather than cut."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for header, whole in (("", True), ("pack", True), ("in force from", True)):
        table.add_column(header, no_wrap=whole)
    for header in ("name", "promoted by"):
        table.add_column(header, overflow="fold")
    for promotion in timeline:
        state = _state(timeline, promotion, current)
        table.add_row(
            state,
            promotion.pack[:19],
            _minute(timeline.since(promotion), timezone),
            promotion.name,
            promotion.actor,
            style="bold" if state == "in force" else None,
        )
    return table


def ensure_base(settings: Settings, city: "City") -> None:
    """Promote HUTONG_CITY's pack where none was ever promoted; say when it is not in force."""
    from hutong.city import read_pack
    from hutong.events.codec import default_codec
    from hutong.promotions import NoPackError
    from hutong.promotions.log import pack_in_force, read_timeline
    from hutong.promotions.promote import promote_base

    codec, lead_ms, now = default_codec(), settings.city_lead_ms, _now()
    files = read_pack(settings.city)
    if promote_base(settings.access.quietly(), codec, files, lead_ms=lead_ms, now=now) is not None:
        typer.echo(f"promoted the first city pack: {city.hash}")
        return
    try:
        current, _ = pack_in_force(read_timeline(settings.access.quietly(), codec, lead_ms), now)
    except NoPackError as error:
        give_up(str(error))
    if current.pack != city.hash:
        where = settings.city or "the built-in folder"
        typer.echo(
            f"routers use the pack {current.pack[:19]}, not {city.hash[:19]} of {where}: "
            "`hutong city promote` changes that"
        )


def _make_topics(settings: Settings, city: "City", before: "Timeline") -> None:
    """Topics of departments that no pack had so far. TopicsError where we may not make them."""
    from hutong.city.archive import read_departments
    from hutong.events.topics import load_topics
    from hutong.kafka.admin import TopicsError, create_topics

    known = {code for promotion in before for code in read_departments(promotion.archive)}
    new = sorted(city.departments.keys() - known)
    if not new:
        return
    common = {topic.name for topic in load_topics(())}
    topics = [topic for topic in load_topics(new) if topic.name not in common]
    try:
        report = create_topics(settings.access.quietly(), topics)
    except TopicsError as error:
        raise TopicsError(
            f"nothing was promoted: {', '.join(new)} need topics first: run `hutong topics create`"
            f" with HUTONG_CITY set to this pack ({error})"
        ) from error
    for made in report.created:
        typer.echo(f"created {made}")


def _state(timeline: "Timeline", promotion: "Promotion", current: "Promotion") -> str:
    if promotion == current:
        return "in force"
    return "to come" if timeline.since(promotion) > _now() else "was"


def _instant(text: str, timezone: str, now: int) -> int:
    if not text:
        return now
    found = instant_of(text, ZoneInfo(timezone), "--at")
    if found < now:
        give_up(f"--at {text} is over: what was received then was routed then", EXIT_USAGE)
    return found


def _local(millis: int, timezone: str) -> str:
    moment = datetime.fromtimestamp(millis / 1000, UTC).astimezone(ZoneInfo(timezone))
    return f"{moment:%Y-%m-%d %H:%M:%S} {timezone}"


def _minute(millis: int, timezone: str) -> str:
    moment = datetime.fromtimestamp(millis / 1000, UTC).astimezone(ZoneInfo(timezone))
    return f"{moment:%Y-%m-%d %H:%M}"


def _now() -> int:
    return time.time_ns() // 1_000_000
