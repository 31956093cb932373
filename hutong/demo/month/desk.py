"""What the desk does with what lies on its table: dispatch, answer, extend, suspend, close."""

from typing import Any, Final

from hutong.city import DutyItem
from hutong.demo.month.departments import works
from hutong.demo.month.stage import Case, Stage
from hutong.demo.month.truth import item_of, owners, right_lead
from hutong.events.fields import ClockLength
from hutong.events.lifecycle import (
    ExtensionDecided,
    IssueClosed,
    IssueDispatched,
    IssueReclassified,
    IssueResumed,
    IssueSuspended,
    IssueTransferred,
)
from hutong.issue.state import Status

_MODEL: Final = "desk"
_CERTAIN: Final = 1000
_DAY: Final = 86_400_000
_ON_HOLD: Final = ("construction-plan", "approval", "third-party", "funding")
#: First level of the category -> what an emergency of it is transferred to.
_EMERGENCY: Final = {"safety": ("to-119", "119"), "order": ("to-110", "110")}
#: Days after a result at which what nobody objects to is closed.
_LAST_DAY: Final = 8


def queued(stage: Stage, case: Case) -> None:
    """Something new on the table."""
    if case.state.status is Status.QUEUED or _unclassified(case):
        middle = stage.behaviour.desk["dispatch"]
        stage.later(case, case.chance.around(middle), decides, hop=False)


def decides(stage: Stage, case: Case) -> None:
    """Finds the duty item and dispatches; what asks for nothing is answered and closed."""
    state, habits, chance = case.state, stage.behaviour.desk, case.chance
    if state.status is not Status.QUEUED and not _unclassified(case):
        return
    if state.hop == 0 and not state.on_the_spot:
        words = state.intent in ("praise", "suggest")
        if (words and chance.happens(habits["closes_words"])) or (
            case.truth.vague and chance.happens(habits["closes_vague"])
        ):
            _close(stage, case, "at-desk")
            return
    right = chance.happens(habits["right"])
    item = item_of(stage, case) if right else chance.one(stage.city.duty_list)
    lead, co_owners = owners(stage, case, item)
    if state.next_lead is not None:
        lead, co_owners = state.next_lead, tuple(c for c in co_owners if c != state.next_lead)
    tier = stage.city.tiers[state.tier or item.tier]
    stage.tell(
        case,
        case.desk(),
        IssueDispatched,
        **_matter(stage, item),
        intent=state.intent or stage.city.channels[state.channel].intent,
        tier=tier.code,
        lead=lead,
        co_owners=co_owners,
        clocks=tuple(
            ClockLength(clock=clock, minutes=length.minutes, calendar=length.calendar)
            for clock, length in stage.city.promises(tier.code, item.code).items()
        ),
        hop=state.hop + 1,
        confidence=_CERTAIN,
        pack=stage.city.hash,
        model=_MODEL,
    )


def looks_again(stage: Stage, case: Case) -> None:
    """The right department, but it is about something else."""
    state, item = case.state, item_of(stage, case)
    if state.item in (None, item.code) or right_lead(stage, case) != state.lead:
        return
    if case.chance.happens(stage.behaviour.desk["reclassifies"]):
        stage.later(case, case.chance.around(90), _reclassifies)


def _reclassifies(stage: Stage, case: Case) -> None:
    state, item = case.state, item_of(stage, case)
    stage.tell(
        case,
        case.desk(),
        IssueReclassified,
        category_before=state.category,
        **_matter(stage, item),
        tier=state.tier,
        ground="按内容更正类别",
    )


def may_wait(stage: Stage, case: Case) -> None:
    """Some hard matters must wait for others, under a condition."""
    if case.state.tier == "hard" and case.chance.happens(stage.behaviour.desk["suspends"]):
        stage.later(case, case.chance.around(240), _suspends, roster="day")


def _suspends(stage: Stage, case: Case) -> None:
    reason, days = case.chance.one(_ON_HOLD), 2 + int(case.chance.next() * 9)
    stage.tell(
        case,
        case.desk(),
        IssueSuspended,
        reason=reason,
        condition=stage.words(case, "condition", reason),
        review_at=stage.now + days * _DAY,
    )


def reviews(stage: Stage, case: Case) -> None:
    """Looks again at the review date, or a little earlier or later."""
    suspension = case.state.suspension
    if suspension is not None:
        hours = int((case.chance.next() - 0.7) * 24) * 3_600_000
        stage.at(case, suspension.review_at + hours, _resumes, hop=False)


def _resumes(stage: Stage, case: Case) -> None:
    if case.state.status is not Status.SUSPENDED:
        return
    if case.chance.happens(0.2):
        _suspends(stage, case)
    else:
        stage.tell(case, case.desk(), IssueResumed, ground="条件已具备，恢复办理")


def asked_for_time(stage: Stage, case: Case) -> None:
    """A department wants more time."""
    middle = stage.behaviour.desk["extension"]
    stage.later(case, case.chance.around(middle), _decides_extension, roster="day", hop=False)


def _decides_extension(stage: Stage, case: Case) -> None:
    asked = case.state.extension
    if asked is None or asked.granted is not None:
        return
    stage.tell(
        case,
        case.desk(),
        ExtensionDecided,
        granted=case.chance.happens(stage.behaviour.desk["grants_extension"]),
        level="desk",
        minutes=asked.minutes,
    )


def may_transfer(stage: Stage, case: Case) -> None:
    """Danger to life goes to the emergency line."""
    top = (case.state.category or "").partition(".")[0]
    if case.state.tier != "urgent" or top not in _EMERGENCY or case.state.on_the_spot:
        return
    if case.chance.happens(stage.behaviour.desk["transfers"]):
        stage.later(case, case.chance.around(6), _transfers, hop=False)


def _transfers(stage: Stage, case: Case) -> None:
    top = (case.state.category or "").partition(".")[0]
    reason, target = _EMERGENCY.get(top, ("to-110", "110"))
    stage.tell(
        case,
        case.desk(),
        IssueTransferred,
        reason=reason,
        target=target,
        reference=f"{target}-{case.truth.number:06d}",
        text=stage.words(case, "transfer", reason),
    )


def closes(stage: Stage, case: Case) -> None:
    """What is verified, rated as solved or explained goes off the table."""
    stage.later(case, case.chance.around(stage.behaviour.desk["close"]), _closes, roster="day")


def closes_in_the_end(stage: Stage, case: Case) -> None:
    """What nobody has objected to for a week is closed by policy."""
    at = stage.now + int((_LAST_DAY + case.chance.next()) * _DAY)
    stage.at(case, at, _closes)


def _closes(stage: Stage, case: Case) -> None:
    state = case.state
    if state.status not in (Status.RESOLVED, Status.UNRESOLVABLE, Status.VERIFIED):
        return
    rated = state.rating is not None
    if rated and state.rating is not None and state.rating.resolved is False:
        return  # somebody will look at it again
    if state.verified_at is not None:
        ground = "verified"
    elif rated:
        ground = "rated"
    else:
        ground = "unresolvable" if state.unresolvable else "policy"
    _close(stage, case, ground)


def _close(stage: Stage, case: Case, ground: str) -> None:
    text = stage.words(case, "close", ground)
    stage.tell(case, case.desk(), IssueClosed, ground=ground, text=text)


def goes_on(stage: Stage, case: Case) -> None:
    """After a rework or a hold: the department works, or the desk dispatches where nobody leads."""
    if case.state.status is Status.QUEUED:
        queued(stage, case)
    else:
        works(stage, case)


def _matter(stage: Stage, item: DutyItem) -> dict[str, Any]:
    kind = item.kind or stage.city.categories[item.category].kind
    return {"item": item.code, "category": item.category, "kind": kind}


def _unclassified(case: Case) -> bool:
    return case.state.on_the_spot and case.state.item is None
