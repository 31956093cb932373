"""The city's rule book: given a case, when something happens, then this."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hutong.issue.fold import Step
from hutong.issue.state import Status
from tests.fixtures.cases import (
    DAY,
    HOUR,
    Case,
    accepted_case,
    dispatched_case,
    resolved_case,
)

S = Status


# -- dispatch and handling ---------------------------------------------------------------------


def test_from_the_report_to_the_rating() -> None:
    case = resolved_case()
    case.does("SiteCheckPassed").does("IssueClosed", ground="verified")
    case.at(4 * DAY).does("FollowUpCalled").does("IssueRated", by="channel:app")
    assert case.status() is S.CLOSED
    claimed, verified, rating = case.is_.resolved_at, case.is_.verified_at, case.is_.rating
    assert claimed == verified == case.ms(100)
    assert rating is not None
    assert rating.at == case.ms(4 * DAY)


def test_what_a_patrol_solved_at_once_is_resolved_and_only_classified() -> None:
    spot = {"result": "fixed", "text": "已清理"}
    case = Case().reported(channel="grid", handled_on_the_spot=spot)
    assert (case.status(), set(case.is_.clocks)) == (S.RESOLVED, {"follow-up"})
    case.dispatched()
    assert (case.status(), case.is_.lead, case.is_.category) == (
        S.RESOLVED,
        None,
        "utilities.water",
    )
    assert case.refuses("IssueDispatched", hop=1) == "not-now"
    case.does("SiteCheckFailed")
    assert case.status() is S.QUEUED
    case.dispatched()
    assert (case.status(), case.is_.lead) == (S.DISPATCHED, "water-co")


def test_an_answer_before_the_signature_is_no_fault() -> None:
    case = dispatched_case().at(15).does("IssueResponded").at(30).accepted()
    assert case.status() is S.RESPONDED
    assert case.refuses("IssueAccepted") == "accepted-before"


def test_the_desk_may_take_an_issue_from_one_department_to_another() -> None:
    case = accepted_case().at(200).dispatched("parks")
    assert (case.is_.lead, case.is_.hop) == ("parks", 2)
    assert [(hop.lead, hop.ended_by) for hop in case.is_.hops] == [
        ("water-co", "reassigned"),
        ("parks", ""),
    ]
    assert case.is_.hops[0].dwell_ms(case.ms(9999)) == 190 * 60_000


def test_a_department_hands_it_down_and_its_worker_may_not_check_the_result() -> None:
    case = accepted_case()
    case.does("IssueAssigned", level="grid", assignee="gw-0103")
    case.does("IssueAssigned", by="dept:water", level="grid", assignee="gw-0200")
    assert {name: a.assignee for name, a in case.is_.assignments.items()} == {
        "water-co": "gw-0103",
        "water": "gw-0200",
    }
    case.resolved()
    assert case.refuses("SiteCheckPassed", checker="gw-0103") == "checker-is-handler"
    case.does("SiteCheckPassed", checker="gw-0300")


# -- returns -----------------------------------------------------------------------------------


def test_an_accepted_return_needs_a_dispatch_of_the_desk_to_whom_it_named() -> None:
    case = dispatched_case().at(30).returned().at(60).return_accepted("water")
    assert (case.status(), case.is_.lead) == (S.QUEUED, None)
    assert case.refuses("IssueDispatched", hop=2, lead="parks") == "not-as-ruled"
    case.at(90).dispatched("water")
    hop, _ = case.is_.hops
    assert (hop.ended_by, hop.return_reason, hop.dwell_ms(0)) == (
        "returned",
        "wrong-owner",
        20 * 60_000,
    )


def test_a_refused_return_goes_back_to_the_same_owner_where_it_stood() -> None:
    case = accepted_case().at(60).returned().at(120).return_refused()
    assert (case.status(), case.is_.lead, case.is_.hop) == (S.ACCEPTED, "water-co", 1)
    hop = case.is_.hops[-1]
    assert hop.desk_ms == HOUR * 60_000
    assert hop.dwell_ms(case.ms(180)) == (180 - 10 - 60) * 60_000


def test_a_second_return_by_the_same_department_is_a_dispute_that_the_desk_rules() -> None:
    case = dispatched_case().returned().return_refused().returned()
    assert case.status() is S.DISPUTED
    assert case.refuses("ReturnDecided") == "not-now"
    case.does("DutyAdjudicated", lead="housing")
    assert case.status() is S.QUEUED
    case.dispatched("housing")
    assert case.refuses("IssueReturned") == "ruled-already"


def test_returns_of_different_departments_are_no_dispute() -> None:
    case = dispatched_case().returned().return_accepted("water").dispatched("water").returned()
    assert case.status() is S.RETURNED


@pytest.mark.parametrize(
    ("tier", "within", "after"),
    [
        ("urgent", 10 + 2 * HOUR, 10 + 2 * HOUR + 1),
        # Dispatched on Monday at 08:10, so a working day is over when the office closes.
        ("general", 9 * HOUR + 30, 9 * HOUR + 31),
    ],
)
def test_the_window_for_returns(tier: str, within: int, after: int) -> None:
    assert dispatched_case(tier=tier).at(within).returned().status() is S.RETURNED
    assert dispatched_case(tier=tier).at(after).refuses("IssueReturned") == "return-too-late"


# -- results -----------------------------------------------------------------------------------


def test_a_failed_check_is_rework_and_the_result_is_kept_as_a_round() -> None:
    case = resolved_case().at(200).does("SiteCheckFailed")
    assert (case.status(), case.is_.resolved_at, case.is_.rework) == (S.ACCEPTED, None, 1)
    [ended] = case.is_.rounds
    assert (ended.resolved_at, ended.result, ended.ended_by) == (
        case.ms(100),
        "fixed",
        "SiteCheckFailed",
    )
    assert (case.is_.hop, case.is_.lead) == (2, "water-co")
    case.resolved().does("SiteCheckPassed").does("IssueClosed", ground="verified")


def test_each_round_is_rated_once() -> None:
    case = resolved_case().does("IssueRated")
    assert case.refuses("IssueRated") == "rated-before"
    case.does("IssueReopened", reason="not-fixed").resolved().does("IssueRated", resolved=True)
    case.does("IssueClosed", ground="rated")
    assert case.is_.rounds[0].rating is not None


def test_grounds_for_closing_must_hold() -> None:
    case = resolved_case()
    for ground in ("verified", "rated", "unresolvable", "at-desk", "because"):
        assert case.refuses("IssueClosed", ground=ground) == "ground-not-met"
    case.does("IssueClosed", ground="policy")


def test_the_desk_may_close_what_it_answered_itself() -> None:
    case = Case().reported().does("IssueQueued", by="router")
    assert case.does("IssueClosed", ground="at-desk").status() is S.CLOSED
    assert case.does("IssueReopened", reason="new-facts").status() is S.QUEUED


def test_an_unresolvable_issue_was_explained_and_is_counted_apart() -> None:
    case = accepted_case()
    assert case.refuses("IssueDeclaredUnresolvable", explanation=" ") == "no-explanation"
    case.does("IssueDeclaredUnresolvable")
    assert (case.status(), case.is_.unresolvable) == (S.UNRESOLVABLE, True)
    case.does("IssueClosed", ground="unresolvable")


def test_three_calls_without_answer_are_remembered_and_a_talk_is_not_forgotten() -> None:
    case = resolved_case().does("FollowUpCalled", reached="no-answer")
    case.does("FollowUpCalled", reached="reached", solved="partly")
    case.does("FollowUpCalled", reached="no-answer")
    assert case.is_.follow_up is not None
    assert (case.is_.follow_up.tries, case.is_.follow_up.solved) == (3, "partly")


# -- supervision -------------------------------------------------------------------------------


def test_each_level_supervises_once_at_a_time() -> None:
    case = accepted_case().does("SupervisionOpened", level="district")
    case.does("SupervisionOpened", level="leader", due_at=None)
    assert case.refuses("SupervisionOpened", level="leader") == "supervised-already"
    case.does("SupervisionClosed", level="leader")
    assert case.refuses("SupervisionClosed", level="leader") == "not-supervised"
    case.does("SupervisionOpened", level="leader")
    assert set(case.is_.clocks) >= {"supervision:district", "supervision:leader"}


# -- merging -----------------------------------------------------------------------------------


def test_a_child_follows_its_master_and_is_asked_for_its_rating_too() -> None:
    case = accepted_case().does(
        "IssueMerged", master_id=Case(2).history.issue_id, master_reported_at=case_start() - 1
    )
    assert case.status() is S.MERGED
    assert case.refuses("IssueResolved") == "not-now"
    case.does("IssueRated").does("FollowUpCalled")
    assert case.status() is S.MERGED


def case_start() -> int:
    return Case().start


def test_only_the_older_of_two_can_be_the_master_so_no_circle_can_be_made() -> None:
    one, other = Case(1).reported(), Case(2).reported()
    ids = sorted((one, other), key=lambda case: case.is_.issue_id)
    older, younger = ids  # both were reported in the same millisecond: the id decides
    into = {"master_reported_at": older.start, "reason": "same-incident"}
    takes = {"child_reported_at": younger.start, "reason": "same-incident"}
    assert older.refuses("IssueMerged", master_id=younger.is_.issue_id, **into) == "not-the-older"
    assert younger.refuses("IssueAbsorbed", child_id=older.is_.issue_id, **takes) == "not-the-older"
    younger.does("IssueMerged", master_id=older.is_.issue_id, **into)
    older.does("IssueAbsorbed", child_id=younger.is_.issue_id, **takes)
    assert older.is_.children == (younger.is_.issue_id,)
    again = older.refuses("IssueAbsorbed", child_id=younger.is_.issue_id, **takes)
    assert again == "absorbed-before"
    older.does("IssueUnmerged", other_id=younger.is_.issue_id)
    younger.does("IssueUnmerged", other_id=older.is_.issue_id)
    assert younger.status() is S.REPORTED
    assert younger.refuses("IssueUnmerged", other_id=older.is_.issue_id) == "not-merged"


def test_a_suspended_issue_may_be_merged_and_is_suspended_again_afterwards() -> None:
    older = Case(2).history.issue_id
    case = accepted_case().does("IssueSuspended")
    case.does("IssueMerged", master_id=older, master_reported_at=case.start - 1)
    assert case.status() is S.MERGED
    case.does("IssueUnmerged", other_id=older)
    assert case.status() is S.SUSPENDED
    assert case.does("IssueResumed").status() is S.ACCEPTED


def test_what_a_person_found_to_be_another_matter_is_not_suspected_again() -> None:
    older, third = Case(2).history.issue_id, Case(3).history.issue_id
    pair = [
        {"issue_id": other, "metres": -1, "minutes": 5, "text_score": 80}
        for other in (older, third)
    ]
    case = dispatched_case().does("DuplicateSuspected", suspects=pair)
    assert list(case.is_.suspects) == [older, third]
    case.does("DuplicateDismissed", other_id=older).does("DuplicateSuspected", suspects=pair)
    assert list(case.is_.suspects) == [third]
    assert list(case.is_.dismissed) == [older]
    assert case.refuses("DuplicateDismissed", other_id=older) == "not-suspected"


# -- whom it concerns --------------------------------------------------------------------------


def played(case: Case, name: str, actor: str, **fields: Any) -> Step:
    """What comes of an event of the simulator's, by the actor that it names."""
    record = case.make(name, by="simulator", **fields)
    head = {**record.body["head"], "actor": actor}
    return case.tell(replace(record, body={**record.body, "head": head}))


def test_the_simulator_plays_departments_by_the_actor_that_it_names() -> None:
    case = dispatched_case()
    assert played(case, "IssueAccepted", "dept:parks:sim").verdict.reason == "not-the-lead"
    assert played(case, "IssueAccepted", "dept:water-co:sim").verdict.outcome == "applied"
    assert case.status() is S.ACCEPTED


def test_the_simulator_plays_channels_and_each_only_for_its_own_issues() -> None:
    case = resolved_case()
    assert played(case, "IssueRated", "channel:hotline:sim").verdict.reason == "not-the-channel"
    assert played(case, "IssueRated", "channel:app:sim").verdict.outcome == "applied"


def test_whom_the_simulator_plays_may_not_check_its_own_work() -> None:
    case = resolved_case()
    step = played(case, "SiteCheckPassed", "channel:grid:gw-1", checker="gw-1")
    assert step.verdict.outcome == "applied"
    case = accepted_case().does("IssueAssigned", level="grid", assignee="gw-1").resolved()
    step = played(case, "SiteCheckPassed", "channel:grid:gw-1", checker="gw-1")
    assert step.verdict.reason == "checker-is-handler"
