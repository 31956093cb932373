"""What holds for every life of an issue, whatever happens in whatever order."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hutong.events.orders import ActRefused, OrderIssued, OrderWithdrawn
from hutong.issue import v1
from hutong.issue.consequences import consequences, order_id
from hutong.issue.fold import Outcome, Step, evolve
from hutong.issue.record import ROUTER, Record
from hutong.issue.state import IssueState, Status
from tests.fixtures.cases import DAY, Case, accepted_case, dispatched_case
from tests.fixtures.lifecycle import RULES, fold_all
from tests.fixtures.lifecycle import given as state_of
from tests.fixtures.lives import OLDER, Act, acts, live, scripts

PROMISES = {"accept", "respond", "resolve", "statutory"}


class Life(RuleBasedStateMachine):
    """One issue, one act after the other; departments keep their orders as they are told."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case()
        #: Open orders: order id -> department.
        self.inbox: dict[str, str] = {}
        self.seen_events: set[str] = set()

    @initialize()
    def reported(self) -> None:
        self.case.reported()

    @rule(act=acts)
    def act(self, act: Act) -> None:
        before = len(self.case.steps)
        act.told(self.case)
        for step in self.case.steps[before:]:
            self._deliver(step)

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        record = data.draw(st.sampled_from(self.case.records))
        assert evolve(self.case.state, record, RULES) == ()

    def _deliver(self, step: Step) -> None:
        record = step.record
        if record.name == "IssueDispatched" and record.principal == ROUTER:
            for department in dict.fromkeys((record.body["lead"], *record.body["co_owners"])):
                self.inbox[order_id(record.event_id, department)] = department
        sent = consequences(step, str)
        assert sent == consequences(step, str)
        for event in sent:
            assert event.head.event_id not in self.seen_events
            self.seen_events.add(event.head.event_id)
            if isinstance(event, OrderIssued):
                self.inbox[event.order_id] = event.department
            elif isinstance(event, OrderWithdrawn):
                assert self.inbox.pop(event.order_id) == event.department
            else:
                assert isinstance(event, ActRefused)
                assert step.verdict.outcome is Outcome.REFUSED

    @invariant()
    def departments_hold_the_orders_of_who_owns_it(self) -> None:
        state = self.case.state
        if state is None:
            return
        gone = state.stage in (Status.WITHDRAWN, Status.TRANSFERRED) or state.master is not None
        owners = {state.lead, *state.co_owners} if state.lead and not gone else set()
        assert set(self.inbox.values()) == owners
        assert len(self.inbox) == len(owners)

    @invariant()
    def due_times_are_working_time(self) -> None:
        state = self.case.state
        if state is None:
            return
        keeper = RULES.pack(0).keeper
        for name, clock in state.clocks.items():
            assert keeper.is_working(clock.due_at, clock.calendar), name
            assert clock.due_at >= clock.started_at or clock.minutes is None, name

    @invariant()
    def the_state_survives_json(self) -> None:
        state = self.case.state
        if state is not None:
            assert IssueState.from_json(json.loads(json.dumps(state.to_json()))) == state

    @invariant()
    def one_hop_at_most_is_open(self) -> None:
        state = self.case.state
        if state is not None:
            assert [hop.number for hop in state.hops] == list(range(1, state.hop + 1))
            assert all(hop.ended_at is not None for hop in state.hops[:-1])


Life.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestLife = Life.TestCase


# -- verdicts ----------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(scripts)
def test_refused_events_change_nothing(script: list[Act]) -> None:
    for step in live(script).steps:
        if step.verdict.outcome is Outcome.REFUSED:
            assert step.before is not None
            assert step.after.but({"seen": step.before.seen}) == step.before
            assert step.verdict.reason in v1.TABLE.reasons
            assert step.verdict.detail


@settings(max_examples=200, deadline=None)
@given(scripts)
def test_a_step_leads_where_the_table_says(script: list[Act]) -> None:
    for step in live(script).steps:
        row = v1.TABLE.rows[step.record.name]
        if step.verdict.outcome is Outcome.APPLIED and step.before is not None:
            assert step.before.status in row.allowed
            assert step.after.stage in (row.to or (step.before.stage,))


# -- repeats and order -------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(scripts, st.data())
def test_repeats_change_nothing_wherever_they_fall(script: list[Act], data: st.DataObject) -> None:
    case = live(script)
    records = list(case.records)
    for record in data.draw(st.lists(st.sampled_from(records), max_size=6)):
        records.insert(data.draw(st.integers(0, len(records))), record)
    steps = fold_all(*records)
    assert steps[-1].after == case.state
    applied = [step.record.event_id for step in steps if step.verdict.outcome is Outcome.APPLIED]
    assert len(applied) == len(set(applied))


@settings(max_examples=200, deadline=None)
@given(scripts, st.randoms(use_true_random=False))
def test_a_chain_of_answers_ends_the_same_in_whatever_order_it_arrives(
    script: list[Act], random: Any
) -> None:
    case = live(script)
    records = list(case.records)
    random.shuffle(records)
    steps = fold_all(*records)
    assert steps[-1].after == case.state
    final = {step.record.event_id: step.verdict for step in steps}
    assert final == {step.record.event_id: step.verdict for step in case.steps}


def test_of_two_answers_to_the_same_event_the_first_in_the_log_is_judged_first() -> None:
    case = dispatched_case().returned()
    cause = case.records[-1].event_id
    yes = case.make("ReturnDecided", accepted=True, next_owner="water", answers=cause)
    refusal: dict[str, Any] = {
        "accepted": False,
        "decision": "refused-duty-list",
        "next_owner": None,
    }
    no = case.make("ReturnDecided", answers=cause, **refusal)
    assert state_of(*case.records, yes, no).status is Status.QUEUED
    assert state_of(*case.records, no, yes).status is Status.DISPATCHED


def test_a_signature_and_an_answer_to_the_same_order_may_come_either_way_round() -> None:
    case = dispatched_case().at(20)
    cause = case.records[-1].event_id
    signed = case.make("IssueAccepted", answers=cause)
    answered = case.at(30).make("IssueResponded", answers=cause)
    one = state_of(*case.records, signed, answered)
    assert one == state_of(*case.records, answered, signed)
    assert one.clocks["accept"].stopped_by == "IssueAccepted"


def test_two_answers_to_the_reporter_count_by_the_earlier_received() -> None:
    case = accepted_case()
    cause = case.records[-1].event_id
    early = case.at(60).make("IssueResponded", answers=cause)
    late = case.at(200).make("IssueResponded", answers=cause)
    one, other = state_of(*case.records, early, late), state_of(*case.records, late, early)
    assert one == other
    assert not one.clocks["respond"].is_late()


# -- clocks ------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(scripts)
def test_returns_and_further_dispatches_never_reset_a_promise(script: list[Act]) -> None:
    moves = {"IssueReturned", "ReturnDecided", "DutyAdjudicated", "IssueDispatched"}
    for step in live(script).steps:
        before, name = step.before, step.record.name
        if before is None or name not in moves or before.hop == 0:
            continue
        for clock in before.clocks.keys() & PROMISES:
            assert step.after.clocks[clock] == before.clocks[clock]


@settings(max_examples=200, deadline=None)
@given(scripts, st.data())
def test_merging_and_unmerging_leaves_no_trace_but_hops(
    script: list[Act], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(script)))
    apart = data.draw(st.sampled_from([0, 10, DAY]))
    plain, merged = Case(), Case()
    for case in (plain, merged):
        case.reported()
    for number, act in enumerate(itertools.chain(script, [None])):
        if number == place and merged.is_.master is None:
            step = merged.tell(
                merged.make("IssueMerged", master_id=OLDER, master_reported_at=merged.start - 1)
            )
            merged.at(merged.now + apart)
            if step.verdict.outcome is Outcome.APPLIED:
                merged.does("IssueUnmerged", other_id=OLDER)
            plain.at(merged.now)
        if act is not None:
            act.told(plain)
            act.told(merged)
    assert _without_hops(plain.is_) == _without_hops(merged.is_)


def _without_hops(state: IssueState) -> dict[str, Any]:
    return state.but({"hops": (), "hop": 0, "applied": 0, "seen": {}}).to_json()


def test_what_happened_while_nobody_knew_of_the_merge_is_refused_not_lost() -> None:
    case = accepted_case()
    case.does("IssueMerged", master_id=OLDER, master_reported_at=case.start - 1)
    record: Record = case.make("IssueResolved")
    assert case.tell(record).verdict.reason == "not-now"
    [sent] = consequences(case.steps[-1], str)
    assert isinstance(sent, ActRefused)
    assert (sent.department, sent.refused_id) == ("water-co", record.event_id)
