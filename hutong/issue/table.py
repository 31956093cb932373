"""What rules are made of: rows of a transition table, guards, cells of the clock table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from hutong.issue.pack import Pack
from hutong.issue.record import Record
from hutong.issue.state import IssueState, Status

#: Field of the state -> new value.
Changes: TypeAlias = dict[str, Any]
Effect: TypeAlias = Callable[[IssueState, Record, Pack], Changes]
Condition: TypeAlias = Callable[[IssueState, Record], bool]


@dataclass(frozen=True, slots=True)
class Guard:
    """One objection to an event: its code in `reasons`, and when it is raised (in words)."""

    code: str
    objects: Callable[[IssueState, Record, Pack], str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One event: in which statuses it may come, who must have written it, where it leads.

    ``to`` lists every stage that it may lead to; empty means that the stage stays. An effect that
    sets no stage leads to the only one of ``to``.
    """

    writers: str
    allowed: frozenset[Status]
    to: tuple[Status, ...] = ()
    guards: tuple[Guard, ...] = ()
    effect: Effect | None = None
    note: str = ""


class Action(StrEnum):
    """What an event does to a clock."""

    START = "starts"
    ANEW = "starts anew"
    STOP = "stops"
    END = "ends"
    SETTLE = "is settled and stops"
    PAUSE = "pauses"
    RESUME = "resumes"
    EXTEND = "moves"
    REVISE = "is revised"
    GO_ON = "goes on"
    DROP = "is dropped"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one event does to one clock; ``note`` says when, where it depends."""

    action: Action
    note: str = ""
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One version of the rules."""

    version: str
    rows: Mapping[str, Row]
    clocks: Mapping[str, Mapping[str, tuple[Cell, ...]]]
    #: Moves the clocks of a state by a record: what of the state changes.
    move_clocks: Effect
    #: Reason code -> why, in Chinese and English.
    reasons: Mapping[str, tuple[str, str]] = field(default_factory=dict)
