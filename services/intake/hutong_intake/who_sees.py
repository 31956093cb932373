"""Who may act on an issue. Pure.

For anybody else it is not there, as for those who may not see it (`hutong.issue.allowed`). The life
cycle judges acts once more, by the log itself, so these rules protect what can be read; a written
act of somebody else's has no effect without them too.
"""

from typing import Final

from hutong.issue.allowed import may_see
from hutong.issue.state import IssueState
from hutong_intake.verbs import Verb

GRID: Final = "channel:grid"
_CHECKS: Final = frozenset({"check-passed", "check-failed"})


def may_act(principal: str, state: IssueState, verb: Verb) -> bool:
    """As `may_see`; and a grid worker checks the result of any issue on site."""
    return may_see(principal, state) or (principal == GRID and verb.name in _CHECKS)
