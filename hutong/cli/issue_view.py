"""How one issue is shown on a terminal of 80 columns."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from hutong.readmodels.clock_due.queries import ClockRow
    from hutong.readmodels.issue_current.queries import IssueCurrent
    from hutong.readmodels.issue_timeline.queries import TimelineEntry

_INDENT = 4
_VERDICT_AT = 67
"""Column of the verdict: the longest event name still fits before it."""
_MINUTE = 60_000
_SOON = 60_000
"""A record that came later than this after its input has its own time shown, not the distance."""


def print_issue(
    console: Console,
    issue: "IssueCurrent | None",
    clocks: "Sequence[ClockRow]",
    entries: "Sequence[TimelineEntry]",
    zone: ZoneInfo,
) -> None:
    """Print where an issue stands, and two or three lines for each thing that happened to it."""
    if issue is None:
        console.print("[bold]Only answers so far:[/] the report itself has not been seen yet.")
    else:
        _print_state(console, issue)
    table = Table.grid(padding=(0, 1))
    for clock in clocks:
        table.add_row(f"  {clock.clock:10}", clock_line(clock, zone))
    if clocks:
        console.print(table)
    console.print()
    from hutong.readmodels.issue_timeline.queries import clocks_off

    for entry, off in zip(entries, clocks_off(entries), strict=True):
        for line in entry_lines(entry, zone, console.width, clock_is_off=off):
            console.print(line)
    console.print(f"\n[dim]times: {zone.key}; the first is received, the place is in issues[/]")


def _print_state(console: Console, issue: "IssueCurrent") -> None:
    mark = "" if issue.origin == "live" else f"  [yellow]({issue.origin})[/]"
    console.print(f"[bold]{issue.receipt}[/]  {issue.status}{mark}")
    console.print(Padding(escape(issue.subject), (0, 0, 0, 2)))
    facts = {
        "issue": issue.issue_id,
        "category": issue.category,
        "lead": issue.lead,
        "co-owners": ", ".join(issue.co_owners),
        "tier": issue.tier,
        "area": issue.area,
        "address": issue.address,
    }
    for name, value in facts.items():
        if value:
            console.print(f"  {name:10} {escape(value)}")


def clock_line(clock: "ClockRow", zone: ZoneInfo) -> Text:
    """When it is due, and what became of it."""
    line = Text(f"due {_minute(clock.due_at, zone)}")
    if clock.provisional:
        line.append(" (provisional)", "yellow")
    if clock.excused_ms:
        line.append(f", {clock.excused_ms / _MINUTE:.0f} min excused")
    if clock.stopped_at is not None:
        line.append(f", answered {_minute(clock.stopped_at, zone)}")
    if clock.paused:
        line.append(", paused")
    if clock.late:
        line.append(", late", "red")
    if clock.level:
        line.append(f", told: {clock.level}", "red")
    return line


def entry_lines(
    entry: "TimelineEntry", zone: ZoneInfo, width: int, *, clock_is_off: bool
) -> Iterator[Text | Padding]:
    """When received, what, and the verdict; then who, the other times and the place; then why."""
    received = _moment(entry.received_at, zone)
    first = Text(f"{_full(received)}  {entry.name}".ljust(_VERDICT_AT - 1) + " ")
    first.append(entry.verdict, "red" if entry.reason else "")
    yield first
    parts = [entry.principal]
    if entry.actor != entry.principal:
        parts[0] += f" ({entry.actor})"
    doubt = " ?" if clock_is_off else ""
    parts.append(f"occurred {_short(_moment(entry.occurred_at, zone), received)}{doubt}")
    parts.append(f"recorded {_recorded(entry, zone, received)}")
    parts.append(f"issues/{entry.partition}/{entry.offset}")
    for line in _filled(parts, width - _INDENT):
        yield Padding(Text(line, "dim"), (0, 0, 0, _INDENT))
    if entry.reason:
        why = f"{entry.reason}: {entry.detail}" if entry.detail else entry.reason
        yield Padding(Text(why, "red"), (0, 0, 0, _INDENT))


def _filled(parts: Iterable[str], width: int) -> list[str]:
    """The parts on as few lines as hold them, none of them cut."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}  {part}" if lines else part
        if lines and Text(longer).cell_len <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _recorded(entry: "TimelineEntry", zone: ZoneInfo, received: datetime) -> str:
    after = entry.recorded_at - entry.received_at
    if 0 <= after < 1_000:
        return f"+{after} ms"
    if 0 <= after < _SOON:
        return f"+{after / 1_000:.1f} s"
    return _short(_moment(entry.recorded_at, zone), received)


def _moment(millis: int, zone: ZoneInfo) -> datetime:
    return (
        datetime.fromtimestamp(millis // 1000, UTC)
        .astimezone(zone)
        .replace(microsecond=millis % 1000 * 1000)
    )


def _minute(millis: int, zone: ZoneInfo) -> str:
    return f"{_moment(millis, zone):%Y-%m-%d %H:%M}"


def _full(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"


def _short(moment: datetime, beside: datetime) -> str:
    """Without the date where it is the same as that of the time beside it."""
    full = _full(moment)
    return full.partition(" ")[2] if moment.date() == beside.date() else full
