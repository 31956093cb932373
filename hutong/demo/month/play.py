"""Who reacts to what: the one table of the month, and the entry to it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hutong.city import City
from hutong.demo.month import departments, desk, leaders, people, returns, twins
from hutong.demo.month.chance import Chance
from hutong.demo.month.stage import Case, Cast, Stage, Told
from hutong.demo.report import GeneratedReport
from hutong.issue.rules import Rules
from hutong.issue.state import IssueState, Status


def _routed(stage: Stage, case: Case) -> None:
    """The router has answered the report: one more for a department, or for the desk."""
    if case.state.on_the_spot:
        case.solved = True
        people.claimed(stage, case)
        people.answered(stage, case)
        desk.closes_in_the_end(stage, case)
    elif case.state.status is Status.DISPATCHED:
        departments.ordered(stage, case)
        desk.may_transfer(stage, case)
    desk.queued(stage, case)


#: Event -> whom it concerns.
CAST: Final[Cast] = {
    "IssueReported": (_routed, people.reported, twins.reported),
    "IssueDispatched": (departments.ordered, desk.may_transfer),
    "IssueAccepted": (departments.works, desk.looks_again, desk.may_wait),
    "IssueReturned": (returns.returned,),
    "ReturnDecided": (returns.decided,),
    "DutyAdjudicated": (desk.queued,),
    "ExtensionRequested": (desk.asked_for_time,),
    "IssueSuspended": (desk.reviews,),
    "IssueResumed": (desk.goes_on,),
    "IssueResolved": (
        people.claimed, people.answered, leaders.content, desk.closes_in_the_end,
    ),
    "IssueDeclaredUnresolvable": (people.answered, leaders.content, desk.closes_in_the_end),
    "SiteCheckPassed": (desk.closes,),
    "SiteCheckFailed": (desk.goes_on,),
    "IssueReopened": (desk.goes_on,),
    "FollowUpCalled": (people.objected, desk.closes),
    "IssueRated": (people.objected, desk.closes),
    "IssueEscalated": (leaders.escalated,),
    "IssueUnmerged": (departments.goes_on_alone, desk.queued),
}  # fmt: skip


def stage_of(city: City, rules: Rules, end: int) -> Stage:
    """An empty stage for a month that ends then."""
    return Stage(city, rules, CAST, end)


def play(
    stage: Stage,
    seed: int,
    reports: Iterable[GeneratedReport],
    issue_ids: Iterable[str],
    states: Mapping[str, IssueState],
) -> Iterator[Told]:
    """Everything that happens to these reports before the stage's end, in time order.

    ``states``: each issue as it is after the router's answer. The same arguments give the same
    acts.
    """
    yield from stage.play(
        _case(seed, report, states[issue_id])
        for report, issue_id in zip(reports, issue_ids, strict=True)
    )


def _case(seed: int, report: GeneratedReport, state: IssueState) -> Case:
    # The report and the router's answer to it.
    [answer] = [event_id for event_id in state.seen if event_id != state.issue_id]
    chance = Chance(f"{seed}/{report.number}")
    return Case(state, report, chance, newest=answer, at=state.reported_at)
