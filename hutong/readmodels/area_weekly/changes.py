"""A step's effect on area_weekly."""

from collections.abc import Iterable

from hutong.issue.fold import Step
from hutong.issue.state import IssueState, Status
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.moves import Counts, moves


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:
    """What the issue adds now less what it added before, so that a sum stays a sum."""
    return moves("area_weekly", counts(step.before, facts), counts(step.after, facts))


def counts(state: IssueState | None, facts: CityFacts) -> Counts:
    """One issue in the week and month of its report, for good, and the area that it has now."""
    if state is None or state.status is Status.AWAITED:
        return None
    when = facts.when(state.reported_at)
    return (when.week, when.month, state.origin, state.area or ""), (1,)
