"""A step's effect on status_count."""

from collections.abc import Iterable

from hutong.issue.fold import Step
from hutong.issue.state import IssueState, Status
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.moves import Counts, moves


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:  # noqa: ARG001  one signature for all
    """What the issue adds now less what it added before, so that a sum stays a sum."""
    return moves("status_count", counts(step.before), counts(step.after))


def counts(state: IssueState | None) -> Counts:
    """One issue in its status; ``dispatched``: whether it ever was."""
    if state is None or state.status is Status.AWAITED:
        return None
    return (state.origin, state.status.value), (1, int(state.dispatched_at is not None))
