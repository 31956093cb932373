"""Natural and working time: when a length of time is over, and how much of it has gone by.

All instants are milliseconds UTC, all lengths milliseconds.
"""

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from hutong.events.fields import LAST_MILLIS

MINUTE: Final = 60_000
NATURAL: Final = "natural"
WORKING: Final = "working"
CALENDARS: Final = (NATURAL, WORKING)

_FIRST_YEAR: Final = 1970
#: Beyond it dates cannot be counted; whatever is due later is due at the end of time.
_LAST_YEAR: Final = 9998
_LAST_SECOND: Final = int(datetime(_LAST_YEAR, 12, 30, tzinfo=UTC).timestamp())


class WorkingDays(Protocol):
    """What is needed of a city's calendar; `hutong.city.Calendar` is one."""

    @property
    def weekdays(self) -> Collection[int]:
        """ISO weekdays on which people work, Monday is 1."""

    @property
    def hours(self) -> tuple[tuple[int, int], ...]:
        """Spans of a working day, minutes since local midnight, in order, not overlapping."""

    @property
    def holidays(self) -> Collection[date]:
        """Days off."""

    @property
    def workdays(self) -> Collection[date]:
        """Make-up days: they win over weekends and holidays."""

    @property
    def years(self) -> Collection[int]:
        """The years that have been announced."""


class Due(NamedTuple):
    """When a clock is due; provisional when a year on the way has not been announced."""

    at: int
    provisional: bool


class _Year(NamedTuple):
    """The working spans of one local year; ``before[n]`` is the working time before span n."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int


class TimeKeeper:
    """Natural and working time of one city.

    ``elapsed(start, due(start, length).at) == length``, `due` is monotone in both arguments, and
    never outside working time. The end of a span is working time: four working hours from 13:30
    are over at 17:30, not on the next morning.
    """

    def __init__(self, days: WorkingDays, timezone: str) -> None:
        self._days = days
        self._zone = ZoneInfo(timezone)
        self._year = functools.lru_cache(maxsize=None)(self._read_year)
        self._local_year = functools.lru_cache(maxsize=8192)(self._year_of_quarter)

    def due(self, start: int, length: int, calendar: str) -> Due:
        """When ``length`` is over. A length of nothing in working time ends at the next opening."""
        if calendar == NATURAL:
            return Due(min(start + length, LAST_MILLIS), False)
        at = self._add(start, length)
        return Due(at, not self._announced(start, at))

    def back(self, end: int, length: int, calendar: str) -> int:
        """The latest instant from which ``length`` lasts until ``end``; never before 1970."""
        if calendar == NATURAL or length <= 0:
            return max(0, end - length)
        number = self._year_at(end)
        wanted = self._worked(number, end) - length
        while wanted < 0:
            number -= 1
            if number < _FIRST_YEAR:
                return 0
            wanted += self._year(number).total
        year = self._year(number)
        found = max(0, bisect_right(year.before, wanted) - 1)
        return year.starts[found] + wanted - year.before[found]

    def elapsed(self, start: int, end: int, calendar: str) -> int:
        """How much time of that calendar lies between; 0 when the end is not after the start."""
        if end <= start:
            return 0
        if calendar == NATURAL:
            return end - start
        first, last = self._year_at(start), self._year_at(end)
        between = sum(self._year(year).total for year in range(first, last))
        return between + self._worked(last, end) - self._worked(first, start)

    def is_working(self, at: int, calendar: str) -> bool:
        """Whether that calendar's time runs, or has just run, at this instant."""
        if calendar == NATURAL:
            return True
        year = self._year(self._year_at(at))
        found = bisect_right(year.starts, at) - 1
        return found >= 0 and at <= year.ends[found]

    def _add(self, start: int, length: int) -> int:
        number = self._year_at(start)
        if length <= 0:
            return self._next_opening(number, start)
        wanted = self._worked(number, start) + length
        while wanted > (year := self._year(number)).total:
            wanted -= year.total
            number += 1
            if number > _LAST_YEAR:
                return LAST_MILLIS
        # The span in which the wanted working time is reached, at its end at the latest.
        found = bisect_left(year.before, wanted) - 1
        return year.starts[found] + wanted - year.before[found]

    def _next_opening(self, number: int, at: int) -> int:
        if self.is_working(at, WORKING):
            return at
        while number <= _LAST_YEAR:
            starts = self._year(number).starts
            found = bisect_left(starts, at)
            if found < len(starts):
                return starts[found]
            number += 1
        return LAST_MILLIS

    def _worked(self, number: int, at: int) -> int:
        """Working time of that year before the instant."""
        year = self._year(number)
        found = bisect_right(year.starts, at) - 1
        if found < 0:
            return 0
        return year.before[found] + min(at, year.ends[found]) - year.starts[found]

    def _announced(self, start: int, end: int) -> bool:
        return all(
            year in self._days.years for year in range(self._year_at(start), self._year_at(end) + 1)
        )

    def _year_at(self, at: int) -> int:
        return self._local_year(at // (15 * MINUTE))

    def _year_of_quarter(self, quarter: int) -> int:
        # Every time zone in use is a whole number of quarters of an hour from UTC.
        seconds = quarter * 15 * 60
        if seconds >= _LAST_SECOND:
            return _LAST_YEAR
        return datetime.fromtimestamp(seconds, UTC).astimezone(self._zone).year

    def _read_year(self, number: int) -> _Year:
        starts: list[int] = []
        ends: list[int] = []
        before: list[int] = []
        total = 0
        day = date(number, 1, 1)
        while day.year == number:
            if self._is_working_day(day):
                for opens, closes in self._days.hours:
                    start, end = self._instant(day, opens), self._instant(day, closes)
                    if end > start:
                        starts.append(start)
                        ends.append(end)
                        before.append(total)
                        total += end - start
            day += timedelta(days=1)
        return _Year(starts, ends, before, total)

    def _is_working_day(self, day: date) -> bool:
        if day in self._days.workdays:
            return True
        return day.isoweekday() in self._days.weekdays and day not in self._days.holidays

    def _instant(self, day: date, minutes: int) -> int:
        """Local wall time as an instant; 24:00 is the next day's midnight."""
        if minutes == 24 * 60:
            day, minutes = day + timedelta(days=1), 0
        wall = datetime(
            day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=self._zone
        )
        return int(wall.timestamp()) * 1000
