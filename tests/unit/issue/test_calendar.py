"""Natural and working time: the announced years, and what holds for every instant and length."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hutong.city import load_city
from hutong.events.fields import LAST_MILLIS
from hutong.issue.calendar import MINUTE, NATURAL, WORKING, TimeKeeper

CITY = load_city()
KEEPER = TimeKeeper(CITY.calendar, CITY.timezone)
ZONE = ZoneInfo(CITY.timezone)
HOUR = 60 * MINUTE
#: In the sample pack: 09:00-12:00 and 13:30-17:30.
WORKING_DAY = 7 * HOUR

#: From 2023 to 2028, announced years and others.
instants = st.integers(1_672_500_000_000, 1_861_900_000_000)
#: Up to ninety working days.
lengths = st.integers(1, 90 * WORKING_DAY)
calendars = st.sampled_from([NATURAL, WORKING])


def at(text: str) -> int:
    """A wall time in the city."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * 1000


def wall(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1000, ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-06-01 09:00", 2, "2026-06-01 11:00"),
        ("2026-06-01 11:00", 2, "2026-06-01 14:30"),  # over lunch
        ("2026-06-01 13:30", 4, "2026-06-01 17:30"),  # the evening, not the next morning
        ("2026-06-01 07:00", 1, "2026-06-01 10:00"),  # before work
        ("2026-06-01 17:30", 1, "2026-06-02 10:00"),  # at its end
        ("2026-06-05 16:30", 7, "2026-06-08 16:30"),  # a weekend
        ("2026-02-14 16:30", 7, "2026-02-24 16:30"),  # a make-up Saturday, then nine days off
        ("2026-02-27 16:30", 7, "2026-02-28 16:30"),  # a make-up Saturday after the holiday
        ("2025-09-30 17:00", 7, "2025-10-09 17:00"),  # national day and mid-autumn
        ("2024-02-09 17:00", 7, "2024-02-18 17:00"),  # a make-up Sunday after new year
        ("2025-12-31 17:00", 7, "2026-01-04 17:00"),  # over the year's end: a make-up Sunday
    ],
)
def test_working_hours_by_the_announced_calendars(start: str, hours: int, due: str) -> None:
    found = KEEPER.due(at(start), hours * HOUR, WORKING)
    assert (wall(found.at), found.provisional) == (due, False)


def test_natural_time_knows_no_holidays() -> None:
    assert KEEPER.due(at("2026-02-14 16:30"), 24 * HOUR, NATURAL) == (at("2026-02-15 16:30"), False)


def test_a_year_not_announced_makes_due_times_provisional() -> None:
    found = KEEPER.due(at("2026-12-31 17:00"), WORKING_DAY, WORKING)
    assert found == (at("2027-01-01 17:00"), True)
    calendar = replace(
        CITY.calendar,
        years=CITY.calendar.years | {2027},
        holidays=CITY.calendar.holidays | {datetime(2027, 1, 1, tzinfo=ZONE).date()},
    )
    announced = TimeKeeper(calendar, CITY.timezone).due(
        at("2026-12-31 17:00"), WORKING_DAY, WORKING
    )
    assert announced == (at("2027-01-04 17:00"), False)


def test_nothing_to_wait_for_ends_at_the_next_opening() -> None:
    assert KEEPER.due(at("2026-06-05 18:00"), 0, WORKING).at == at("2026-06-08 09:00")
    assert KEEPER.due(at("2026-06-05 10:00"), 0, WORKING).at == at("2026-06-05 10:00")


@settings(max_examples=300, deadline=None)
@given(instants, lengths, calendars)
@example(at("2026-06-01 17:30"), 1, WORKING)
@example(at("2026-12-31 23:59"), 90 * WORKING_DAY, WORKING)
def test_what_has_elapsed_at_the_due_time_is_the_length(
    start: int, length: int, calendar: str
) -> None:
    due = KEEPER.due(start, length, calendar).at
    assert KEEPER.elapsed(start, due, calendar) == length
    assert KEEPER.is_working(due, calendar)
    assert KEEPER.elapsed(start, due - 1, calendar) == length - 1


@settings(max_examples=300, deadline=None)
@given(instants, instants, lengths, lengths, calendars)
def test_due_is_monotone(one: int, other: int, first: int, second: int, calendar: str) -> None:
    early, late = sorted((one, other))
    short, long = sorted((first, second))
    assert KEEPER.due(early, short, calendar).at <= KEEPER.due(late, short, calendar).at
    assert KEEPER.due(early, short, calendar).at <= KEEPER.due(early, long, calendar).at


@settings(max_examples=300, deadline=None)
@given(instants, instants, instants, calendars)
def test_elapsed_time_adds_up(a: int, b: int, c: int, calendar: str) -> None:
    a, b, c = sorted((a, b, c))
    both = KEEPER.elapsed(a, b, calendar) + KEEPER.elapsed(b, c, calendar)
    assert both == KEEPER.elapsed(a, c, calendar)


@settings(max_examples=300, deadline=None)
@given(instants, lengths, calendars)
def test_back_is_the_way_back(end: int, length: int, calendar: str) -> None:
    start = KEEPER.back(end, length, calendar)
    assert KEEPER.elapsed(start, end, calendar) == length
    assert start <= end


@pytest.mark.parametrize("start", [0, 1, LAST_MILLIS - 1, LAST_MILLIS])
def test_the_ends_of_time_are_no_exception(start: int) -> None:
    assert 0 <= KEEPER.due(start, 5 * WORKING_DAY, WORKING).at <= LAST_MILLIS
    assert 0 <= KEEPER.due(start, 5 * WORKING_DAY, NATURAL).at <= LAST_MILLIS
    assert 0 <= KEEPER.back(start, 5 * WORKING_DAY, WORKING) <= LAST_MILLIS


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Shanghai", "UTC"])
def test_a_day_with_another_number_of_hours_changes_nothing(zone: str) -> None:
    keeper = TimeKeeper(replace(CITY.calendar, hours=((0, 24 * 60),)), zone)
    start = 1_774_000_000_000  # March 2026: clocks change within the next two weeks
    for hours in range(1, 400, 7):
        due = keeper.due(start, hours * HOUR, WORKING).at
        assert keeper.elapsed(start, due, WORKING) == hours * HOUR
