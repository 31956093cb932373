"""What the fold knows of one issue."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from hutong.issue.clocks import Clock
from hutong.issue.parts import (
    Assignment,
    Extension,
    FollowUp,
    Hop,
    Rating,
    Round,
    Supervision,
    Suspension,
)

#: Version of the fold. A state table made by another version refuses to start until rebuilt.
FOLD_VERSION = 6


class Status(StrEnum):
    """Where an issue stands."""

    #: Something answers an event of this issue, but the report itself was not seen yet.
    AWAITED = "awaited"
    REPORTED = "reported"
    QUEUED = "queued"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    RESPONDED = "responded"
    RETURNED = "returned"
    #: Returned a second time by the same department: the desk must rule who leads.
    DISPUTED = "disputed"
    SUSPENDED = "suspended"
    RESOLVED = "resolved"
    UNRESOLVABLE = "unresolvable"
    VERIFIED = "verified"
    CLOSED = "closed"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


#: An issue in one of these is off everybody's table.
ENDED = frozenset({Status.CLOSED, Status.MERGED, Status.WITHDRAWN, Status.TRANSFERRED})
_FINAL = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.TRANSFERRED})


@dataclass(frozen=True)
class IssueState:
    """The present of one issue. Times are milliseconds UTC, by the clock that `counts_at` names.

    Being suspended and being merged lie over the ``stage`` that the issue has reached, so that
    lifting them gives back exactly what was there.
    """

    issue_id: str
    stage: Status
    channel: str
    origin: str
    source: str
    area: str | None
    reported_at: int
    hop: int = 0
    item: str | None = None
    category: str | None = None
    kind: str | None = None
    intent: str | None = None
    tier: str | None = None
    lead: str | None = None
    co_owners: tuple[str, ...] = ()
    dispatched_at: int | None = None
    accepted_at: int | None = None
    #: The first answer to the reporter, whoever gave it.
    responded_at: int | None = None
    #: Claimed by the department; verified and rated are facts of their own.
    resolved_at: int | None = None
    result: str | None = None
    file_number: str | None = None
    #: Whether ``resolved_at`` is a declaration that it cannot be solved: counted apart.
    unresolvable: bool = False
    verified_at: int | None = None
    closed_at: int | None = None
    #: Withdrawn or handed to another authority.
    ended_at: int | None = None
    rating: Rating | None = None
    follow_up: FollowUp | None = None
    #: Solved by the patrol that reported it.
    on_the_spot: bool = False
    subject: str = ""
    lon: float | None = None
    lat: float | None = None
    address: str | None = None
    #: The rest of what an order tells a department: a contact token, words, files.
    contact: str | None = None
    text: str = ""
    media: tuple[str, ...] = ()
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    #: Clocks that others took the place of, oldest first.
    past_clocks: tuple[tuple[str, Clock], ...] = ()
    hops: tuple[Hop, ...] = ()
    #: Results that did not last, oldest first.
    rounds: tuple[Round, ...] = ()
    #: Who the desk decided leads next: only a dispatch to it is allowed.
    next_lead: str | None = None
    #: Who leads was ruled in a dispute: no more returns.
    adjudicated: bool = False
    #: Everybody who handled it; none of them may check the result.
    handlers: tuple[str, ...] = ()
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    extension: Extension | None = None
    suspension: Suspension | None = None
    #: How often somebody was told who reported it.
    reveals: int = 0
    #: By level.
    supervisions: Mapping[str, Supervision] = field(default_factory=dict)
    #: The issue that it was merged into.
    master: str | None = None
    #: Issues that were merged into it.
    children: tuple[str, ...] = ()
    #: Issues that may be the same matter.
    suspects: tuple[str, ...] = ()
    #: Issues that a person found to be other matters.
    dismissed: tuple[str, ...] = ()
    applied: int = 0
    #: event_id -> `Record.digest` of what was judged, refused events included. A repeat changes
    #: nothing; another event under the id of one is refused.
    seen: Mapping[str, str] = field(default_factory=dict)
    #: Records that answer an event not seen yet, as `Record.to_json`.
    waiting: tuple[Mapping[str, Any], ...] = ()

    @property
    def status(self) -> Status:
        """Where it stands for everybody who looks at it."""
        if self.stage in _FINAL:
            return self.stage
        if self.master is not None:
            return Status.MERGED
        if self.suspension is not None:
            return Status.SUSPENDED
        return self.stage

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        status = self.status
        return status not in ENDED and status is not Status.AWAITED

    @property
    def rework(self) -> int:
        """How often a result did not last."""
        return len(self.rounds)

    def returns_of(self, department: str) -> int:
        """How often that department returned it, over all hops."""
        return sum(hop.returns for hop in self.hops if hop.lead == department)

    def but(self, changes: Mapping[str, Any]) -> Self:
        """The same with other values: `dataclasses.replace`, ten times as fast."""
        other = object.__new__(type(self))
        values = self.__dict__.copy()
        values.update(changes)
        object.__setattr__(other, "__dict__", values)
        return other

    def to_json(self) -> dict[str, Any]:
        """Plain values for the state table; what has its default is left out."""
        defaults = _DEFAULTS
        plain = {
            name: value
            for name, value in self.__dict__.items()
            if (default := defaults[name]) is not value and default != value
        }
        if self.clocks:
            plain["clocks"] = {name: _short(clock) for name, clock in self.clocks.items()}
        if self.hops:
            plain["hops"] = [_short(hop) for hop in self.hops]
        return plain

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "IssueState":
        """The inverse of `to_json`, also after a round trip through JSON.

        What is not said stays an attribute of the class, so that `but` need not copy it.
        """
        state = object.__new__(cls)
        found = state.__dict__
        found.update(_EMPTY)
        found.update(value)
        for name in _READ.keys() & value.keys():
            found[name] = _READ[name](value[name])
        return state


#: Field -> default; a required field has one that no value equals.
_DEFAULTS: Mapping[str, Any] = {
    each.name: each.default
    if each.default is not MISSING
    else (each.default_factory() if each.default_factory is not MISSING else MISSING)
    for each in fields(IssueState)
}


#: Those of them that are no attributes of the class.
_EMPTY: Mapping[str, Any] = {
    each.name: _DEFAULTS[each.name]
    for each in fields(IssueState)
    if each.default_factory is not MISSING
}


def _short(part: Clock | Hop) -> tuple[Any, ...]:
    """The part without the fields that seldom differ from their defaults: half of a state's bytes.

    What is cut off must be at the end, so the fields that say most come first.
    """
    cut, defaults = _SELDOM[type(part)]
    return part[:cut] if part[cut:] == defaults else part


#: Where the seldom fields begin, and what they are then.
_SELDOM: Mapping[type, tuple[int, tuple[Any, ...]]] = {
    kind: (cut, tuple(kind._field_defaults[name] for name in kind._fields[cut:]))
    for kind, cut in ((Clock, 6), (Hop, 7))
}


def _clock(values: Any) -> Clock:
    clock = Clock(*values)
    if not clock.excused:
        # An empty one may be a list: JSON knows no tuples.
        return clock if clock.excused == () else clock._replace(excused=())
    return clock._replace(excused=tuple((start, end) for start, end in clock.excused))


def _pairs(values: Any) -> tuple[tuple[str, Clock], ...]:
    return tuple((name, _clock(clock)) for name, clock in values)


def _hops(values: Any) -> tuple[Hop, ...]:
    return tuple(
        Hop(number, lead, tuple(co_owners), *rest) for number, lead, co_owners, *rest in values
    )


def _rounds(values: Any) -> tuple[Round, ...]:
    found = (Round(*each) for each in values)
    return tuple(
        each._replace(
            follow_up=each.follow_up and FollowUp(*each.follow_up),
            rating=each.rating and Rating(*each.rating),
        )
        for each in found
    )


_READ: Mapping[str, Callable[[Any], Any]] = {
    "stage": Status,
    "co_owners": tuple,
    "media": tuple,
    "handlers": tuple,
    "children": tuple,
    "suspects": tuple,
    "dismissed": tuple,
    "waiting": tuple,
    "clocks": lambda found: {name: _clock(clock) for name, clock in found.items()},
    "past_clocks": _pairs,
    "hops": _hops,
    "rounds": _rounds,
    "rating": lambda found: Rating(*found),
    "follow_up": lambda found: FollowUp(*found),
    "extension": lambda found: Extension(*found),
    "suspension": lambda found: Suspension(*found),
    "assignments": lambda found: {name: Assignment(*each) for name, each in found.items()},
    "supervisions": lambda found: {name: Supervision(*each) for name, each in found.items()},
}
