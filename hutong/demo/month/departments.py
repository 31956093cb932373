"""What departments do with their orders: sign, send back, answer, hand down, solve."""

from functools import partial
from typing import Final

from hutong.demo.crew import GRID, crew
from hutong.demo.month.behaviour import Character
from hutong.demo.month.evidence import needs_evidence, photo
from hutong.demo.month.results import result_of
from hutong.demo.month.stage import Case, Stage
from hutong.demo.month.truth import right_lead
from hutong.events.lifecycle import (
    ExtensionRequested,
    IssueAccepted,
    IssueAssigned,
    IssueDeclaredUnresolvable,
    IssueResolved,
    IssueResponded,
    IssueReturned,
    ProgressNoted,
)
from hutong.issue.state import Status

_HOUR: Final = 60
#: Office minutes after which no return is taken.
_WINDOW: Final = 7 * _HOUR
#: Minutes of an extension that is asked for.
_MORE: Final = (12 * _HOUR, 24 * _HOUR, 48 * _HOUR)
_MEANS: Final = ("call", "call", "call", "message", "visit", "letter")
_UNABLE: Final = ("no-legal-basis", "private-matter", "technical-limit", "no-trace")
_NOT_OURS: Final = ("misclassified", "misclassified", "not-our-duty", "wrong-owner")
_RATHER_NOT: Final = ("needs-other-lead", "needs-other-lead", "not-our-duty", "misclassified")


def ordered(stage: Stage, case: Case) -> None:
    """A new order: it will be signed for or sent back. A co-owner may do its part."""
    state = case.state
    if state.lead is None or state.stage is Status.RESOLVED:
        return  # a patrol has solved it: only classified
    who = _character(stage, case)
    right = right_lead(stage, case) == state.lead
    share = who.returns_right if right else who.returns_wrong
    if not state.adjudicated and case.chance.happens(share):
        stage.later(case, case.chance.around(2 * who.accept), sends_back)
    else:
        stage.later(case, case.chance.around(who.accept), signs)
        if case.chance.happens(who.late_return):
            too_late = partial(sends_back, wrongly=True)
            stage.later(case, _WINDOW + case.chance.around(_HOUR), too_late, roster="office")
    for owner in state.co_owners:
        helper = stage.behaviour.of(owner)
        if case.chance.happens(helper.helps):
            minutes = case.chance.around(helper.work)
            stage.later(case, minutes, partial(_helps, owner), roster=helper.roster)


def signs(stage: Stage, case: Case) -> None:
    """Signed for; now and then the same person presses the button twice."""
    state, who = case.state, _character(stage, case)
    actor, handler = _somebody(stage, case), _team(stage, case)
    if state.lead is None or state.accepted_at is not None:
        return
    if not stage.tell(case, actor, IssueAccepted, hop=state.hop, handler=handler):
        return
    if case.chance.happens(who.twice):
        stage.tell(case, actor, IssueAccepted, wrongly=True, hop=state.hop, handler=handler)


def sends_back(stage: Stage, case: Case, *, wrongly: bool = False) -> None:
    """Not ours, it says, and names whose it is; sometimes with reason."""
    state, who, chance = case.state, _character(stage, case), case.chance
    if state.status not in (Status.DISPATCHED, Status.ACCEPTED, Status.RESPONDED):
        return
    lead = right_lead(stage, case)
    right = lead == state.lead
    reason = chance.one(_RATHER_NOT if right else _NOT_OURS)
    proposed = lead if not right and chance.happens(0.8) else who.rival or None
    if not stage.tell(
        case,
        _somebody(stage, case),
        IssueReturned,
        wrongly=wrongly,
        hop=state.hop,
        reason=reason,
        proposed=proposed,
        media=(photo(case),) if needs_evidence(stage, "return", reason) else (),
        text=stage.words(case, "return", reason),
    ):
        signs(stage, case)


def gets_it_back(stage: Stage, case: Case) -> None:
    """The desk did not take the return: some insist, most get on with it."""
    state = case.state
    if state.lead is None or state.status is Status.QUEUED:
        return
    who = _character(stage, case)
    if case.chance.happens(who.insists):
        stage.later(case, case.chance.around(who.accept), sends_back)
    elif state.accepted_at is None:
        stage.later(case, case.chance.around(who.accept), signs)
    else:
        works(stage, case)


def works(stage: Stage, case: Case) -> None:
    """From the signature (or a result that did not last) to the result."""
    state, chance = case.state, case.chance
    if state.lead is None or state.stage not in (Status.ACCEPTED, Status.RESPONDED):
        return
    who = _character(stage, case)
    if state.responded_at is None and not chance.happens(who.silent):
        stage.later(case, chance.around(who.respond), answers)
    if state.lead not in state.assignments and chance.happens(who.assigns):
        stage.later(case, chance.around(who.accept), hands_down)
    length = chance.around(who.work * stage.behaviour.tiers.get(state.tier or "", 1.0))
    if chance.happens(who.notes):
        stage.later(case, length * chance.next(), notes, roster=who.roster)
    done_at = stage.due(length, who.roster)
    clock = state.clocks.get("resolve")
    if clock is not None and done_at > clock.due_at > stage.now and chance.happens(who.extends):
        wait = int((clock.due_at - stage.now) * (0.3 + 0.6 * chance.next()))
        stage.at(case, stage.now + wait, asks_for_time)
    gives_up = state.rework == 0 and chance.happens(who.unresolvable)
    stage.at(case, done_at, gives_it_up if gives_up else solves)


def answers(stage: Stage, case: Case) -> None:
    """The first answer to who reported it."""
    means = case.chance.one(_MEANS)
    text = stage.words(case, "respond", means)
    stage.tell(case, _somebody(stage, case), IssueResponded, means=means, text=text)


def notes(stage: Stage, case: Case) -> None:
    """Something was done or learnt."""
    if case.state.status in (Status.ACCEPTED, Status.RESPONDED, Status.SUSPENDED):
        text = stage.words(case, "note", "progress")
        stage.tell(case, _somebody(stage, case), ProgressNoted, text=text)


def _helps(owner: str, stage: Stage, case: Case) -> None:
    """What a co-owner does starts and stops nothing; a few think that they may end it."""
    if owner not in case.state.co_owners or not case.state.is_open:
        return
    actor, text = f"dept:{owner}:{_name(stage, case)}", stage.words(case, "note", "helps")
    stage.tell(case, actor, ProgressNoted, text=text)
    who = stage.behaviour.of(owner)
    if case.state.stage is Status.RESPONDED and case.chance.happens(who.presumes):
        hop = case.state.hop
        stage.tell(case, actor, IssueResolved, wrongly=True, hop=hop, result="fixed", text=text)


def hands_down(stage: Stage, case: Case) -> None:
    """To a unit of the department; a street hands it to a community, that one to a grid worker."""
    state, chance = case.state, case.chance
    if state.status not in (Status.ACCEPTED, Status.RESPONDED):
        return
    due = stage.now + int((4 + 20 * chance.next()) * _HOUR) * 60_000
    level, assignee = _below(stage, case)
    told = stage.tell(
        case, _somebody(stage, case), IssueAssigned, level=level, assignee=assignee, due=due
    )
    if told and level == "community":
        stage.later(case, chance.around(40), hands_down)


def _below(stage: Stage, case: Case) -> tuple[str, str]:
    """Level and code of whom the department gives it to next."""
    state, lead = case.state, case.state.lead or ""
    path = stage.city.area_path(state.area or "")
    street = any(area.office == lead for area in path)
    if not street or path[-1].level not in ("community", GRID):
        return "department", f"{lead}/{_team(stage, case)}"
    given = state.assignments.get(lead)
    if given is None or path[-1].level == "community":
        [community] = [area.code for area in path if area.level == "community"]
        if given is None:
            return "community", community
    return GRID, case.chance.one(crew(path[-1].code))


def asks_for_time(stage: Stage, case: Case) -> None:
    """It will not be done by then."""
    reason = case.chance.one(("complex", "joint-work", "materials", "weather-season"))
    stage.tell(
        case,
        _somebody(stage, case),
        ExtensionRequested,
        reason=reason,
        minutes=case.chance.one(_MORE),
        text=stage.words(case, "extension", reason),
    )


def solves(stage: Stage, case: Case) -> None:
    """Claims that it is solved; some claims are none."""
    state, who, chance = case.state, _character(stage, case), case.chance
    result = result_of(case)
    weak = chance.happens(who.weak)
    enforced = result == "enforced"
    given = state.assignments.get(state.lead or "")
    by = given.assignee if given is not None else _name(stage, case)
    case.solved = not weak
    stage.tell(
        case,
        f"dept:{state.lead}:{by}",
        IssueResolved,
        hop=state.hop,
        result=result,
        media=(photo(case),) if needs_evidence(stage, "result", result) else (),
        file_number=f"槐综执立字〔2026〕{case.truth.number:05d}号" if enforced else None,
        text=stage.words(case, "result", result),
    )


def gives_it_up(stage: Stage, case: Case) -> None:
    """It cannot be solved, and who reported it was told why."""
    reason = case.chance.one(_UNABLE)
    case.solved = False
    stage.tell(
        case,
        _somebody(stage, case),
        IssueDeclaredUnresolvable,
        hop=case.state.hop,
        reason=reason,
        explanation=stage.words(case, "unresolvable", reason),
    )


def goes_on_alone(stage: Stage, case: Case) -> None:
    """No longer part of another issue: whoever had it has it again."""
    if case.state.status is Status.DISPATCHED:
        stage.later(case, case.chance.around(_character(stage, case).accept), signs)
    else:
        works(stage, case)


def _character(stage: Stage, case: Case) -> Character:
    return stage.behaviour.of(case.state.lead or "")


def _somebody(stage: Stage, case: Case) -> str:
    return f"dept:{case.state.lead}:{_name(stage, case)}"


def _name(stage: Stage, case: Case) -> str:
    return stage.words(case, "team", "surnames") + "工"


def _team(stage: Stage, case: Case) -> str:
    return stage.words(case, "team", "units")
