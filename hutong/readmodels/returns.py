"""What became of a department's return, read off its turn."""

from hutong.issue.parts import Hop
from hutong.issue.state import IssueState, Status

_AT_DESK = frozenset({Status.RETURNED, Status.DISPUTED})


def is_open(state: IssueState) -> bool:
    """Whether the desk has a return of the present lead before it."""
    return state.status in _AT_DESK


def is_upheld(state: IssueState, hop: Hop) -> bool:
    """Whether the last return of a turn took the issue off that department.

    Accepted, or ruled in a dispute to be another's.
    """
    if hop.ended_by == "returned":
        return True
    return hop.ended_by == "ruled" and _ruled_lead(state, hop) != hop.lead


def _ruled_lead(state: IssueState, hop: Hop) -> str | None:
    later = [other.lead for other in state.hops if other.number > hop.number]
    return later[0] if later else state.next_lead
