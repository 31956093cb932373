"""A step's effect on category_weekly."""

from collections.abc import Iterable

from hutong.issue.fold import Step
from hutong.issue.state import IssueState, Status
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.moves import Counts, moves


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:
    """What the issue adds now less what it added before, so that a sum stays a sum."""
    return moves("category_weekly", counts(step.before, facts), counts(step.after, facts))


def counts(state: IssueState | None, facts: CityFacts) -> Counts:
    """What one issue adds to the table: 0 or 1 in each column of one row.

    Its week is that of the report, for good. ``queued`` says that it lies at the desk now; the
    others that it has got that far (and, reopened or sent on, not been set back since).
    ``resolved`` and ``unresolvable`` exclude each other.
    """
    if state is None or state.status is Status.AWAITED:
        return None
    answered = state.resolved_at is not None
    return (
        (
            facts.week(state.reported_at),
            state.origin,
            facts.street(state.area, state.reported_at),
            state.category or "",
            state.kind or "",
        ),
        (
            1,
            int(state.dispatched_at is not None),
            int(state.status is Status.QUEUED),
            int(state.accepted_at is not None),
            int(state.responded_at is not None),
            int(answered and not state.unresolvable),
            int(answered and state.unresolvable),
            int(state.closed_at is not None),
        ),
    )
