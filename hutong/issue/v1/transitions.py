"""Version 1: the transition table. Every event, when it may come, where it leads.

`docs/life-cycle.md` is drawn from it.
"""

from collections.abc import Mapping
from typing import Final

from hutong.issue.state import ENDED, Status
from hutong.issue.table import Row
from hutong.issue.v1 import effects as do
from hutong.issue.v1 import guards as must
from hutong.issue.v1.guards import not_blank, of_group

S = Status

_OPEN: Final = frozenset(S) - ENDED - {S.AWAITED}
_KNOWN: Final = frozenset(S) - {S.AWAITED}
_HANDLED: Final = frozenset({S.DISPATCHED, S.ACCEPTED, S.RESPONDED})
_WORKED: Final = frozenset({S.ACCEPTED, S.RESPONDED})
_ANSWERED: Final = frozenset({S.RESOLVED, S.UNRESOLVABLE, S.VERIFIED})
_RESULT: Final = _ANSWERED | {S.CLOSED}
_NOT_ANSWERED: Final = _OPEN - _ANSWERED

_NOTICE: Final = (must.KNOWN_CLOCK, must.SAME_DUE)

ROWS: Final[Mapping[str, Row]] = {
    # -- the beginning
    "IssueReported": Row(
        "channel",
        frozenset({S.AWAITED}),
        (S.REPORTED, S.RESOLVED),
        effect=do.reported,
        note="resolved at once when a patrol handled it on the spot",
    ),
    "IssueAmended": Row(
        "channel, desk",
        _OPEN | {S.MERGED},
        guards=(must.OWN_CHANNEL,),
        effect=do.amended,
    ),
    "IssueReclassified": Row("desk", _OPEN, effect=do.reclassified),
    "IssueQueued": Row(
        "router",
        frozenset({S.REPORTED, S.RESOLVED}),
        (S.QUEUED, S.RESOLVED),
        (must.FIRST_ANSWER,),
        do.queued,
        note="what was handled on the spot stays resolved",
    ),
    "IssueDispatched": Row(
        "router (hop 1), desk",
        frozenset({S.REPORTED, S.QUEUED, S.RESOLVED, *_HANDLED}),
        (S.DISPATCHED, S.RESOLVED),
        (must.FIRST_ANSWER, must.NEXT_HOP, must.AS_RULED, must.GOOD_CLOCKS),
        do.dispatched,
        note="what was handled on the spot is only classified",
    ),
    # -- the department
    "IssueAccepted": Row(
        "lead",
        frozenset({S.DISPATCHED, S.RESPONDED}),
        (S.ACCEPTED, S.RESPONDED),
        (must.LEAD, must.PRESENT_HOP, must.NOT_YET_ACCEPTED),
        do.accepted,
        note="an answer given before stays the further step",
    ),
    "IssueAssigned": Row(
        "lead, co-owner",
        _HANDLED | {S.SUSPENDED},
        guards=(must.OWNER,),
        effect=do.assigned,
    ),
    "IssueReturned": Row(
        "lead",
        _HANDLED,
        (S.RETURNED, S.DISPUTED),
        (
            must.LEAD,
            must.PRESENT_HOP,
            *of_group("return"),
            must.NOT_RULED,
            must.IN_RETURN_WINDOW,
        ),
        do.returned,
        note="disputed when the same department returns it again",
    ),
    "ReturnDecided": Row(
        "desk",
        frozenset({S.RETURNED}),
        (S.QUEUED, S.DISPATCHED, S.ACCEPTED, S.RESPONDED),
        (*of_group("return-decision", "decision"), must.CLEAR_DECISION, must.NEXT_OWNER),
        do.return_decided,
        note="refused: back with the same owner, where it stood",
    ),
    "DutyAdjudicated": Row(
        "desk",
        frozenset({S.RETURNED, S.DISPUTED}),
        (S.QUEUED,),
        effect=do.adjudicated,
        note="a dispatch to that department carries it out; no more returns",
    ),
    "IssueResponded": Row(
        "lead",
        _HANDLED | {S.SUSPENDED},
        (S.RESPONDED,),
        (must.LEAD,),
        do.responded,
    ),
    "ProgressNoted": Row("lead, co-owner", _OPEN, guards=(must.OWNER,)),
    "ExtensionRequested": Row(
        "lead",
        _WORKED,
        guards=(
            must.LEAD,
            *of_group("extension"),
            must.CAN_BE_EXTENDED,
            must.NOT_EXTENDED,
            must.NOT_ASKED,
            must.ASKED_IN_TIME,
        ),
        effect=do.extension_asked,
    ),
    "ExtensionDecided": Row(
        "desk",
        _WORKED | {S.SUSPENDED},
        guards=(must.ASKED, must.NOT_TOO_LONG),
        effect=do.extension_decided,
    ),
    "IssueSuspended": Row(
        "desk",
        _WORKED | {S.SUSPENDED},
        guards=(
            *of_group("suspension"),
            not_blank("condition", "no-condition"),
            must.REVIEW_AHEAD,
        ),
        effect=do.suspended,
        note="lies over the stage; a second one only moves the review",
    ),
    "IssueResumed": Row(
        "desk",
        frozenset({S.SUSPENDED}),
        effect=do.resumed,
        note="the stage shows again",
    ),
    # -- the result
    "IssueResolved": Row(
        "lead",
        _WORKED | {S.RESOLVED, S.VERIFIED, S.CLOSED},
        (S.RESOLVED, S.VERIFIED, S.CLOSED),
        (
            must.LEAD,
            must.PRESENT_HOP,
            must.LAW_CASE_OPEN,
            *of_group("result", "result"),
            must.FILE_NUMBER,
        ),
        do.resolved,
        note="once more after `enforced`, when the law's case ends; the stage stays",
    ),
    "IssueDeclaredUnresolvable": Row(
        "lead",
        _WORKED,
        (S.UNRESOLVABLE,),
        (
            must.LEAD,
            must.PRESENT_HOP,
            *of_group("unresolvable"),
            not_blank("explanation", "no-explanation"),
        ),
        do.unresolvable,
    ),
    "SiteCheckPassed": Row(
        "grid, desk",
        frozenset({S.RESOLVED}),
        (S.VERIFIED,),
        (must.OTHER_CHECKER,),
        do.verified,
    ),
    "SiteCheckFailed": Row(
        "grid, desk",
        frozenset({S.RESOLVED, S.VERIFIED}),
        (S.ACCEPTED, S.QUEUED),
        (must.OTHER_CHECKER,),
        do.reworked,
        note="rework: a new hop of the same lead; queued when nobody leads",
    ),
    "IssueClosed": Row(
        "desk",
        _ANSWERED | {S.QUEUED},
        (S.CLOSED,),
        (must.GROUND_HOLDS,),
        do.closed,
    ),
    "IssueReopened": Row(
        "desk",
        _RESULT,
        (S.ACCEPTED, S.QUEUED),
        of_group("reopen"),
        do.reworked,
        note="rework: a new hop of the same lead; queued when nobody leads",
    ),
    "FollowUpCalled": Row("desk", _RESULT | {S.MERGED}, effect=do.called),
    "IssueRated": Row(
        "channel, desk",
        _RESULT | {S.MERGED},
        guards=(must.OWN_CHANNEL, must.NOT_RATED),
        effect=do.rated,
        note="the child of a merged issue is asked too",
    ),
    # -- clocks and supervision
    "ClockDue": Row(
        "processes",
        _KNOWN,
        guards=(*_NOTICE, must.NOT_ANSWERED, must.DUE),
        effect=do.noticed,
        note="a notice; being late is judged by what stops the clock",
    ),
    "ReminderSent": Row("processes", _KNOWN, guards=(*_NOTICE, must.RUNNING), effect=do.reminded),
    "IssueEscalated": Row(
        "processes",
        _KNOWN,
        guards=(must.KNOWN_CLOCK, must.RUNNING, must.DUE, must.HIGHER),
        effect=do.escalated,
    ),
    "DueRevised": Row(
        "processes",
        _KNOWN,
        guards=(
            must.KNOWN_CLOCK,
            must.KNOWN_GROUND,
            must.PROVISIONAL,
            must.EXCUSED_ONCE,
            must.LATER,
            must.WORKING_TIME,
        ),
    ),
    "SupervisionOpened": Row("desk", _OPEN, guards=(must.UNSUPERVISED,), effect=do.supervised),
    "SupervisionClosed": Row("desk", _KNOWN, guards=(must.SUPERVISED,), effect=do.unsupervised),
    # -- duplicates
    "DuplicateSuspected": Row("processes", _KNOWN, effect=do.suspected),
    "DuplicateDismissed": Row(
        "desk",
        _KNOWN,
        guards=(must.SUSPECTED,),
        effect=do.dismissed,
        note="the pair is not suspected again",
    ),
    "IssueMerged": Row(
        "processes, desk",
        _NOT_ANSWERED,
        guards=(*of_group("merge"), must.INTO_OLDER),
        effect=do.merged,
        note="lies over the stage; the older issue is the master, so no circle can be made",
    ),
    "IssueAbsorbed": Row(
        "processes, desk",
        _OPEN | {S.MERGED},
        guards=(*of_group("merge"), must.NOT_ABSORBED, must.ABSORBS_YOUNGER),
        effect=do.absorbed,
    ),
    "IssueUnmerged": Row(
        "processes, desk",
        _KNOWN,
        guards=(must.ARE_MERGED,),
        effect=do.unmerged,
        note="the stage shows again, in a new hop",
    ),
    # -- who reported
    "IdentityRevealed": Row(
        "lead, desk",
        _KNOWN,
        guards=(
            must.MAY_KNOW,
            *of_group("reveal-purpose", "purpose"),
            must.NOT_LONG_ENDED,
        ),
        effect=do.revealed,
        note="counted; the values are in no event",
    ),
    # -- other ends
    "IssueWithdrawn": Row(
        "channel, desk",
        _OPEN | {S.MERGED},
        (S.WITHDRAWN,),
        (must.OWN_CHANNEL, *of_group("withdraw")),
        do.ended,
        note="stops all",
    ),
    "IssueTransferred": Row(
        "desk", _OPEN, (S.TRANSFERRED,), of_group("transfer"), do.ended, note="stops all"
    ),
}
