"""A step's effect on department_load."""

from collections.abc import Iterable

from hutong.issue.fold import Step
from hutong.issue.state import ENDED, IssueState, Status
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.moves import Counts, moves

_ACCEPTED = frozenset({Status.ACCEPTED, Status.RESPONDED})
_RESOLVED = frozenset({Status.RESOLVED, Status.VERIFIED})


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:  # noqa: ARG001  one signature for all
    """What the issue adds now less what it added before, so that a sum stays a sum."""
    return moves("department_load", counts(step.before), counts(step.after))


def counts(state: IssueState | None) -> Counts:
    """What one issue adds to the row of the department that leads it: where it stands now.

    ``open`` is everything not ended: the sum of dispatched (not accepted yet), accepted, returned
    (the desk has not sent it on yet), resolved and unresolvable (not closed yet). An issue that
    nobody leads counts nowhere; one that was sent on counts with its present lead only.
    """
    if state is None or state.lead is None:
        return None
    status = state.status
    return (
        (state.lead, state.origin),
        (
            int(state.is_open),
            int(status is Status.DISPATCHED),
            int(status in _ACCEPTED),
            int(status is Status.RETURNED),
            int(status in _RESOLVED),
            int(status is Status.UNRESOLVABLE),
            int(status in ENDED),
        ),
    )
