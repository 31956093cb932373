"""What time itself brings. Minutes count from the report: Monday 08:00."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city import load_city
from hutong.issue.fold import Outcome, evolve
from hutong.issue.notices import (
    DESK,
    MOST_ATTEMPTS,
    Notice,
    next_at,
    notices,
    responsible,
)
from hutong.issue.pack import Pack
from hutong.issue.rules import Rules
from tests.fixtures.cases import (
    DAY,
    HOUR,
    Case,
    accepted_case,
    dispatched_case,
    resolved_case,
)
from tests.fixtures.histories import MINUTE, START
from tests.fixtures.lifecycle import RULES
from tests.fixtures.lives import Act, live, scripts

PACK = RULES.pack(0)
CITY = load_city()
RESOLVE = 10 + DAY


def said(found: tuple[Notice, ...]) -> list[tuple[str, str, float]]:
    """Event, clock, minute at which it is dated."""
    return [
        (type(each).__name__, each.clock, (each.head.occurred_at - START) / MINUTE)
        for each in found
    ]


def by(case: Case, minute: float, *, clock: str = "resolve") -> list[tuple[str, float]]:
    """What that clock brings by that minute."""
    found = said(notices(case.is_, PACK, case.start + int(minute * MINUTE)))
    return [(name, at) for name, of, at in found if of == clock]


def hear_all(case: Case, minute: int, pack: Pack = PACK) -> tuple[Notice, ...]:
    """Everything by that minute is received a minute later, and takes effect."""
    found = notices(case.is_, pack, case.ms(minute))
    case.at(minute + 1)
    for notice in found:
        step = case.hears(notice)
        assert step.verdict.outcome is Outcome.APPLIED, (notice, step.verdict)
    return found


# -- when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minute", "brings"),
    [
        (10 + DAY * 0.8, []),
        (10 + DAY * 0.8 + 0.1, ["ReminderSent"]),
        (RESOLVE, ["ReminderSent"]),
        (RESOLVE + 1, ["ReminderSent", "ClockDue", "community"]),
        (RESOLVE + 4 * HOUR, ["ReminderSent", "ClockDue", "community"]),
        (RESOLVE + 4 * HOUR + 1, ["ReminderSent", "ClockDue", "community", "street"]),
        (RESOLVE + 28 * HOUR + 1, ["ReminderSent", "ClockDue", "community", "street", "district"]),
        (90 * DAY, ["ReminderSent", "ClockDue", "community", "street", "district"]),
    ],
)
def test_a_reminder_a_notice_then_rung_by_rung(minute: float, brings: list[str]) -> None:
    case = accepted_case()
    found = notices(case.is_, PACK, case.start + int(minute * MINUTE))
    told = [
        getattr(each, "level", type(each).__name__) for each in found if each.clock == "resolve"
    ]
    assert told == brings


def test_each_is_dated_at_its_own_instant_and_all_come_in_that_order() -> None:
    case = dispatched_case()
    dates = [at for _, _, at in said(notices(case.is_, PACK, case.ms(3 * DAY)))]
    assert dates == sorted(dates)
    assert by(case, 3 * DAY)[:2] == [("ReminderSent", 10 + DAY * 0.8), ("ClockDue", RESOLVE)]


def test_what_was_said_is_not_said_again_and_the_rest_follows() -> None:
    case = accepted_case()
    hear_all(case, RESOLVE + 1)
    assert case.clock("resolve").level == "community"
    assert notices(case.is_, PACK, case.ms(RESOLVE + 2)) == ()
    assert by(case, RESOLVE + 5 * HOUR) == [("IssueEscalated", RESOLVE + 4 * HOUR)]


def test_who_has_answered_hears_nothing() -> None:
    case = resolved_case()
    assert by(case, 30 * DAY) == []
    assert by(accepted_case().at(RESOLVE + 60).resolved(), 30 * DAY) == []


def test_a_paused_clock_is_silent_and_goes_on_with_the_time_it_had() -> None:
    case = accepted_case().at(100).does("IssueSuspended", review_at=START + 90 * DAY * MINUTE)
    assert by(case, 10 * DAY) == []
    case.at(100 + 5 * DAY).does("IssueResumed")
    assert by(case, 7 * DAY)[1] == ("ClockDue", RESOLVE + 5 * DAY)


def test_a_merged_issue_is_silent_until_it_stands_alone_again() -> None:
    case = accepted_case()
    case.does(
        "IssueMerged",
        master_id="0" * 8 + "-0000-4000-8000-000000000000",
        master_reported_at=case.start - 1,
    )
    assert notices(case.is_, PACK, case.ms(30 * DAY)) == ()
    case.does("IssueUnmerged", other_id=case.is_.master)
    assert ("ClockDue", RESOLVE) in by(case, 30 * DAY)


def test_an_ended_issue_still_owes_its_call_and_the_end_of_its_case() -> None:
    case = accepted_case(law=True).at(100)
    case.resolved(result="enforced", file_number="12").does("IssueClosed", ground="policy")
    found = {clock for _, clock, _ in said(notices(case.is_, PACK, case.ms(200 * DAY)))}
    assert found == {"statutory", "follow-up"}


def test_the_desks_own_diary_ends_with_the_notice() -> None:
    case = resolved_case()
    names = [name for name, _ in by(case, 60 * DAY, clock="follow-up")]
    assert names == ["ReminderSent", "ClockDue"]


# -- again -----------------------------------------------------------------------------------


def test_a_due_time_that_moves_needs_a_notice_again_and_the_ladder_goes_on() -> None:
    case = accepted_case().at(RESOLVE - 60)
    case.does("ExtensionRequested", minutes=HOUR)
    hear_all(case, RESOLVE + 1)
    case.does("ExtensionDecided", granted=True, level="desk", minutes=5 * HOUR)
    moved = RESOLVE + 5 * HOUR
    assert by(case, moved + 1) == [("ClockDue", moved)]
    assert by(case, moved + 5 * HOUR)[1:] == [("IssueEscalated", moved + 4 * HOUR)]


def test_a_notice_refused_for_an_answer_in_time_is_given_again_when_a_check_failed() -> None:
    case = accepted_case()
    early = notices(case.is_, PACK, case.ms(RESOLVE + 1))
    case.at(100).resolved().at(RESOLVE + 2)
    refused = [case.hears(each).verdict.reason for each in early if each.clock == "resolve"]
    assert refused == ["clock-stands", "answered-in-time", "clock-stands"]
    case.does("SiteCheckFailed", checker="gw-0900")
    again = [each for each in hear_all(case, RESOLVE + 3) if each.clock == "resolve"]
    assert [type(each).__name__ for each in again] == ["ReminderSent", "ClockDue", "IssueEscalated"]
    assert getattr(again[1], "attempt", 0) == 2


def test_what_is_refused_again_and_again_is_left() -> None:
    case = accepted_case().at(RESOLVE - 5)
    for _ in range(MOST_ATTEMPTS):
        [notice] = [
            n
            for n in notices(case.is_, PACK, case.ms(RESOLVE + 1))
            if (type(n).__name__, n.clock) == ("ClockDue", "resolve")
        ]
        assert case.hears(notice).verdict.reason == "not-due-yet"
    assert "ClockDue" not in [name for name, _ in by(case, RESOLVE + 1)]


# -- who -------------------------------------------------------------------------------------


def test_each_clock_is_somebodys() -> None:
    case = accepted_case()
    case.does("IssueAssigned", due=case.ms(DAY))
    case.does("SupervisionOpened", level="district", due_at=case.ms(DAY))
    found = {name: responsible(case.is_, name) for name in case.is_.clocks}
    assert found == {
        "dispatch": DESK,
        "accept": "water-co",
        "respond": "water-co",
        "resolve": "water-co",
        "assignment:water-co": "water-co",
        "supervision:district": "water-co",
    }
    case.returned().return_accepted("housing")
    assert responsible(case.is_, "resolve") == DESK


# -- calendars -------------------------------------------------------------------------------


def new_year(rules: Rules = RULES) -> Case:
    """Five working days from 31 December 2026, 10:00, into a year not announced."""
    start = int(datetime(2026, 12, 31, 10, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
    week = [{"clock": "resolve", "minutes": 5 * 420, "calendar": "working"}]
    return Case(start=start, rules=rules).reported().dispatched(tier="consultation", clocks=week)


def announced(*holidays: date, since: int = 0) -> Pack:
    """The sample pack with 2027 announced."""
    days = CITY.calendar
    calendar = replace(days, years=days.years | {2027}, holidays=days.holidays | set(holidays))
    return Pack.of(replace(CITY, calendar=calendar), since=since)


def test_an_announced_calendar_moves_provisional_due_times_once() -> None:
    case = new_year()
    provisional = case.clock("resolve")
    assert provisional.provisional
    assert not [n for n in notices(case.is_, PACK, case.ms(HOUR)) if n.clock == "resolve"]
    pack = announced(date(2027, 1, 1), since=case.ms(1))
    case.rules = Rules([PACK, pack])
    [revised] = [n for n in hear_all(case, 2, pack) if n.clock == "resolve"]
    assert type(revised).__name__ == "DueRevised"
    assert case.clock("resolve").due_at == provisional.due_at + DAY * MINUTE
    assert not case.clock("resolve").provisional
    assert not [n for n in notices(case.is_, pack, case.ms(HOUR)) if n.clock == "resolve"]


def test_a_revised_clock_is_as_one_that_was_always_known() -> None:
    pack = announced(date(2027, 1, 1), date(2027, 1, 4))
    known = new_year(Rules([pack]))
    late = new_year()
    review = late.ms(30 * DAY)
    for case in (known, late):
        case.accepted().at(60).does("IssueSuspended", review_at=review)
        case.at(200).does("IssueResumed")
    late.rules = Rules([PACK, replace_since(pack, late.ms(300))])
    hear_all(late, 301, replace_since(pack, late.ms(300)))
    assert late.clock("resolve").due_at == known.clock("resolve").due_at


def replace_since(pack: Pack, since: int) -> Pack:
    """The same pack, in force from then on."""
    return Pack(
        keeper=pack.keeper,
        dispatch=pack.dispatch,
        reasons=pack.reasons,
        ladder=pack.climbs,
        digest=pack.digest,
        since=since,
    )


def test_an_answer_that_only_the_unannounced_calendar_made_late_is_cleared() -> None:
    case = new_year()
    due = (case.clock("resolve").due_at - case.start) // MINUTE
    case.accepted().at(due + 10).resolved()
    assert case.clock("resolve").is_late()
    pack = announced(date(2027, 1, 1), since=case.ms(due + 20))
    case.rules = Rules([PACK, pack])
    hear_all(case, due + 30, pack)
    assert not case.clock("resolve").is_late()


# -- whatever happened -----------------------------------------------------------------------

later = st.sampled_from([0, 1, 30, 2 * HOUR, DAY, 5 * DAY, 40 * DAY])


@settings(max_examples=300, deadline=None)
@given(scripts, later)
def test_every_notice_takes_effect_and_then_there_are_no_more(script: list[Act], wait: int) -> None:
    case = live(script)
    until = case.now + wait
    for notice in hear_all(case, until):
        clock = case.clock(notice.clock)
        assert clock.paused_at is None
        assert clock.is_running or clock.is_late() or type(notice).__name__ == "DueRevised"
        assert notice.head.occurred_at < case.ms(until)
    assert notices(case.is_, PACK, case.ms(until)) == ()
    for name in case.is_.clocks:
        coming = next_at(case.is_, name, PACK)
        assert coming is None or coming >= case.ms(until)


@settings(max_examples=200, deadline=None)
@given(scripts, later, st.data())
def test_notices_late_repeated_and_in_any_order_never_accuse_who_answered(
    script: list[Act], wait: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(script)))
    case = live(script[:at])
    found = notices(case.is_, PACK, case.ms(case.now + wait))
    rest = script[at:]
    for act in rest:
        act.told(case)
    case.at(case.now + wait + 1)
    for notice in data.draw(st.permutations([*found, *found])):
        before = case.is_
        record = case.record_of(notice)
        for step in evolve(case.state, record, RULES):
            case.state = step.after
            clock = before.clocks.get(notice.clock)
            answered = clock is None or (clock.stopped_at is not None and not clock.is_late())
            assert not answered or step.verdict.outcome is Outcome.REFUSED
    assert [
        n for n in notices(case.is_, PACK, case.ms(case.now)) if n.head.event_id in case.is_.seen
    ] == []


def test_the_same_state_always_says_the_same() -> None:
    one, other = accepted_case(), accepted_case()
    until = one.ms(30 * DAY)
    assert notices(one.is_, PACK, until) == notices(other.is_, PACK, until)
    ids = [each.head.event_id for each in notices(one.is_, PACK, until)]
    assert len(ids) == len(set(ids))


def test_an_id_always_says_the_same_whatever_else_is_known() -> None:
    until = START + 30 * DAY * MINUTE
    known: dict[str, Notice] = {}
    for order in permutations(("IssueAmended", "ProgressNoted", "IssueReclassified")):
        case = accepted_case()
        for name in order:
            case.does(name)
            for notice in notices(case.is_, PACK, until):
                assert known.setdefault(notice.head.event_id, notice) == notice
