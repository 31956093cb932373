"""Those who reported it: they add, withdraw, are called, rate; grid workers check results."""

from functools import partial
from typing import Any, Final

from hutong.demo.crew import GRID, crew
from hutong.demo.month.evidence import photo
from hutong.demo.month.stage import Case, Stage
from hutong.events.fields import Place
from hutong.events.lifecycle import (
    FollowUpCalled,
    IssueAmended,
    IssueRated,
    IssueReopened,
    IssueWithdrawn,
    SiteCheckFailed,
    SiteCheckPassed,
)
from hutong.issue.state import Status

_DAY: Final = 86_400_000
_RESULTS: Final = (Status.RESOLVED, Status.UNRESOLVABLE, Status.VERIFIED, Status.CLOSED)
_MOST_CALLS: Final = 3
_CAUSES: Final = ("result", "speed", "attitude", "explanation", "not-on-site")


# -- while it is open


def reported(stage: Stage, case: Case) -> None:
    """A few think of something more, or have no need of it any longer."""
    habits, chance = stage.behaviour.reporter, case.chance
    if case.state.on_the_spot or case.state.channel == "sensor":
        return
    if chance.happens(habits["amends"]):
        stage.later(case, chance.around(90), _amends, hop=False)
    if chance.happens(habits["withdraws"]):
        stage.later(case, chance.around(200), _withdraws, hop=False)


def _amends(stage: Stage, case: Case) -> None:
    body = f"{case.state.text}\n{stage.words(case, 'amend', 'more')}"
    stage.tell(case, _channel(case), IssueAmended, body=body)


def _withdraws(stage: Stage, case: Case) -> None:
    if case.state.status in (*_RESULTS, Status.MERGED):
        return
    reason = "reported-by-mistake" if case.chance.happens(0.25) else "citizen-withdrew"
    text = stage.words(case, "withdraw", reason)
    stage.tell(case, _channel(case), IssueWithdrawn, reason=reason, text=text)


# -- when there is a result


def answered(stage: Stage, case: Case) -> None:
    """Who reported it may rate the result, and is called by the desk in the window."""
    chance, habits = case.chance, stage.behaviour
    for each in (case, *(stage.by_id[child] for child in case.state.children)):
        if each.chance.happens(habits.reporter["rates"].get(each.state.channel, 0.0)):
            wait = each.chance.around(habits.reporter["rate"])
            stage.later(each, wait, partial(_rates, of=case), hop=False)
    if chance.happens(habits.desk["calls"]):
        stage.at(case, stage.now + int((3.02 + 3.7 * chance.next()) * _DAY), _opens_the_line)


def _rates(stage: Stage, case: Case, *, of: Case) -> None:
    if of.state.resolved_at is None or of.state.status not in _RESULTS:
        return
    solved, satisfied = of.solved, _is_content(stage, of)
    rating: dict[str, Any] = {
        "resolved": solved,
        "satisfied": satisfied,
        "stars": (4 if satisfied else 1) + int(case.chance.next() * 2),
        "text": stage.words(case, "rate", "good" if satisfied else "bad"),
    }
    if not stage.tell(case, _channel(case), IssueRated, **rating):
        return
    if case.chance.happens(stage.behaviour.reporter["twice"]):
        stage.tell(case, _channel(case), IssueRated, wrongly=True, **rating)


def _is_content(stage: Stage, case: Case) -> bool:
    state, content = case.state, stage.behaviour.reporter["content"]
    clock = state.clocks.get("resolve")
    if state.unresolvable:
        share = content["unable"]
    elif not case.solved:
        share = content["not_solved"]
    else:
        share = content["late" if clock is not None and clock.is_late() else "solved"]
    return case.chance.happens(share + stage.behaviour.of(state.lead or "").courtesy)


def _opens_the_line(stage: Stage, case: Case) -> None:
    """Nobody is called at night."""
    stage.later(case, 30 * case.chance.next(), _calls, roster="day")


def _calls(stage: Stage, case: Case) -> None:
    state, chance = case.state, case.chance
    if state.status not in _RESULTS:
        return
    tries = state.follow_up.tries if state.follow_up is not None else 0
    if not chance.happens(stage.behaviour.desk["reached"]):
        reached = chance.one(("no-answer", "no-answer", "no-answer", "wrong-number", "declined"))
        told = stage.tell(
            case,
            case.desk(),
            FollowUpCalled,
            reached=reached,
            text=stage.words(case, "call", "none") if reached == "no-answer" else "",
        )
        if told and reached == "no-answer" and tries + 1 < _MOST_CALLS:
            stage.at(case, stage.now + int((0.6 + chance.next()) * _DAY), _opens_the_line)
        return
    content = _is_content(stage, case)
    stage.tell(
        case,
        case.desk(),
        FollowUpCalled,
        reached="reached",
        contacted=chance.happens(0.95 if content else 0.7),
        solved="yes" if case.solved else chance.one(("no", "no", "partly")),
        satisfied=chance.one(("very", "yes", "yes")) if content else chance.one(("fair", "no")),
        cause=None if content else chance.one(_CAUSES),
        text=stage.words(case, "call", "good" if content else "bad"),
    )


def objected(stage: Stage, case: Case) -> None:
    """The desk opens again what its reporter says is not solved."""
    state = case.state
    rated = state.rating is not None and state.rating.resolved is False
    told = state.follow_up is not None and state.follow_up.solved == "no"
    if not (rated or told) or state.unresolvable or state.master is not None:
        return
    if case.chance.happens(stage.behaviour.desk["again"]):
        stage.later(case, case.chance.around(60), _reopens)


def _reopens(stage: Stage, case: Case) -> None:
    reason = case.chance.one(("not-fixed", "not-fixed", "false-result", "recurred"))
    if case.state.follow_up is not None and case.state.follow_up.contacted is False:
        reason = "not-contacted"
    stage.tell(case, case.desk(), IssueReopened, reason=reason)


# -- on the spot


def claimed(stage: Stage, case: Case) -> None:
    """Another grid worker may go and look."""
    area = stage.city.areas.get(case.state.area or "")
    if area is None or area.level != "grid" or case.state.tier == "consultation":
        return
    habits = stage.behaviour.grid
    if case.chance.happens(habits["checks"]):
        stage.later(case, case.chance.around(habits["check"]), _checks, roster="day")


def _checks(stage: Stage, case: Case) -> None:
    state, habits, chance = case.state, stage.behaviour.grid, case.chance
    if state.status is not Status.RESOLVED:
        return
    # Who solved it on a patrol is known by the whole name.
    handlers = {name.rpartition(":")[2] for name in state.handlers}
    others = [name for name in crew(state.area or "") if name not in handlers]
    if not others:
        return
    checker = chance.one(others)
    fails = chance.happens(habits["doubts"] if case.solved else habits["finds_out"])
    stage.tell(
        case,
        f"channel:{GRID}:{checker}",
        SiteCheckFailed if fails else SiteCheckPassed,
        checker=checker,
        media=(photo(case),),
        place=None if state.lon is None else Place(lon=state.lon, lat=state.lat),
        text=stage.words(case, "check", "failed" if fails else "passed"),
    )


def _channel(case: Case) -> str:
    return f"channel:{case.state.channel}"
