"""A step's effect on queue."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from hutong.issue.fold import Outcome, Step
from hutong.issue.state import IssueState, Status
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts


class Owed(NamedTuple):
    """One decision that the desk owes.

    ``since``: from when on it is owed, which may lie ahead (a review's day, the window of a call);
    ``due_at``: by when it should be made, where there is a limit;
    ``department``: whom it is about; ``reason``: a code of the pack, where one was given.
    """

    since: int
    due_at: int | None
    department: str | None
    reason: str | None


def changes(step: Step, facts: CityFacts) -> Iterator[Change]:
    """A row for each decision that is owed after the step; those owed no more vanish."""
    if step.verdict.outcome is not Outcome.APPLIED:
        return
    before, after = step.before, step.after
    was, now = before.status if before is not None else None, after.status
    for kind, owed_in in KINDS.items():
        owed = owed_in(after, now)
        if owed is not None:
            place = (
                facts.street(after.area, after.reported_at),
                after.category,
                after.tier,
                after.origin,
            )
            yield Change("queue", (after.issue_id, kind), (*owed, *place))
        elif before is not None and was is not None and owed_in(before, was) is not None:
            yield Change("queue", (after.issue_id, kind), None)


def _queued(state: IssueState, status: Status) -> Owed | None:
    """To be dispatched: the router was unsure, or the last lead is rid of it."""
    if status is not Status.QUEUED:
        return None
    ends = [hop.ended_at for hop in state.hops[-1:] if hop.ended_at is not None]
    ends += [ended.ended_at for ended in state.rounds[-1:]]
    clock = state.clocks.get("dispatch")
    runs = clock is not None and clock.stopped_at is None
    due_at = clock.due_at if clock is not None and runs else None
    return Owed(max(ends, default=state.reported_at), due_at, state.next_lead, None)


def _returned(state: IssueState, status: Status) -> Owed | None:
    """A department says that it is not its matter."""
    return _given_back(state) if status is Status.RETURNED else None


def _disputed(state: IssueState, status: Status) -> Owed | None:
    """It says so a second time: the desk must rule who leads."""
    return _given_back(state) if status is Status.DISPUTED else None


def _given_back(state: IssueState) -> Owed:
    hop = state.hops[-1]
    assert hop.returned_at is not None
    return Owed(hop.returned_at, _resolve_due(state), hop.lead, hop.return_reason)


def _extension(state: IssueState, status: Status) -> Owed | None:
    """A department asks for more time."""
    asked = state.extension
    if asked is None or asked.granted is not None or status not in _DECIDABLE:
        return None
    return Owed(asked.asked_at, _resolve_due(state), state.lead, asked.reason)


def _review(state: IssueState, status: Status) -> Owed | None:
    """On hold: somebody is to look again on the review's day."""
    held = state.suspension
    if held is None or status is not Status.SUSPENDED:
        return None
    return Owed(held.review_at, held.review_at, state.lead, held.reason)


def _follow_up(state: IssueState, _status: Status) -> Owed | None:
    """The reporter is to be called, from the day on which the window opens."""
    clock = state.clocks.get("follow-up")
    if clock is None or clock.stopped_at is not None or state.resolved_at is None:
        return None
    since = clock.opens_at if clock.opens_at is not None else clock.started_at
    return Owed(since, clock.due_at, state.lead, None)


def _close(state: IssueState, status: Status) -> Owed | None:
    """Answered; to be closed or opened again."""
    if status not in _ANSWERED or state.resolved_at is None:
        return None
    return Owed(state.resolved_at, None, state.lead, state.result)


def _resolve_due(state: IssueState) -> int | None:
    clock = state.clocks.get("resolve")
    return clock.due_at if clock is not None and clock.is_running else None


_DECIDABLE: Final = frozenset({Status.ACCEPTED, Status.RESPONDED, Status.SUSPENDED})
_ANSWERED: Final = frozenset({Status.RESOLVED, Status.UNRESOLVABLE, Status.VERIFIED})

#: Kind of decision -> what of it an issue owes.
KINDS: Final[Mapping[str, Callable[[IssueState, Status], Owed | None]]] = {
    "queued": _queued,
    "return": _returned,
    "dispute": _disputed,
    "extension": _extension,
    "review": _review,
    "follow-up": _follow_up,
    "close": _close,
}
