"""Write docs/life-cycle.md and docs/clocks.md from the rules in hutong.issue.

python tools/life_cycle_docs.py            write them
python tools/life_cycle_docs.py --check    exit 1 if one is not current
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pages import write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from hutong.issue import v1  # noqa: E402
from hutong.issue.notices import DESK, ESCALATED, MOST_ATTEMPTS, OF_DESK  # noqa: E402
from hutong.issue.state import ENDED, Status  # noqa: E402
from hutong.issue.table import Row  # noqa: E402
from hutong.issue.v1 import limits  # noqa: E402
from hutong.issue.v1.clock_table import CLOCKS, NAMES  # noqa: E402

LIFE = ROOT / "docs" / "life-cycle.md"
TIME = ROOT / "docs" / "clocks.md"

#: Many events leave the stage alone, or may come almost everywhere: arrows for them would hide the
#: life behind them. They are in the table.
_NOT_DRAWN = {"IssueWithdrawn", "IssueTransferred"}
_OPEN = frozenset(Status) - ENDED - {Status.AWAITED}
_SETS = {
    "any": frozenset(Status) - {Status.AWAITED},
    "open": _OPEN,
    "open, merged": _OPEN | {Status.MERGED},
}


def life_cycle() -> str:
    """The page of the transition table."""
    return "\n".join(
        [
            "# The life of an issue",
            "",
            "<!-- Written by tools/life_cycle_docs.py from hutong/issue/v1: edit that. -->",
            "",
            f"Rules of version {v1.TABLE.version}. An event that is not allowed is kept in the",
            "history, marked refused with one of the reasons below, and changes nothing. One that",
            "answers an event that is not here yet waits for it.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *_drawing(),
            "```",
            "",
            "`suspended` and `merged` lie over the stage that an issue has reached: `IssueResumed`",
            "and `IssueUnmerged` show it again. From every open status `IssueWithdrawn` and",
            "`IssueTransferred` lead to an end.",
            "",
            "## Events",
            "",
            "| event | written by | may come when | leads to | refused with |",
            "|---|---|---|---|---|",
            *(_line(name, row) for name, row in v1.TABLE.rows.items()),
            "",
            "## Reasons",
            "",
            "| code | 中文 | English |",
            "|---|---|---|",
            *(f"| `{code}` | {zh} | {en} |" for code, (zh, en) in v1.TABLE.reasons.items()),
            "",
        ]
    )


def _drawing() -> Iterator[str]:
    yield "    [*] --> reported: IssueReported"
    yield "    [*] --> resolved: IssueReported, handled on the spot"
    arrows: dict[tuple[str, str], list[str]] = {}
    for name, row in v1.TABLE.rows.items():
        if name in _NOT_DRAWN or name == "IssueReported":
            continue
        for source, target in _arrows(name, row):
            arrows.setdefault((source, target), []).append(name)
    for (source, target), names in arrows.items():
        yield f"    {source} --> {target}: {', '.join(names)}"
    yield f"    {Status.CLOSED} --> [*]"


def _arrows(name: str, row: Row) -> Iterator[tuple[str, str]]:
    """From where to where; what a note restricts is drawn as the note says."""
    for source in Status:
        if source not in row.allowed:
            continue
        for target in row.to:
            if _is_possible(name, source, target):
                yield source.value, target.value


def _is_possible(name: str, source: Status, target: Status) -> bool:
    if name == "IssueResponded" and source is Status.SUSPENDED:
        return False  # the stage below
    if name in ("IssueQueued", "IssueDispatched") and Status.RESOLVED in (source, target):
        return False  # stays what it was
    if name == "IssueAccepted":
        return (source, target) == (Status.DISPATCHED, Status.ACCEPTED)
    if name == "IssueResolved":
        return source in (Status.ACCEPTED, Status.RESPONDED) and target is Status.RESOLVED
    return source is not target or name in ("IssueDispatched", "SiteCheckFailed")


def _line(name: str, row: Row) -> str:
    leads_to = ", ".join(status.value for status in row.to) or "–"
    if row.note:
        leads_to = f"{leads_to} ({row.note})" if row.to else row.note
    codes = dict.fromkeys(guard.code for guard in row.guards)
    refused = ", ".join(f"`{code}`" for code in codes) or "–"
    return f"| `{name}` | {row.writers} | {_allowed(row.allowed)} | {leads_to} | {refused} |"


def _allowed(statuses: frozenset[Status]) -> str:
    for name, known in _SETS.items():
        if statuses == known:
            return name
    return ", ".join(status.value for status in Status if status in statuses)


def clocks() -> str:
    """The page of the clock table."""
    notes: dict[str, int] = {}
    rows = [_clock_line(event, notes) for event in CLOCKS]
    silent = [name for name in v1.TABLE.rows if name not in CLOCKS]
    return "\n".join(
        [
            "# Clocks",
            "",
            "<!-- Written by tools/life_cycle_docs.py from hutong/issue/v1: edit that. -->",
            "",
            "Clocks start and stop at the time an event was received; the router's own acts count",
            "when they are recorded. Being late is judged by the received time of what stops the",
            "clock, never by a notice. A pause is excluded once. Working time follows the pack's",
            "calendar; a due time on whose way lies a year not announced yet is provisional.",
            "",
            "| clock | measures |",
            "|---|---|",
            *(f"| `{name}` | {what} |" for name, what in NAMES.items()),
            "",
            "## What each event does",
            "",
            f"| event | {' | '.join(NAMES)} |",
            f"|---|{'---|' * len(NAMES)}",
            *rows,
            "",
            *(f"{number}. {note}" for note, number in notes.items()),
            "",
            f"All others leave every clock alone: {_names(silent)}. So a return never starts a",
            "promise anew, a merged issue's clocks go on under its master, another category keeps",
            "the promise that was given, and what a co-owner does starts and stops nothing but its",
            "own assignment.",
            "",
            "## What time brings",
            "",
            "Nobody sends these; the processes service says them when their time has come, dated",
            "at that time (`hutong/issue/notices.py`). A clock that was answered or stands still",
            "brings nothing, nor does one of a merged issue: its master's speak for it.",
            "",
            *_brought(),
            "",
            f"The desk (`{DESK}`) is reminded of {_of_desk()}, and of what nobody leads; the",
            "department that gave an assignment of that; the lead of all others.",
            "",
            "A notice that was refused because the answer had come in time is given again, with",
            "the next number, when a failed check sets the clock going again, at most",
            f"{MOST_ATTEMPTS} times.",
            "",
            "## Limits",
            "",
            "| limit | minutes |",
            "|---|---|",
            *_limits(),
            "",
        ]
    )


def _brought() -> Iterator[str]:
    climbing = _names(name for name in NAMES if name in ESCALATED)
    yield "| event | when | of which clocks |"
    yield "|---|---|---|"
    yield "| `ReminderSent` | once, when four fifths of the time are used | all |"
    yield "| `ClockDue` | at the due time; again when that has moved | all |"
    yield f"| `IssueEscalated` | from then on, rung by rung of `escalation.toml` | {climbing} |"
    when = "when the year on its way is announced"
    whose = "provisional ones that run, or were late"
    yield f"| `DueRevised`, `{limits.CALENDAR_ANNOUNCED}` | {when} | {whose} |"
    when = "when `hutong clocks excuse` names an outage of ours"
    whose = "those that ran during it, unless answered in time"
    yield f"| `DueRevised`, `{limits.OUTAGE_EXCUSED}` | {when} | {whose} |"


def _of_desk() -> str:
    return _names(name for name in NAMES if name in OF_DESK)


def _clock_line(event: str, notes: dict[str, int]) -> str:
    cells = []
    for clock in NAMES:
        words = []
        for cell in CLOCKS[event].get(clock, ()):
            mark = ""
            if cell.note:
                number = notes.setdefault(cell.note, len(notes) + 1)
                mark = f" ({number})"
            words.append(f"{cell.action}{mark}")
        cells.append("; ".join(words))
    return f"| `{event}` | {' | '.join(cells)} |"


def _limits() -> Iterator[str]:
    minutes, calendar = limits.USUAL_RETURN_WINDOW
    yield f"| return after dispatch | {minutes} {calendar} |"
    for tier, (minutes, calendar) in limits.RETURN_WINDOW.items():
        yield f"| return after dispatch, tier `{tier}` | {minutes} {calendar} |"
    for level, most in limits.EXTENSION.items():
        told = ", ".join(f"{minutes} {calendar}" for calendar, minutes in most.items())
        yield f"| extension granted by `{level}` | {told} |"
    yield f"| follow-up call, opens | {limits.FOLLOW_UP_OPENS} natural |"
    yield f"| follow-up call, due | {limits.FOLLOW_UP_DUE} natural |"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


PAGES = {LIFE: life_cycle, TIME: clocks}


def main(arguments: list[str] | None = None) -> int:
    """Write or check the pages; 0 when nothing is wrong."""
    return write_or_check({file: page() for file, page in PAGES.items()}, __file__, arguments)


if __name__ == "__main__":
    sys.exit(main())
