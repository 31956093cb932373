"""Whose an issue is: who may see it, and who may act on it. Pure.

For anybody else it is not there. The life cycle judges acts once more, by the log itself, so these
rules protect what can be read; a written act of somebody else's has no effect without them too.
"""

from typing import Final

from hutong.issue.state import IssueState
from hutong.keys import CHANNEL, DEPARTMENT, DESK
from hutong_intake.verbs import Verb

GRID: Final = "channel:grid"
_CHECKS: Final = frozenset({"check-passed", "check-failed"})


def may_see(principal: str, state: IssueState) -> bool:
    """The desk sees all, a channel its own, a department what it leads or helps with, or did."""
    kind, _, name = principal.partition(":")
    if kind == CHANNEL:
        return state.channel == name
    if kind == DEPARTMENT:
        return name in {state.lead, *state.co_owners} or any(
            name in (hop.lead, *hop.co_owners) for hop in state.hops
        )
    return kind == DESK


def may_act(principal: str, state: IssueState, verb: Verb) -> bool:
    """As `may_see`; and a grid worker checks the result of any issue on site."""
    return may_see(principal, state) or (principal == GRID and verb.name in _CHECKS)
