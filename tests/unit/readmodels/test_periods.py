"""Weeks, months and quarters."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.readmodels.periods import BadPeriodError, Period


@pytest.mark.parametrize(
    ("name", "column", "values", "first", "last"),
    [
        ("2026-W47", "week", ("2026-W47",), date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-W53", "week", ("2026-W53",), date(2026, 12, 28), date(2027, 1, 3)),
        ("2026-11", "month", ("2026-11",), date(2026, 11, 1), date(2026, 11, 30)),
        ("2024-02", "month", ("2024-02",), date(2024, 2, 1), date(2024, 2, 29)),
        (
            "2026-Q4",
            "month",
            ("2026-10", "2026-11", "2026-12"),
            date(2026, 10, 1),
            date(2026, 12, 31),
        ),
    ],
)
def test_what_a_name_means(
    name: str, column: str, values: tuple[str, ...], first: date, last: date
) -> None:
    period = Period.parse(name)
    assert (period.column, period.values) == (column, values)
    assert (period.first_day, period.last_day) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-W0", "2026-W54", "2025-W53", "2026-13", "2026-Q5", "0000-W01", "2026-W47 "],
)
def test_what_is_no_period_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(BadPeriodError, match="2026-W47"):
        Period.parse(text)


@given(st.dates(date(1971, 1, 1), date(2100, 1, 1)), st.sampled_from(["week", "month", "quarter"]))
def test_they_follow_one_another_without_gap(day: date, kind: str) -> None:
    name = {"month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}"}.get(kind)
    period = Period.week_of(day) if name is None else Period.parse(name)
    assert period.first_day <= day <= period.last_day
    assert period.before.after == period == period.after.before
    start, end = period.span("Asia/Shanghai")
    assert period.before.span("Asia/Shanghai")[1] == start < end


def test_weeks_of_a_week_are_the_last_ones_and_of_a_month_those_in_it() -> None:
    weeks = [week.name for week in Period.parse("2027-W02").weeks(4)]
    assert weeks == ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    weeks = [week.name for week in Period.parse("2026-11").weeks(4)]
    assert weeks == ["2026-W44", "2026-W45", "2026-W46", "2026-W47", "2026-W48", "2026-W49"]


def test_a_period_lies_on_the_city_s_clock() -> None:
    # Monday 2026-06-01 begins in Shanghai when it is Sunday 16:00 in UTC.
    assert Period.parse("2026-W23").span("Asia/Shanghai")[0] == 1_780_243_200_000
