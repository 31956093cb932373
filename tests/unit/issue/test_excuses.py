"""An outage of ours costs nobody their time. Minutes count from the report: Monday 08:00."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.issue.excuses import excuses
from hutong.issue.fold import Outcome
from hutong.issue.state import IssueState
from tests.fixtures.cases import DAY, HOUR, Case, accepted_case, resolved_case
from tests.fixtures.histories import MINUTE
from tests.fixtures.lifecycle import RULES
from tests.fixtures.lives import Act, live, scripts

PACK = RULES.pack(0)
RESOLVE = 10 + DAY


def excuse(case: Case, start: int, end: int) -> dict[str, float]:
    """Excuse an outage between two minutes: clock -> due minute, of those that moved."""
    found = excuses(case.is_, PACK, (case.ms(start), case.ms(end)), "收单服务中断")
    case.at(max(case.now, end) + 1)
    for event in found:
        step = case.hears(event)
        assert step.verdict.outcome is Outcome.APPLIED, step.verdict
    return {event.clock: case.due(event.clock) for event in found}


def test_a_clock_that_ran_through_it_is_due_later_by_as_much() -> None:
    case = accepted_case()
    assert excuse(case, 30, 90) == {"respond": 10 + 3 * HOUR, "resolve": RESOLVE + 60}
    assert case.clock("resolve").excused_ms == 60 * MINUTE
    assert json.loads(json.dumps(case.is_.to_json()))["clocks"]["resolve"][-1]


def test_who_had_an_hour_left_when_it_began_has_an_hour_left_when_it_is_over() -> None:
    case = accepted_case()
    moved = excuse(case, RESOLVE - 60, RESOLVE + 5 * HOUR)
    assert moved["resolve"] == RESOLVE + 5 * HOUR + 60


def test_what_was_due_before_it_or_answered_in_time_gets_nothing() -> None:
    assert excuse(accepted_case(), RESOLVE, RESOLVE + 60) == {}
    # The call to the reporter is still owed.
    assert excuse(resolved_case(), 50, 90) == {}


def test_a_late_answer_may_be_in_time_then() -> None:
    case = accepted_case().at(RESOLVE + 30).resolved()
    assert case.clock("resolve").is_late()
    assert excuse(case, 200, 260)["resolve"] == RESOLVE + 60
    assert not case.clock("resolve").is_late()


def test_the_same_outage_twice_changes_nothing() -> None:
    case = accepted_case()
    assert excuse(case, 30, 90)
    assert excuse(case, 30, 90) == {}


def test_of_two_that_overlap_each_instant_counts_once() -> None:
    case = accepted_case()
    excuse(case, 60, 90)
    excuse(case, 30, 120)
    assert case.clock("resolve").excused_ms == 90 * MINUTE
    spans = [(s - case.start, e - case.start) for s, e in case.clock("resolve").excused]
    assert [(s // MINUTE, e // MINUTE) for s, e in spans] == [(60, 90), (30, 60), (90, 120)]


def test_working_time_gets_back_working_time() -> None:
    week = [{"clock": "resolve", "minutes": 5 * 420, "calendar": "working"}]
    case = Case().reported().dispatched(clocks=week)
    before = case.due("resolve")
    # Monday 16:30 to Tuesday 09:30: one hour before the office closed and half an hour after.
    excuse(case, 8 * HOUR + 30, 25 * HOUR + 30)
    keeper = PACK.keeper
    gained = keeper.elapsed(
        case.ms(0) + int(before * MINUTE), case.clock("resolve").due_at, "working"
    )
    assert gained == 90 * MINUTE


def test_one_that_was_refused_can_be_said_again() -> None:
    case = accepted_case()
    [_, early] = excuses(case.is_, PACK, (case.ms(30), case.ms(90)), "")
    case.at(100).does("ExtensionRequested", minutes=HOUR)
    case.does("ExtensionDecided", granted=True, level="desk", minutes=5 * HOUR)
    assert case.hears(early).verdict.reason == "due-not-later"
    assert excuse(case, 30, 90)["resolve"] == RESOLVE + 6 * HOUR


@settings(max_examples=300, deadline=None)
@given(scripts, st.integers(-HOUR, 3 * DAY), st.integers(0, 2 * DAY))
def test_every_excuse_takes_effect_once_and_the_state_survives_json(
    script: list[Act], start: int, minutes: int
) -> None:
    case = live(script)
    case.at(max(case.now, start + minutes))
    excuse(case, start, start + minutes)
    assert excuse(case, start, start + minutes) == {}
    state = case.is_
    assert IssueState.from_json(json.loads(json.dumps(state.to_json()))) == state
