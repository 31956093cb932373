"""How the desk decides about returns, and who leads where departments dispute."""

from typing import Final

from hutong.demo.month.departments import gets_it_back
from hutong.demo.month.desk import queued
from hutong.demo.month.stage import Case, Stage
from hutong.demo.month.truth import item_of, owners, right_lead
from hutong.events.lifecycle import DutyAdjudicated, ReturnDecided
from hutong.issue.state import Status

_NOBODYS: Final = "D22"
_FIRST: Final = "refused-first-receiver"
_LISTED: Final = "refused-duty-list"
_REASSIGNED: Final = "accepted-reassigned"


def returned(stage: Stage, case: Case) -> None:
    """A return to decide; the second of the same department is a dispute to rule in."""
    if case.state.status is Status.DISPUTED:
        middle, deed = stage.behaviour.desk["ruling"], _rules
    else:
        middle, deed = stage.behaviour.desk["return"], _decides
    stage.later(case, case.chance.around(middle), deed)


def decided(stage: Stage, case: Case) -> None:
    """Accepted: the desk dispatches anew. Refused: it is the department's again."""
    if case.state.status is Status.QUEUED:
        queued(stage, case)
    else:
        gets_it_back(stage, case)


def _decides(stage: Stage, case: Case) -> None:
    state, habits, chance = case.state, stage.behaviour.desk, case.chance
    if state.status is not Status.RETURNED:
        return
    lead = right_lead(stage, case)
    wrong = lead != state.lead
    accepted = chance.happens(habits["grants_return"] if wrong else habits["gives_in"])
    rival = stage.behaviour.of(state.lead or "").rival
    owner = lead if wrong else rival
    accepted = accepted and bool(owner)
    decision = _REASSIGNED if accepted else chance.one((_LISTED, _LISTED, _FIRST))
    stage.tell(
        case,
        case.desk(),
        ReturnDecided,
        decision=decision,
        accepted=accepted,
        rule=_rule(stage, case),
        next_owner=owner if accepted else None,
        text=stage.words(case, "decision", decision),
    )


def _rules(stage: Stage, case: Case) -> None:
    if case.state.status is not Status.DISPUTED:
        return
    lead, co_owners = owners(stage, case, item_of(stage, case))
    other = stage.behaviour.of(lead).rival
    if other and other not in co_owners:
        co_owners = (*co_owners, other)
    stage.tell(
        case,
        case.desk(),
        DutyAdjudicated,
        lead=lead,
        co_owners=co_owners,
        ground=_rule(stage, case),
        text=stage.words(case, "decision", "adjudicated"),
    )


def _rule(stage: Stage, case: Case) -> str:
    ruling = stage.city.ruling_for(item_of(stage, case).category)
    return _NOBODYS if ruling is None else ruling.code
