"""What is strange about a calendar: for whoever types it from the yearly notice. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from hutong.city.files import Faults, line_of
from hutong.city.model import Calendar, Fault
from hutong.city.times import read_calendar

FILE: Final = "calendar.toml"
_WORKING_WEEK: Final = frozenset({1, 2, 3, 4, 5})
#: Days that are off by law every year on the same date: month, day.
_FIXED: Final = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
#: 全国年节及纪念日放假办法: days off by law in a year, from that year on. What the notice moves to
#: make longer holidays is worked on other days, so the difference must come to this.
_BY_LAW: Final = ((2025, 13), (2014, 11))
#: 2 May is one of them only since then.
_TWO_DAYS_OF_MAY: Final = 2025


@dataclass(frozen=True, slots=True)
class YearOff:
    """What a year that was announced comes to, in days."""

    year: int
    holidays: int
    #: Of these, on days on which people would work.
    off: int
    make_up: int


@dataclass(frozen=True, slots=True)
class CalendarReport:
    """``faults`` cannot be right; ``warnings`` somebody should look at. Each with its line."""

    years: tuple[YearOff, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def check_calendar(text: str, this_year: int) -> CalendarReport:
    """Look at calendar.toml as it was in ``this_year``; faults of its form come first."""
    formal = Faults()
    calendar = read_calendar(text, formal)
    if formal.all():
        return CalendarReport((), formal.all(), ())
    faults, warnings = Faults(), Faults()
    years = tuple(_year(year, calendar) for year in sorted(calendar.years))
    for line, message in _faults(text, calendar):
        faults.add(FILE, line, message)
    for line, message in _warnings(text, calendar, years, this_year):
        warnings.add(FILE, line, message)
    return CalendarReport(years, faults.all(), warnings.all())


def _year(year: int, calendar: Calendar) -> YearOff:
    holidays = [day for day in calendar.holidays if day.year == year]
    off = [day for day in holidays if day.isoweekday() in calendar.weekdays]
    make_up = [day for day in calendar.workdays if day.year == year]
    return YearOff(year, len(holidays), len(off), len(make_up))


def _faults(text: str, calendar: Calendar) -> Iterator[tuple[int, str]]:
    for day in sorted(calendar.workdays):
        if day.isoweekday() in calendar.weekdays:
            yield (
                _line(text, day),
                f"make-up day {day} is a {day:%A}: people work on it anyway",
            )
    for year in sorted(calendar.years):
        if year - 1 not in calendar.years and any(other < year for other in calendar.years):
            yield line_of(text, _entry(year)), f"{year - 1} is missing: the years have a gap"


def _warnings(
    text: str, calendar: Calendar, years: tuple[YearOff, ...], this_year: int
) -> Iterator[tuple[int, str]]:
    for year in (this_year, this_year + 1):
        if year not in calendar.years:
            newest = max(calendar.years, default=0)
            where = line_of(text, _entry(newest)) if newest else 1
            yield where, f"{year} is not announced: due times in it are provisional"
    if calendar.weekdays != _WORKING_WEEK:
        return
    for found in years:
        yield from _against_law(text, calendar, found)
    for first, last in _runs(calendar):
        if not any(day.isoweekday() in calendar.weekdays for day in _days(first, last)):
            yield _line(text, first), f"{first} to {last} are days off anyway"


def _against_law(text: str, calendar: Calendar, found: YearOff) -> Iterator[tuple[int, str]]:
    where = line_of(text, _entry(found.year))
    for month, number in _FIXED:
        day = date(found.year, month, number)
        if (month, number) == (5, 2) and found.year < _TWO_DAYS_OF_MAY:
            continue
        if day not in calendar.holidays:
            yield where, f"{day} is no holiday, but is one by law"
    by_law = next((days for since, days in _BY_LAW if found.year >= since), None)
    net = found.off - found.make_up
    if by_law is not None and net != by_law:
        sums = f"{found.off} working days off less {found.make_up} make-up days are {net}"
        yield where, f"{found.year}: {sums}, the law gives {by_law}: compare with the notice"


def _runs(calendar: Calendar) -> Iterator[tuple[date, date]]:
    """Holidays that follow one another, as first and last."""
    first = last = None
    for day in sorted(calendar.holidays):
        if last is not None and first is not None and day - last > timedelta(days=1):
            yield first, last
            first = None
        first, last = first or day, day
    if first is not None and last is not None:
        yield first, last


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _entry(year: int) -> str:
    return rf"^year *= *{year}\b"


def _line(text: str, day: date) -> int:
    """Where the day, or the span that begins with it, is written."""
    return line_of(text, _entry(day.year), re.escape(f'"{day}'))
