"""Weeks, months and quarters, as people name them. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_WEEK: Final = re.compile(r"(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])")
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_QUARTER: Final = re.compile(r"(\d{4})-Q([1-4])")


class BadPeriodError(ValueError):
    """The text names no period; the message says what one looks like."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text}: a period is an ISO week (2026-W47), a month (2026-11) or a quarter (2026-Q4)"
        )


@dataclass(frozen=True, slots=True)
class Period:
    """A week, month or quarter on the city's wall clock.

    Sums are kept by week and month: ``column`` and ``values`` are those that make it up. The days
    are inclusive.
    """

    name: str
    column: str
    values: tuple[str, ...]
    first_day: date
    last_day: date

    @classmethod
    def parse(cls, text: str) -> "Period":
        """From its name; BadPeriodError."""
        try:
            if match := _WEEK.fullmatch(text):
                first = date.fromisocalendar(int(match[1]), int(match[2]), 1)
                return cls(text, "week", (text,), first, first + timedelta(days=6))
            if match := _MONTH.fullmatch(text):
                return cls._months(text, int(match[1]), (int(match[2]),))
            if match := _QUARTER.fullmatch(text):
                third = int(match[2]) * 3
                return cls._months(text, int(match[1]), (third - 2, third - 1, third))
        except (ValueError, OverflowError):  # week 53 of a year that has 52; a year that is none
            pass
        raise BadPeriodError(text)

    @classmethod
    def _months(cls, name: str, year: int, months: tuple[int, ...]) -> "Period":
        names = tuple(f"{year}-{month:02}" for month in months)
        last = date(year + months[-1] // 12, months[-1] % 12 + 1, 1) - timedelta(days=1)
        return cls(name, "month", names, date(year, months[0], 1), last)

    @classmethod
    def week_of(cls, day: date) -> "Period":
        """The ISO week of a day."""
        year, week, _ = day.isocalendar()
        return cls.parse(f"{year}-W{week:02}")

    @property
    def before(self) -> "Period":
        """The one of the same kind that ends where this one begins."""
        return self._beside(self.first_day - timedelta(days=1))

    @property
    def after(self) -> "Period":
        """The one of the same kind that begins where this one ends."""
        return self._beside(self.last_day + timedelta(days=1))

    def _beside(self, day: date) -> "Period":
        if self.column == "week":
            return Period.week_of(day)
        if len(self.values) == 1:
            return Period.parse(f"{day:%Y-%m}")
        return Period.parse(f"{day.year}-Q{(day.month + 2) // 3}")

    def weeks(self, count: int) -> tuple["Period", ...]:
        """Of a week: the last ``count`` weeks with it; else all weeks with days in it. In order."""
        if self.column == "week":
            days = [self.first_day - timedelta(weeks=back) for back in reversed(range(count))]
            return tuple(Period.week_of(day) for day in days)
        found = [Period.week_of(self.first_day)]
        while found[-1].last_day < self.last_day:
            found.append(found[-1].after)
        return tuple(found)

    def span(self, timezone: str) -> tuple[int, int]:
        """The instants between which it lies, milliseconds UTC; the second is not in it."""
        zone = ZoneInfo(timezone)
        return tuple(  # type: ignore[return-value]
            int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000
            for day in (self.first_day, self.last_day + timedelta(days=1))
        )
