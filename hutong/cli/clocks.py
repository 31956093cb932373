"""`hutong clocks`: what is due, and outages of ours that are excused."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final
from zoneinfo import ZoneInfo

import typer

from hutong.cli.database import opened
from hutong.cli.ending import give_up
from hutong.cli.instant import instant_of
from hutong.cli.kafka import kafka_reached
from hutong.kafka.acls import PROCESSES
from hutong.settings import EXIT_USAGE, DatabaseSettings, read_settings

if TYPE_CHECKING:
    from hutong.events.lifecycle import DueRevised
    from hutong.issue.pack import Pack
    from hutong.kafka.send import OutRecord
    from hutong.promotions.packs import PackSince
    from hutong.readmodels.clock_due.queries import ClockRow
    from hutong.store import Connection

#: Issues that are looked at in one go.
_PAGE: Final = 500
_LONGEST_TEXT: Final = 1_000


class ClocksSettings(DatabaseSettings):
    """For excusing an outage: the event is the processes service's."""

    speaks_as: ClassVar[str] = PROCESSES


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    clocks = typer.Typer(no_args_is_help=True, help="What is due, and outages that are excused.")
    clocks.command("due")(due)
    clocks.command("excuse")(excuse)
    app.add_typer(clocks, name="clocks")


def due(
    before: str = typer.Option(
        "", help="Due before then, such as 2026-12-01T08:00 in the city's time; default: now."
    ),
    department: str = typer.Option("", help="Only of this department (`desk` is one here)."),
    limit: int = typer.Option(50, min=1, max=10_000, help="At most so many."),
    as_json: bool = typer.Option(False, "--json", help="As JSON; times in milliseconds UTC."),
) -> None:
    """List clocks that run and are due, the first due first.

    Examples:

      hutong clocks due

      hutong clocks due --before 2026-12-01T18:00 --department water-co
    """
    from hutong.city import load_city
    from hutong.readmodels.clock_due.queries import due_before
    from hutong.store.settings import StoreSettings

    settings = read_settings(StoreSettings)
    zone = ZoneInfo(load_city(settings.city).timezone)
    now = time.time_ns() // 1_000_000
    until = instant_of(before, zone, "--before") if before else now
    with opened(settings) as connection:
        rows = due_before(connection, until, limit=limit, department=department or None)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(_line(row, zone, now))
    if not rows:
        typer.echo("no clock that runs is due before then")
    elif len(rows) == limit:
        typer.echo(f"the first {limit}; more with --limit", err=True)


def excuse(
    start: str = typer.Option(..., "--from", help="When it began: 2026-12-01T08:00, city's time."),
    end: str = typer.Option(..., "--to", help="When it was over."),
    ground: str = typer.Option(..., help="What it was, in words that everybody may read."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Show what would move; write nothing."),
) -> None:
    """Excuse an outage of ours: clocks that ran during it are due later by as much.

    One event for each clock goes into the log and is shown on the case. A clock that was due before
    the outage, or was answered in time, gets nothing. The same outage twice changes nothing, and of
    two that overlap each instant counts once.

    Example:

      hutong clocks excuse --from 2026-12-01T08:00 --to 2026-12-01T09:30 --ground "收单服务中断"
    """
    from hutong.events.codec import default_codec
    from hutong.issue.rules import Rules
    from hutong.kafka.send import NotConfirmedError, send_confirmed
    from hutong.promotions import NoPackError
    from hutong.promotions.log import CityLog, CityLogError
    from hutong.promotions.packs import read_packs

    settings = read_settings(ClocksSettings)
    if not ground.strip() or len(ground) > _LONGEST_TEXT:
        give_up(f"--ground wants some words, at most {_LONGEST_TEXT} characters", EXIT_USAGE)
    access, codec = settings.access.quietly(), default_codec()
    now = time.time_ns() // 1_000_000
    try:
        with opened(settings) as connection, kafka_reached(access):
            packs = read_packs(CityLog(access), codec, lead_seconds=settings.city_lead_seconds)
            known = packs.known
            packs.close()
            zone = _zone(known, now)
            outage = _outage(start, end, zone, now)
            pack, moved = Rules.over(known).pack(now), 0
            for events in _excuses(connection, pack, outage, ground):
                for event in events:
                    typer.echo(f"{event.head.issue_id}  {_moved(event, zone)}")
                moved += len(events)
                if not dry_run:
                    send_confirmed(access, (_record(codec.encode(e), e) for e in events))
    except (CityLogError, NoPackError, NotConfirmedError) as error:
        give_up(str(error))
    typer.echo(f"{moved} due time{'s' * (moved != 1)} {'would move' if dry_run else 'moved'}")


def _excuses(
    connection: "Connection", pack: "Pack", outage: tuple[int, int], text: str
) -> "Iterator[list[DueRevised]]":
    """What moves, a page of issues at a time."""
    from hutong.issue.excuses import excuses
    from hutong.readmodels.clock_due.queries import ran_during
    from hutong.readmodels.projection import load_states

    after = ""
    while issues := ran_during(connection, *outage, limit=_PAGE, after=after):
        states = load_states(connection, issues)
        yield [e for issue_id in issues for e in excuses(states[issue_id], pack, outage, text)]
        after = issues[-1]


def _record(value: bytes, event: "DueRevised") -> "OutRecord":
    from hutong.events.headers import CE_TYPE
    from hutong.events.topics import CLOCK
    from hutong.kafka.send import OutRecord

    return OutRecord(CLOCK, event.head.issue_id.encode(), value, {CE_TYPE: event.avro_name})


def _outage(start: str, end: str, zone: ZoneInfo, now: int) -> tuple[int, int]:
    outage = instant_of(start, zone, "--from"), instant_of(end, zone, "--to")
    if outage[0] >= outage[1]:
        give_up(f"--to {end} is not after --from {start}", EXIT_USAGE)
    if outage[1] > now:
        give_up(f"--to {end} lies ahead: excuse an outage when it is over", EXIT_USAGE)
    return outage


def _zone(known: "tuple[PackSince, ...]", now: int) -> ZoneInfo:
    """The city's time by the pack in force."""
    return ZoneInfo([city for since, city in known if since <= now][-1].timezone)


def _line(row: "ClockRow", zone: ZoneInfo, now: int) -> str:
    mark = "overdue" if row.due_at < now else ""
    facts = (row.level and f"told: {row.level}", row.provisional and "provisional")
    words = "  ".join(word for word in (mark, *facts) if word)
    line = f"{_minute(row.due_at, zone)}  {row.clock:12} {row.department:18} {row.issue_id}"
    return f"{line}  {words}".rstrip()


def _moved(event: "DueRevised", zone: ZoneInfo) -> str:
    return f"{event.clock:12} due {_minute(event.due_at, zone)}"


def _minute(millis: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(millis / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M}"
