"""Weeks, months and quarters, as people name them. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: Of these years, so that each period has others before and after it.
_YEAR: Final = r"((?:19[7-9]|2[0-9]{2})[0-9])"
_WEEK: Final = re.compile(_YEAR + r"-W(0[1-9]|[1-4][0-9]|5[0-3])")
_MONTH: Final = re.compile(_YEAR + r"-(0[1-9]|1[0-2])")
_QUARTER: Final = re.compile(_YEAR + r"-Q([1-4])")


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
        if match := _WEEK.fullmatch(text):
            try:
                return cls._week(int(match[1]), int(match[2]))
            except ValueError:  # week 53 of a year that has 52
                raise BadPeriodError(text) from None
        if match := _MONTH.fullmatch(text):
            return cls._month(int(match[1]), int(match[2]))
        if match := _QUARTER.fullmatch(text):
            return cls._quarter(int(match[1]), int(match[2]))
        raise BadPeriodError(text)

    @classmethod
    def _week(cls, year: int, week: int) -> "Period":
        first, name = date.fromisocalendar(year, week, 1), f"{year}-W{week:02}"
        return cls(name, "week", (name,), first, first + timedelta(days=6))

    @classmethod
    def _month(cls, year: int, month: int) -> "Period":
        return cls._months(f"{year}-{month:02}", year, (month,))

    @classmethod
    def _quarter(cls, year: int, quarter: int) -> "Period":
        third = quarter * 3
        return cls._months(f"{year}-Q{quarter}", year, (third - 2, third - 1, third))

    @classmethod
    def _months(cls, name: str, year: int, months: tuple[int, ...]) -> "Period":
        names = tuple(f"{year}-{month:02}" for month in months)
        last = date(year + months[-1] // 12, months[-1] % 12 + 1, 1) - timedelta(days=1)
        return cls(name, "month", names, date(year, months[0], 1), last)

    @classmethod
    def week_of(cls, day: date) -> "Period":
        """The ISO week of a day."""
        year, week, _ = day.isocalendar()
        return cls._week(year, week)

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
            return Period._month(day.year, day.month)
        return Period._quarter(day.year, (day.month + 2) // 3)

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
