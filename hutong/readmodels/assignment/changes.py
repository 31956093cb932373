"""A step's effect on assignment."""

from collections.abc import Iterator, Mapping
from typing import Final

from hutong.issue.fold import Outcome, Step
from hutong.issue.parts import Assignment
from hutong.issue.state import IssueState, Status
from hutong.privacy.mask import mask
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts

#: Where an issue is with those who work on it.
_IN_WORK: Final = frozenset(
    {Status.DISPATCHED, Status.ACCEPTED, Status.RESPONDED, Status.SUSPENDED}
)


def changes(step: Step, facts: CityFacts) -> Iterator[Change]:  # noqa: ARG001  one signature for all
    """A row for each assignment that stands after the step; those that ended vanish."""
    if step.verdict.outcome is not Outcome.APPLIED:
        return
    before, after = _standing(step.before), _standing(step.after)
    issue_id = step.after.issue_id
    for department in sorted(before.keys() - after.keys()):
        yield Change("assignment", (issue_id, department), None)
    for department, given in after.items():
        if before.get(department) != given:
            yield Change(
                "assignment",
                (issue_id, department),
                (mask(given.assignee), given.level, given.since, given.due, step.after.origin),
            )


def _standing(state: IssueState | None) -> Mapping[str, Assignment]:
    return state.assignments if state is not None and state.status in _IN_WORK else {}
