"""The rule book's pages on time. Minutes count from the report: Monday 08:00."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city import load_city
from hutong.issue import clocks
from hutong.issue.calendar import MINUTE, NATURAL, WORKING, TimeKeeper
from hutong.issue.pack import Pack
from hutong.issue.record import Record
from hutong.issue.rules import Rules
from tests.fixtures.cases import (
    DAY,
    GENERAL,
    HOUR,
    Case,
    accepted_case,
    dispatched_case,
    resolved_case,
)
from tests.fixtures.lifecycle import RULES

PROMISES = ("accept", "respond", "resolve")
CITY = load_city()
KEEPER = TimeKeeper(CITY.calendar, CITY.timezone)


# -- start and stop ----------------------------------------------------------------------------


def test_a_report_starts_the_dispatch_clock_and_a_dispatch_the_others() -> None:
    case = Case().reported()
    assert (set(case.is_.clocks), case.due("dispatch")) == ({"dispatch"}, HOUR)
    case.at(10).dispatched()
    assert {name: case.due(name) for name in PROMISES} == {
        "accept": 10 + HOUR,
        "respond": 10 + 2 * HOUR,
        "resolve": 10 + DAY,
    }
    assert case.clock("dispatch").stopped_at == case.ms(10)


def test_the_dispatch_clock_gets_the_length_of_the_tier_when_it_is_known() -> None:
    hard = [{"clock": "dispatch", "minutes": 120, "calendar": "natural"}]
    case = Case().reported().at(90)
    assert case.clock("dispatch").is_late(case.ms(90))
    case.dispatched(tier="hard", clocks=hard)
    assert not case.clock("dispatch").is_late()


def test_a_queue_does_not_stop_the_dispatch_clock() -> None:
    case = Case().reported().does("IssueQueued", by="router").at(70)
    assert case.clock("dispatch").is_late(case.ms(70))
    case.dispatched()
    assert case.clock("dispatch").is_late()


def test_the_routers_own_acts_count_when_they_are_recorded() -> None:
    case = Case().reported().at(10)
    late = case.make("IssueDispatched", by="router", hop=1, clocks=GENERAL)
    late = replace(late, source=case.records[0].source, recorded_at=case.ms(70))
    case.tell(late)
    assert case.clock("dispatch").is_late()
    assert case.due("resolve") == 70 + DAY


def test_what_was_received_in_time_is_in_time_however_late_it_is_recorded() -> None:
    case = accepted_case().at(10 + DAY)
    in_time = replace(case.make("IssueResolved"), recorded_at=case.ms(3 * DAY))
    case.tell(in_time)
    assert not case.clock("resolve").is_late()
    assert accepted_case().at(11 + DAY).resolved().clock("resolve").is_late()


def test_a_result_is_an_answer_too() -> None:
    case = resolved_case()
    assert [case.clock(name).stopped_by for name in PROMISES] == [
        "IssueAccepted",
        "IssueResolved",
        "IssueResolved",
    ]


def test_an_unresolvable_issue_stops_the_clock_and_says_so() -> None:
    case = accepted_case().at(100).does("IssueDeclaredUnresolvable")
    assert case.clock("resolve").stopped_by == "IssueDeclaredUnresolvable"


@pytest.mark.parametrize("name", ["IssueWithdrawn", "IssueTransferred"])
def test_an_end_stops_every_clock_that_runs_and_takes_nothing_from_those_that_stopped(
    name: str,
) -> None:
    case = accepted_case().at(50).does(name)
    assert not any(clock.is_running for clock in case.is_.clocks.values())
    assert case.clock("accept").stopped_by == "IssueAccepted"
    assert case.clock("resolve").stopped_by == name


# -- returns never reset -----------------------------------------------------------------------


def test_returns_never_start_a_promise_anew() -> None:
    case = dispatched_case()
    promised = dict(case.is_.clocks)
    for lead in ("water", "housing", "urban-mgmt", "street-east"):
        case.at(case.now + 20).returned().return_accepted(lead).dispatched(lead)
    assert case.is_.clocks == promised
    assert len(case.is_.hops) == 5


def test_a_refused_return_costs_the_issue_its_time_and_not_the_department() -> None:
    case = accepted_case().returned().at(500).return_refused()
    assert case.due("resolve") == 10 + DAY
    assert case.is_.hops[-1].dwell_ms(case.ms(500)) == 10 * MINUTE


# -- suspension --------------------------------------------------------------------------------


def test_suspended_time_is_left_out_once() -> None:
    case = accepted_case().at(100).does("IssueSuspended", review_at=case_ms(5 * DAY))
    case.at(DAY).does("IssueSuspended", review_at=case_ms(9 * DAY))  # only the review moves
    assert case.due("review") == 9 * DAY
    case.at(3 * DAY + 100).does("IssueResumed")
    assert case.due("resolve") == 10 + DAY + 3 * DAY
    assert case.due("respond") == 10 + 2 * HOUR + 3 * DAY
    assert case.clock("review").stopped_at is not None


def case_ms(minutes: int) -> int:
    return Case().ms(minutes)


def test_a_pause_does_not_heal_a_clock_that_ran_out() -> None:
    case = accepted_case().at(2 * DAY).does("IssueSuspended").at(4 * DAY).does("IssueResumed")
    assert case.due("resolve") == 10 + DAY
    assert case.resolved().clock("resolve").is_late()


def test_nothing_is_late_while_it_stands_still() -> None:
    case = accepted_case().at(100).does("IssueSuspended")
    assert not case.clock("resolve").is_late(case.ms(30 * DAY))
    due = case.clock("resolve").due_at
    assert case.refuses("ReminderSent", clock="resolve", due_at=due) == "clock-stands"


def test_the_answer_given_while_it_stands_still_is_in_time() -> None:
    case = accepted_case().at(100).does("IssueSuspended").at(10 * DAY).does("IssueResponded")
    assert not case.clock("respond").is_late()
    case.does("IssueResumed")
    assert not case.clock("respond").is_late()
    assert case.is_.status == "responded"


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 5 * DAY),
    st.lists(st.integers(1, 10 * DAY), min_size=0, max_size=8),
    st.sampled_from([NATURAL, WORKING]),
    st.integers(1, 40 * HOUR),
)
def test_pauses_leave_out_exactly_the_time_that_they_last(
    begin: int, gaps: list[int], calendar: str, minutes: int
) -> None:
    start = Case().start + begin * MINUTE
    clock = clocks.start(start, minutes, calendar, KEEPER)
    now, paused_ms, running = start, 0, True
    for gap in gaps:
        before, now = now, now + gap * MINUTE
        if running:
            if now > clock.due_at:
                break
            clock = clocks.pause(clocks.pause(clock, now), now + 1)
        else:
            paused_ms += KEEPER.elapsed(before, now, calendar)
            clock = clocks.resume(clocks.resume(clock, now, KEEPER), now + 1, KEEPER)
        running = not running
    if running:
        used = KEEPER.elapsed(start, clock.due_at, calendar)
        assert used - paused_ms == minutes * MINUTE
        assert KEEPER.is_working(clock.due_at, calendar)


# -- extension ---------------------------------------------------------------------------------


def test_one_extension_by_level_moves_the_result() -> None:
    case = accepted_case().does("ExtensionRequested", minutes=20 * DAY)
    assert case.refuses("ExtensionRequested") == "already-asked"
    ask = {"granted": True, "level": "desk"}
    assert case.refuses("ExtensionDecided", minutes=8 * DAY, **ask) == "extension-too-long"
    case.does("ExtensionDecided", minutes=7 * DAY, **ask)
    assert case.due("resolve") == 10 + 8 * DAY
    assert case.refuses("ExtensionRequested") == "extended-before"


def test_a_refused_extension_moves_nothing_and_may_be_asked_again() -> None:
    case = accepted_case().does("ExtensionRequested")
    case.does("ExtensionDecided", granted=False, minutes=0)
    assert case.due("resolve") == 10 + DAY
    case.does("ExtensionRequested")


# -- rework ------------------------------------------------------------------------------------


def test_after_a_failed_check_the_promise_goes_on_as_though_nothing_had_been_claimed() -> None:
    case = resolved_case().at(2 * DAY).does("SiteCheckFailed")
    assert case.clock("resolve").is_running
    assert case.due("resolve") == 10 + DAY
    assert case.resolved().clock("resolve").is_late()
    assert "follow-up" in case.is_.clocks


@pytest.mark.parametrize(
    ("reason", "due"),
    [("false-result", 10 + DAY), ("check-failed", 10 + DAY), ("recurred", 11 * DAY)],
)
def test_reopening_for_a_new_matter_gives_a_new_promise_and_a_false_claim_none(
    reason: str, due: int
) -> None:
    case = resolved_case().does("IssueClosed").at(10 * DAY).does("IssueReopened", reason=reason)
    assert case.due("resolve") == due
    olds = [clock for name, clock in case.is_.past_clocks if name == "resolve"]
    assert [clock.stopped_at for clock in olds] == ([case.ms(100)] if due > 10 * DAY else [])


# -- the law's own term ------------------------------------------------------------------------


def test_an_enforced_result_with_a_file_number_answers_the_promise_while_the_law_goes_on() -> None:
    case = accepted_case(law=True).at(100)
    assert case.refuses("IssueResolved", result="enforced") == "no-file-number"
    case.resolved(result="enforced", file_number="槐城立〔2026〕12号")
    assert case.clock("resolve").stopped_at == case.ms(100)
    assert case.clock("statutory").is_running
    case.does("SiteCheckPassed").does("IssueClosed", ground="verified").at(30 * DAY)
    case.resolved(result="fixed")
    assert case.clock("statutory").stopped_at == case.ms(30 * DAY)
    assert (case.is_.status, case.is_.resolved_at) == ("closed", case.ms(100))
    assert case.refuses("IssueResolved", result="fixed") == "not-now"


def test_any_other_result_ends_both() -> None:
    assert not accepted_case(law=True).resolved().clock("statutory").is_running


# -- the follow-up call ------------------------------------------------------------------------


def test_a_call_before_the_window_is_kept_and_the_windows_call_is_still_owed() -> None:
    case = resolved_case().at(DAY).does("FollowUpCalled")
    assert case.clock("follow-up").is_running
    assert case.due("follow-up") == 100 + 7 * DAY
    case.at(5 * DAY).does("FollowUpCalled")
    assert case.clock("follow-up").stopped_at == case.ms(5 * DAY)


def test_three_tries_are_a_call() -> None:
    case = resolved_case().at(4 * DAY)
    for _ in range(2):
        case.does("FollowUpCalled", reached="no-answer")
        assert case.clock("follow-up").is_running
    assert not case.does("FollowUpCalled", reached="no-answer").clock("follow-up").is_running


# -- notices -----------------------------------------------------------------------------------


def test_a_notice_accuses_nobody_whose_answer_was_received_in_time() -> None:
    case = accepted_case().at(2 * DAY)
    due = case.clock("resolve").due_at
    case.does("ClockDue", clock="resolve", due_at=due, attempt=1)
    late_record = case.make("IssueResolved")
    case.tell(replace(late_record, received_at=case.ms(DAY)))
    assert not case.clock("resolve").is_late()
    notice = {"clock": "resolve", "due_at": due, "attempt": 2}
    assert case.refuses("ClockDue", **notice) == "answered-in-time"
    assert case.refuses("IssueEscalated", clock="resolve", level="street") == "clock-stands"


def test_the_ladder_goes_up_only() -> None:
    case = accepted_case()
    step = {"clock": "resolve", "level": "community"}
    assert case.refuses("IssueEscalated", **step) == "not-due-yet"
    case.at(2 * DAY).does("IssueEscalated", **step)
    assert case.refuses("IssueEscalated", **step) == "not-higher"
    case.does("IssueEscalated", clock="resolve", level="district")
    assert case.clock("resolve").level == "district"


def test_reminders_come_at_four_fifths() -> None:
    case = accepted_case()
    resolve = case.clock("resolve")
    assert resolve.remind_at(KEEPER) == case.ms(10 + DAY * 4 // 5)
    case.does("ReminderSent", clock="resolve", due_at=resolve.due_at)
    assert case.clock("resolve").reminded == 1
    stale = case.refuses("ReminderSent", clock="resolve", due_at=resolve.due_at + 1)
    assert stale == "due-moved"


# -- calendars and our own faults --------------------------------------------------------------


def test_our_outage_is_excused_by_an_event_and_stays_visible() -> None:
    case = accepted_case().at(2 * DAY).resolved()
    due = case.clock("resolve").due_at
    excuse = {"clock": "resolve", "ground": "outage-excused"}
    assert case.refuses("DueRevised", due_at=due - 1, **excuse) == "due-not-later"
    case.does("DueRevised", due_at=due + DAY * MINUTE, **excuse)
    resolve = case.clock("resolve")
    assert (resolve.is_late(), resolve.excused_ms) == (False, DAY * MINUTE)


def working_case(rules: Rules = RULES) -> Case:
    """A consultation of 31 December 2026: five working days into a year not announced."""
    start = int(datetime(2026, 12, 31, 10, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
    week = [{"clock": "resolve", "minutes": 5 * 420, "calendar": "working"}]
    return Case(start=start, rules=rules).reported().dispatched(tier="consultation", clocks=week)


def test_a_provisional_due_time_is_revised_when_the_year_is_announced() -> None:
    case = working_case()
    resolve = case.clock("resolve")
    assert resolve.provisional
    calendar = replace(
        CITY.calendar,
        years=CITY.calendar.years | {2027},
        holidays=CITY.calendar.holidays | {datetime(2027, 1, 1, tzinfo=ZoneInfo("UTC")).date()},
    )
    announced = replace(CITY, calendar=calendar)
    case.rules = Rules([Pack.of(CITY), Pack.of(announced, since=case.start + 1)])
    case.at(60)
    keeper = case.rules.pack(case.ms(60)).keeper
    due = keeper.due(resolve.started_at, 5 * 420 * MINUTE, WORKING).at
    assert due == resolve.due_at + DAY * MINUTE
    revised = {"clock": "resolve", "ground": "calendar-announced"}
    weekend = resolve.due_at + 2 * DAY * MINUTE
    assert case.refuses("DueRevised", due_at=weekend, **revised) == "not-working-time"
    case.does("DueRevised", due_at=due, **revised)
    assert (case.clock("resolve").due_at, case.clock("resolve").provisional) == (due, False)
    assert case.refuses("DueRevised", due_at=due, **revised) == "due-is-final"


def test_a_later_pack_does_not_change_what_was_judged_by_an_earlier_one() -> None:
    case = working_case()
    later = Rules([Pack.of(CITY), Pack.of(CITY, since=case.start + 10**9)])
    assert working_case(later).is_ == case.is_


def test_a_working_clock_never_ends_outside_working_time_whatever_moves_it() -> None:
    case = Case().reported()
    length = [{"clock": "resolve", "minutes": 420, "calendar": "working"}]
    case.dispatched(clocks=length).accepted().at(5 * HOUR).does("IssueSuspended")
    case.at(4 * DAY).does("IssueResumed").does("ExtensionRequested")
    case.does("ExtensionDecided", granted=True, minutes=1000, level="desk")
    resolve = case.clock("resolve")
    assert KEEPER.is_working(resolve.due_at, WORKING)
    assert resolve.length_ms(KEEPER) == 1420 * MINUTE


def test_counts_at_is_what_the_clocks_go_by() -> None:
    case = accepted_case()
    record: Record = case.records[-1]
    assert case.clock("accept").stopped_at == record.counts_at
