"""The parts of an issue's state. Tuples, because a state goes through JSON with every event."""

from typing import NamedTuple


class Hop(NamedTuple):
    """One department's turn as lead. A return ends it only when the desk accepts the return."""

    number: int
    lead: str
    co_owners: tuple[str, ...]
    #: The event that its orders follow from: order ids are derived from it.
    ordered_by: str
    started_at: int
    #: When this department was first offered it in this turn: its window for returns counts from
    #: here. Being merged for a while ends a hop, but opens no new window.
    offered_at: int
    accepted_at: int | None = None
    #: How often this department returned it in this turn.
    returns: int = 0
    #: While the desk has a return before it: since when, why, and where the issue stood before.
    returned_at: int | None = None
    return_reason: str | None = None
    returned_from: str | None = None
    #: Time that returns of this turn lay with the desk, milliseconds; no time of the department's.
    desk_ms: int = 0
    ended_at: int | None = None
    #: What ended it: reassigned, returned, ruled, reworked, merged.
    ended_by: str = ""

    def dwell_ms(self, now: int) -> int:
        """How long it lay with the department, up to its end or ``now``."""
        end = self.ended_at if self.ended_at is not None else self.returned_at
        return max(0, (now if end is None else end) - self.started_at - self.desk_ms)


class Suspension(NamedTuple):
    """On hold, under a condition, until somebody looks again."""

    reason: str
    condition: str
    since: int
    review_at: int


class Extension(NamedTuple):
    """More time asked for, and what came of it: ``granted`` is None while nobody has decided."""

    reason: str
    minutes: int
    asked_at: int
    granted: bool | None = None
    granted_minutes: int = 0
    level: str = ""
    decided_at: int | None = None


class Assignment(NamedTuple):
    """Who below a department has it."""

    assignee: str
    level: str
    since: int
    due: int | None


class Supervision(NamedTuple):
    """A leader watches it."""

    ground: str
    since: int
    closed_at: int | None = None


class FollowUp(NamedTuple):
    """What the desk learnt by telephone: separate facts. ``tries`` counts calls of this round."""

    tries: int
    at: int
    reached: str
    contacted: bool | None
    solved: str | None
    satisfied: str | None
    cause: str | None


class Rating(NamedTuple):
    """What the reporter thinks: a fact of its own beside what was claimed and what was verified."""

    at: int
    resolved: bool | None
    satisfied: bool | None
    stars: int | None


class Round(NamedTuple):
    """A result that did not last: what was claimed, verified, closed and rated before a rework."""

    resolved_at: int | None
    unresolvable: bool
    result: str | None
    verified_at: int | None
    closed_at: int | None
    follow_up: FollowUp | None
    rating: Rating | None
    ended_at: int
    ended_by: str
