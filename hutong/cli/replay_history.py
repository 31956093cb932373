"""`hutong replay trace` and `as-of --issue`: one issue straight from the log, by no read model."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import typer

from hutong.cli.ending import give_up
from hutong.cli.instant import instant_of
from hutong.cli.replay_source import ARCHIVE, reading
from hutong.settings import EXIT_USAGE

if TYPE_CHECKING:
    from hutong.issue.record import Record
    from hutong.readmodels import Ground, ReadModel
    from hutong.readmodels.clock_due.queries import ClockRow
    from hutong.readmodels.issue_current.queries import IssueCurrent
    from hutong.readmodels.issue_timeline.queries import TimelineEntry
    from hutong.replay.history import History, Link

_R = TypeVar("_R")
_WHICH = typer.Argument(metavar="RECEIPT|ISSUE_ID", help="E.g. 02-07-00128431-5.")


def register(replay: typer.Typer) -> None:
    """Add the commands of this module to `hutong replay`."""
    replay.command("trace")(trace)


def trace(
    which: str = _WHICH,
    archive: str | None = ARCHIVE,
    as_json: bool = typer.Option(False, "--json", help="As JSON; times in milliseconds UTC."),
) -> None:
    """Print the whole chain of an issue from the log: every record, repeats and refusals included.

    For each its place in the log and that of its input, the three times, ids, who wrote it, by
    which rules, pack and model, what it answers, and the verdict. PostgreSQL is not asked.

    Exit code 0: found. 1: no such issue, or a record that cannot be read. 2: refused.
    """
    from hutong.replay.history import history

    with _asked(which, archive) as asked:
        found = history(asked.records, asked.ground.rules)
        if as_json:
            typer.echo(json.dumps([plain(link) for link in found.links], ensure_ascii=False))
            return
        from rich.console import Console

        from hutong.cli.trace_view import print_trace

        print_trace(Console(highlight=False), found, asked.zone)


def issue_as_of(time: str, which: str, archive: str | None, *, as_json: bool) -> None:
    """Show an issue as it was recorded at a time: as `hutong issue show` would have shown it."""
    from hutong.replay.history import history

    with _asked(which, archive, time) as asked:
        found = rows(history(asked.records, asked.ground.rules), asked.ground)
        if as_json:
            shown = {
                "issue": asdict(found.issue) if found.issue else None,
                "clocks": [asdict(clock) for clock in found.clocks],
                "timeline": [asdict(entry) for entry in found.timeline],
            }
            typer.echo(json.dumps(shown, ensure_ascii=False))
            return
        from rich.console import Console

        from hutong.cli.as_of_view import as_of_line
        from hutong.cli.issue_view import print_issue

        console = Console(highlight=False)
        console.print(as_of_line(instant_of(time, asked.zone, "TIME"), asked.zone, 1))
        print_issue(console, *found, asked.zone)


class _Asked(NamedTuple):
    """One issue's records in the log's order, what they stand on, and the city's time zone."""

    records: "list[Record]"
    ground: "Ground"
    zone: ZoneInfo


@contextmanager
def _asked(which: str, archive: str | None, time: str | None = None) -> Iterator[_Asked]:
    """All that the log has of the issue, or what it had at the time."""
    from hutong.readmodels import Ground
    from hutong.replay.find import NoSuchReceiptError, find_records

    with reading(archive) as (source, packs):
        zone = ZoneInfo(packs.known[-1].city.timezone)
        if time is None:
            ends, nothing = source.ends(), f"no issue {which} in the log"
        else:
            ends = source.ends_at(instant_of(time, zone, "TIME"))
            nothing = f"the log had nothing of {which} at {time}"
        try:
            records = find_records(source, which, ends)
        except NoSuchReceiptError as error:
            give_up(str(error), EXIT_USAGE)
        if not records:
            give_up(nothing)
        yield _Asked(records, Ground.over(packs.known), zone)


class Rows(NamedTuple):
    """One issue as the read models would show it."""

    issue: "IssueCurrent | None"
    clocks: "list[ClockRow]"
    timeline: "list[TimelineEntry]"


def plain(link: "Link") -> dict[str, Any]:
    """All that is known of one record, as plain values; without who reported it."""
    record = link.record
    head = record.body["head"]
    return {
        "place": f"issues/{record.partition}/{record.offset}",
        "source": str(record.source),
        "redriven": record.redriven or None,
        "name": record.name,
        "event_id": record.event_id,
        "answers": record.causation_id,
        "principal": record.principal,
        "actor": head["actor"],
        "origin": record.origin,
        "occurred_at": record.occurred_at,
        "received_at": record.received_at,
        "recorded_at": record.recorded_at,
        "counts_at": record.counts_at,
        "rules": record.rules,
        "pack": record.body.get("pack"),
        "model": record.body.get("model"),
        "verdict": link.outcome,
        "reason": link.reason,
        "detail": link.detail,
        "judged_at": f"issues/{record.partition}/{link.judged_at}",
    }


def rows(found: "History", ground: "Ground") -> Rows:
    """The rows that the read models would hold."""
    from hutong.readmodels import clock_due, issue_current, issue_timeline
    from hutong.readmodels.clock_due.queries import ClockRow
    from hutong.readmodels.issue_current.queries import IssueCurrent
    from hutong.readmodels.issue_timeline.queries import TimelineEntry

    def made(model: "ReadModel", kind: Callable[..., _R]) -> list[_R]:
        kept: dict[tuple[Any, ...], _R] = {}
        for step in found.steps:
            for change in model.changes(step, ground.facts):
                if change.values is None:
                    kept.pop(change.key, None)
                else:
                    kept[change.key] = kind(*change.key, *change.values)
        return list(kept.values())

    clocks = made(clock_due.MODEL, ClockRow)
    timeline = made(issue_timeline.MODEL, TimelineEntry)
    return Rows(
        next(iter(made(issue_current.MODEL, IssueCurrent)), None),
        sorted(clocks, key=lambda clock: (clock.due_at, clock.clock)),
        sorted(timeline, key=lambda entry: (entry.partition, entry.offset)),
    )
