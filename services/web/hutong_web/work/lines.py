"""One line of a list of work: an issue, what is asked of whom, how much time is left. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from hutong.issue.clocks import Clock
from hutong.issue.state import IssueState
from hutong_web.board import Chip
from hutong_web.text import plain, visible
from hutong_web.times import CityTime
from hutong_web.work_wording import WorkWording

#: A clock with so little of its time left is near, in milliseconds.
_NEAR_MS: Final = 2 * 3_600_000


@dataclass(frozen=True, slots=True)
class Left:
    """Time left on a clock: its name ('' where there is but one), words, the due time, and late,
    near, running or none as its tone."""

    name: str
    text: str
    due: str
    iso: str
    tone: str


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line. ``asks`` says what is to be done, ``says`` the words that matter for it."""

    issue_id: str
    address: str
    receipt: str
    subject: Markup
    category: str
    street: str
    asks: str
    says: tuple[str, ...]
    since: str
    since_iso: str
    left: Left
    chip: Chip | None
    origin: str
    origin_name: str


def time_left(
    due_at: int | None, now: int, clock: CityTime, say: WorkWording, name: str = ""
) -> Left:
    """How much time is left until ``due_at``; nothing to say where there is no limit."""
    if due_at is None:
        return Left("", "", "", "", "none")
    rest = due_at - now
    words = say.clock_late if rest < 0 else say.clock_left
    tone = "late" if rest < 0 else "near" if rest < _NEAR_MS else "running"
    return Left(
        name,
        words.format(time=clock.duration(abs(rest))),
        clock.short(due_at),
        clock.iso(due_at),
        tone,
    )


#: The clocks that a department answers, in the order in which they are answered.
_DEPARTMENTS_CLOCKS: Final = ("accept", "respond", "resolve")


def next_clock(state: IssueState | None) -> tuple[str, Clock] | None:
    """The clock that the lead must answer next: of those that run, the one that is due first."""
    clocks: Mapping[str, Clock] = state.clocks if state is not None else {}
    running = [
        (name, clock)
        for name in _DEPARTMENTS_CLOCKS
        if (clock := clocks.get(name)) is not None and clock.is_running
    ]
    return min(running, key=lambda named: named[1].due_at, default=None)


def subject_of(text: str, nothing: str) -> Markup:
    """A subject as it is shown in lists."""
    return visible(text) if plain(text) else Markup("{}").format(nothing)
