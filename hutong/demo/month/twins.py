"""Reports of one matter: suspected by the machine, merged by the desk, sometimes parted again."""

from functools import partial
from typing import Final

from hutong.demo.month.stage import PROCESSES, Case, Stage
from hutong.events.fields import Suspect
from hutong.events.lifecycle import (
    DuplicateDismissed,
    DuplicateSuspected,
    IssueAbsorbed,
    IssueMerged,
    IssueUnmerged,
)
from hutong.issue.state import ENDED, Status

_MINUTE: Final = 60_000
#: Statuses in which a department has given its result.
_TOO_LATE: Final = ENDED | {Status.RESOLVED, Status.UNRESOLVABLE, Status.VERIFIED}


def reported(stage: Stage, case: Case) -> None:
    """Another report of the same matter is noticed within minutes."""
    if _first(stage, case) is not None and case.chance.happens(stage.behaviour.twins["noticed"]):
        stage.later(case, case.chance.around(stage.behaviour.twins["notice"]), _suspects, hop=False)


def _first(stage: Stage, case: Case) -> Case | None:
    """The oldest open issue of the matter that is older than this one."""
    mine = case.state.reported_at, case.issue_id
    for other in stage.matters[case.truth.matter]:
        if (other.state.reported_at, other.issue_id) >= mine:
            return None
        if other.state.status not in _TOO_LATE:
            return other
    return None


def _suspects(stage: Stage, case: Case) -> None:
    first, chance = _first(stage, case), case.chance
    if first is None or case.state.status in _TOO_LATE:
        return
    suspect = Suspect(
        issue_id=first.issue_id,
        metres=int(chance.next() * 60) if case.state.lon is not None else -1,
        minutes=(case.state.reported_at - first.state.reported_at) // _MINUTE,
        text_score=70 + int(chance.next() * 30),
    )
    stage.tell(case, PROCESSES, DuplicateSuspected, suspects=(suspect,))
    if chance.happens(stage.behaviour.twins["merged"]):
        stage.later(case, chance.around(stage.behaviour.twins["merge"]), _merges, hop=False)
    elif chance.happens(stage.behaviour.twins["dismissed"]):
        look = partial(_dismisses, first=first)
        stage.later(case, chance.around(stage.behaviour.twins["merge"]), look, hop=False)


def _dismisses(stage: Stage, case: Case, *, first: Case) -> None:
    """Found to be another matter, though it is not: people err, too."""
    desk = case.desk()
    ground = "核对后并非同一事项"
    stage.tell(case, desk, DuplicateDismissed, other_id=first.issue_id, ground=ground)


def _merges(stage: Stage, case: Case) -> None:
    """One event on each of the two issues."""
    first = _first(stage, case)
    if first is None or case.state.status in _TOO_LATE:
        return
    same = case.truth.contact is not None and case.truth.contact == first.truth.contact
    reason = "same-person-repeat" if same else "same-incident"
    desk = case.desk()
    if not stage.tell(
        case,
        desk,
        IssueMerged,
        master_id=first.issue_id,
        master_reported_at=first.state.reported_at,
        reason=reason,
    ):
        return
    stage.tell(
        first,
        desk,
        IssueAbsorbed,
        child_id=case.issue_id,
        child_reported_at=case.state.reported_at,
        reason=reason,
    )
    if case.chance.happens(stage.behaviour.twins["unmerged"]):
        stage.later(case, case.chance.around(300), partial(_parts, first=first), hop=False)


def _parts(stage: Stage, case: Case, *, first: Case) -> None:
    if case.state.master != first.issue_id:
        return
    desk, ground = case.desk(), "核对后并非同一事项"
    stage.tell(first, desk, IssueUnmerged, other_id=case.issue_id, ground=ground)
    stage.tell(case, desk, IssueUnmerged, other_id=first.issue_id, ground=ground)
