"""The life of one issue: given events, when one more comes, then this."""

import itertools
import json
from dataclasses import replace

import pytest

from hutong.issue.fold import Outcome, evolve
from hutong.issue.state import IssueState, Status
from tests.fixtures.histories import MINUTE, START, History, whole_life
from tests.fixtures.lifecycle import RULES, given, when


def test_a_whole_life() -> None:
    state = given(*whole_life(1))
    assert state.status is Status.CLOSED
    assert not state.is_open
    assert state.applied == 6
    assert (state.lead, state.hop) == ("water-co", 1)
    assert state.reported_at == START
    assert state.dispatched_at == START + MINUTE + 1_000  # the router's act counts when recorded
    assert state.accepted_at == START + 2 * MINUTE
    assert state.closed_at == START + 5 * MINUTE


def test_a_repeat_changes_nothing() -> None:
    records = whole_life(1)
    state = given(*records)
    assert [evolve(state, record, RULES) for record in records] == [()] * 6


def test_a_refused_record_is_remembered_and_refused_once() -> None:
    history = History(1)
    state = given(history.reported(), history.dispatched())
    intruder = history.by_lead("IssueAccepted", lead="parks", hop=1)
    step = when(state, intruder)
    assert (step.verdict.outcome, step.verdict.reason) == (Outcome.REFUSED, "not-the-lead")
    assert step.after.status is Status.DISPATCHED
    assert step.after.applied == state.applied
    assert evolve(step.after, intruder, RULES) == ()


def test_the_answer_to_a_refused_record_is_judged_not_kept_waiting() -> None:
    history = History(1)
    records = [history.reported(), history.dispatched()]
    refused = history.by_lead("IssueResolved", hop=1)  # not accepted yet
    accepted = history.by_lead("IssueAccepted", hop=1)
    assert accepted.causation_id == refused.event_id
    assert given(*records, refused, accepted).status is Status.ACCEPTED


@pytest.mark.parametrize("hop", [2, 3])
def test_a_hop_that_is_not_the_next_is_refused(hop: int) -> None:
    history = History(1)
    state = given(history.reported())
    step = when(state, history.dispatched(hop=hop))
    assert (step.verdict.outcome, step.verdict.reason) == (Outcome.REFUSED, "wrong-hop")


def test_an_act_on_an_old_hop_is_refused() -> None:
    history = History(1)
    state = given(
        history.reported(),
        history.dispatched(),
        history.by_lead("IssueReturned", hop=1),
        history.by_desk("ReturnDecided", next_owner="water-co"),
        history.dispatched(hop=2),
    )
    step = when(state, history.by_lead("IssueAccepted", hop=1))
    assert step.verdict.reason == "wrong-hop"


def test_a_return_resets_neither_the_report_nor_the_first_dispatch() -> None:
    history = History(1)
    first = given(history.reported(), history.dispatched())
    state: IssueState = first
    leads = ("water-co", "water", "housing", "urban-mgmt", "street-east")
    for hop, (lead, following) in enumerate(itertools.pairwise(leads), 1):
        for record in (
            history.by_lead("IssueReturned", lead=lead, hop=hop),
            history.by_desk("ReturnDecided", next_owner=following),
            history.dispatched(lead=following, hop=hop + 1),
        ):
            state = when(state, record).after
    assert (state.reported_at, state.dispatched_at) == (first.reported_at, first.dispatched_at)
    assert state.hop == 5
    assert state.status is Status.DISPATCHED


def test_an_answer_that_overtakes_its_cause_waits_for_it() -> None:
    history = History(1)
    reported, dispatched = history.reported(), history.dispatched()
    accepted = history.by_lead("IssueAccepted", hop=1)
    state = given(reported)
    step = when(state, accepted)
    assert step.verdict.outcome is Outcome.WAITING
    assert step.after.status is Status.REPORTED
    steps = evolve(step.after, dispatched, RULES)
    assert [(s.record.name, s.verdict.outcome) for s in steps] == [
        ("IssueDispatched", Outcome.APPLIED),
        ("IssueAccepted", Outcome.APPLIED),
    ]
    assert steps[-1].after == given(reported, dispatched, accepted)


def test_a_whole_life_told_backwards_waits_and_then_comes_true_at_once() -> None:
    records = whole_life(1)
    state: IssueState | None = None
    for record in reversed(records[1:]):
        step = when(state, record)
        assert step.verdict.outcome is Outcome.WAITING
        state = step.after
        assert state.status is Status.AWAITED
        assert not state.is_open
    steps = evolve(state, records[0], RULES)
    assert [step.verdict.outcome for step in steps] == [Outcome.APPLIED] * 6
    assert steps[-1].after == given(*records)


def test_a_repeat_of_a_waiting_record_changes_nothing() -> None:
    history = History(1)
    history.reported()
    orphan = history.dispatched()
    state = when(None, orphan).after
    assert evolve(state, orphan, RULES) == ()


def test_a_second_report_of_the_same_issue_is_refused() -> None:
    history = History(1)
    state = given(history.reported())
    other = History(1).event("IssueReported", "channel:app", event_id=History(2).issue_id)
    step = when(state, other)
    assert (step.verdict.outcome, step.verdict.reason) == (Outcome.REFUSED, "already-reported")
    assert step.after.reported_at == state.reported_at


@pytest.mark.parametrize(
    ("name", "status"),
    [("IssueWithdrawn", Status.WITHDRAWN), ("IssueTransferred", Status.TRANSFERRED)],
)
def test_nothing_moves_an_issue_that_ended(name: str, status: Status) -> None:
    history = History(1)
    state = given(history.reported(), history.dispatched(), history.by_desk(name))
    assert state.status is status
    step = when(state, history.by_lead("IssueAccepted", hop=1))
    assert (step.verdict.outcome, step.verdict.reason) == (Outcome.REFUSED, "not-now")


def test_a_failed_check_and_a_reopening_take_the_result_back() -> None:
    history = History(1)
    accepted = [
        history.reported(),
        history.dispatched(),
        history.by_lead("IssueAccepted", hop=1),
    ]
    failed = given(
        *accepted, history.by_lead("IssueResolved", hop=1), history.by_desk("SiteCheckFailed")
    )
    assert (failed.status, failed.resolved_at) == (Status.ACCEPTED, None)
    state = failed
    for record in (
        history.by_lead("IssueDeclaredUnresolvable", hop=2),
        history.by_desk("IssueClosed", ground="unresolvable"),
    ):
        state = when(state, record).after
    assert state.unresolvable
    assert state.resolved_at is not None
    again = when(state, history.by_desk("IssueReopened")).after
    assert (again.unresolvable, again.resolved_at, again.closed_at) == (False, None, None)


def test_an_amendment_changes_what_it_says_and_nothing_else() -> None:
    history = History(1)
    state = given(history.reported())
    place = {"lon": None, "lat": None, "address": "新地址"}
    amended = when(
        state, history.by_desk("IssueAmended", place=place, subject=None, body=None)
    ).after
    assert (amended.address, amended.subject) == ("新地址", state.subject)
    assert (amended.lon, amended.lat, amended.area) == (state.lon, state.lat, state.area)


def test_imported_history_counts_at_the_time_it_brings() -> None:
    history = History(1, origin="imported")
    state = given(history.reported(), history.dispatched())
    assert (state.origin, state.dispatched_at) == ("imported", START + MINUTE)


def test_an_event_without_a_rule_is_kept_and_refused() -> None:
    history = History(1)
    state = given(history.reported())
    step = when(state, replace(history.by_desk("IssueAmended"), name="IssueFramed"))
    assert (step.verdict.outcome, step.verdict.reason) == (Outcome.REFUSED, "no-rule")


def test_a_state_survives_json_with_what_waits() -> None:
    history = History(1)
    history.reported()
    state = when(None, history.dispatched()).after
    assert IssueState.from_json(json.loads(json.dumps(state.to_json()))) == state
    assert IssueState.from_json(json.loads(json.dumps(given(*whole_life(2)).to_json()))) == given(
        *whole_life(2)
    )
