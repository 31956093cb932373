"""The pack's tiers and calendar: how long each clock is, and which time is working time."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from hutong.city.files import Faults, line_of, read_toml
from hutong.city.model import CLOCKS, Calendar, ClockLength, Tier

_TIERS_FILE: Final = "tiers.toml"
_CALENDAR_FILE: Final = "calendar.toml"
_LENGTH: Final = re.compile(r"(\d+) (working )?(minute|hour|day)s?")
_NATURAL_MINUTES: Final = {"minute": 1, "hour": 60, "day": 24 * 60}
_SPAN: Final = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
_DAYS: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:/(\d{4}-\d{2}-\d{2}))?")


def read_tiers(text: str, calendar: Calendar, faults: Faults) -> Mapping[str, Tier]:
    """The tiers. A length reads `2 hours`, `90 minutes`, `5 working days`, `4 working hours`."""
    found: dict[str, Tier] = {}
    for code, table in read_toml(_TIERS_FILE, text, faults).items():
        at = rf"^\[{re.escape(code)}\]"
        if not isinstance(table, dict):
            faults.add(_TIERS_FILE, line_of(text, rf"^{re.escape(code)}\b"), "is not a tier")
            continue
        for key in table.keys() - {"zh", "en", *CLOCKS}:
            faults.add(_TIERS_FILE, line_of(text, at, rf"^{re.escape(key)}\b"), f"'{key}'?")
        clocks: dict[str, ClockLength] = {}
        for clock in CLOCKS:
            line = line_of(text, at, rf"^{clock}\b")
            length = read_length(str(table.get(clock, "")), calendar)
            if length is None:
                message = f"{code}: {clock} must read like '2 hours' or '5 working days'"
                faults.add(_TIERS_FILE, line, message)
            elif length.minutes == 0:
                faults.add(_TIERS_FILE, line, f"{code}: {clock} has length zero")
            else:
                clocks[clock] = length
        names = [str(table.get(key, "")) for key in ("zh", "en")]
        if not all(names):
            faults.add(_TIERS_FILE, line_of(text, at), f"{code}: a name (zh, en) is missing")
        found[code] = Tier(code, names[0], names[1], MappingProxyType(clocks))
    return MappingProxyType(found)


def read_length(written: str, calendar: Calendar) -> ClockLength | None:
    """A length of time as staff write it; None where it does not read like one."""
    match = _LENGTH.fullmatch(written.strip())
    if match is None:
        return None
    count, working, unit = int(match[1]), match[2] is not None, match[3]
    per_unit = _NATURAL_MINUTES[unit]
    if working and unit == "day":
        per_unit = calendar.minutes_per_day
    return ClockLength(count * per_unit, "working" if working else "natural")


def read_calendar(text: str, faults: Faults) -> Calendar:
    """The calendar. A year without an entry is one not announced yet."""
    data = read_toml(_CALENDAR_FILE, text, faults)

    def fault(message: str, *needles: str) -> None:
        faults.add(_CALENDAR_FILE, line_of(text, *needles), message)

    weekdays = data.get("weekdays", [])
    if not weekdays or not all(type(day) is int and 1 <= day <= 7 for day in weekdays):
        fault("weekdays must be numbers from 1 (Monday) to 7", r"^weekdays\b")
        weekdays = []
    hours = _hours(data.get("hours", []))
    if hours is None:
        fault("hours must be spans like '09:00-12:00', in order, not overlapping", r"^hours\b")
    holidays: set[date] = set()
    workdays: set[date] = set()
    years: set[int] = set()
    for entry in data.get("year", []):
        year = entry.get("year")
        at = rf"^year *= *{year}\b"
        if type(year) is not int or year in years:
            fault(f"year {year} is not a number or is there twice", at)
            continue
        years.add(year)
        for key, days in (("holidays", holidays), ("workdays", workdays)):
            for written in entry.get(key, []):
                span = _days(written, year)
                if span is None:
                    needle = re.escape(str(written))
                    fault(f"'{written}' is not a day or days/days of {year}", at, needle)
                else:
                    days.update(span)
    for day in sorted(holidays & workdays):
        fault(f"{day} is both a holiday and a workday", rf"^year *= *{day.year}\b")
    return Calendar(
        frozenset(weekdays), hours or (), frozenset(holidays), frozenset(workdays), frozenset(years)
    )


def _hours(spans: list[Any]) -> tuple[tuple[int, int], ...] | None:
    found: list[tuple[int, int]] = []
    for span in spans:
        match = _SPAN.fullmatch(str(span))
        if match is None:
            return None
        start = int(match[1]) * 60 + int(match[2])
        end = int(match[3]) * 60 + int(match[4])
        if not (found[-1][1] if found else 0) <= start < end <= 24 * 60:
            return None
        found.append((start, end))
    return tuple(found) or None


def _days(written: object, year: int) -> list[date] | None:
    match = _DAYS.fullmatch(str(written))
    if match is None:
        return None
    try:
        first = date.fromisoformat(match[1])
        last = date.fromisoformat(match[2] or match[1])
    except ValueError:
        return None
    if last < first or first.year != year or last.year != year:
        return None
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
