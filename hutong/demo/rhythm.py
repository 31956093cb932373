"""When reports come in: seasons, weather, weekdays, hours, and the days before Spring Festival.

Only + - * / and fsum on floats: they round the same on every machine and in every Python, which
sines, logarithms and (since Python 3.12) sum do not.
"""

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import accumulate
from math import fsum
from random import Random as Stream
from typing import Any, Final

from hutong.demo.library import CHANNELS, Item

_HOUR = 3_600_000
_FESTIVALS: Final = {
    day.year: day
    for day in (
        *(date(2015, 2, 19), date(2016, 2, 8), date(2017, 1, 28), date(2018, 2, 16)),
        *(date(2019, 2, 5), date(2020, 1, 25), date(2021, 2, 12), date(2022, 2, 1)),
        *(date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17)),
        *(date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3)),
        *(date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19)),
        date(2035, 2, 8),
    )
}
"""First day of Spring Festival; other years use 5 February, the middle of its range."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the plan, cut to the asked span. Times are ms UTC; `weekday` 0 is Monday."""

    start: int
    end: int
    hour: int
    month: int
    weekday: int
    rain: int
    """0 dry, 1 wet, 2 stormy."""
    before_festival: bool
    weight: float


class Rhythm:
    """The plan of hours, and what is likely in each of them."""

    def __init__(self, rules: Mapping[str, Any], items: Sequence[Item]) -> None:
        self._rules = rules
        self._items = items
        self._channels: dict[tuple[int, int], list[float]] = {}
        self._tables: dict[tuple[int, int, int, bool, int], list[float]] = {}
        self._curves = []
        for channel in CHANNELS:
            rule = rules["channel"][channel]
            day = fsum(rule["hours"])
            self._curves.append([rule["share"] * value / day for value in rule["hours"]])
        self._weeks = [rules["channel"][channel]["week"] for channel in CHANNELS]

    def hours(self, start: int, end: int, zone: tzinfo, stream: Stream) -> list[Hour]:
        """Every local hour that touches [start, end), with its weight."""
        weather, volume = self._rules["weather"], self._rules["volume"]
        day = datetime.fromtimestamp(start // 1000, zone).date()
        hours: list[Hour] = []
        rain = 0
        while (midnight := _midnight(day, zone)) < end:
            month, weekday = day.month - 1, day.weekday()
            chance = weather["after_wet" if rain else "after_dry"][month]
            rain = 0 if stream.random() >= chance else 1
            if rain and stream.random() < weather["storm"][month]:
                rain = 2
            gap = (_festival(day) - day).days
            of_day = volume["months"][month] * weather["volume"][rain]
            if -6 <= gap <= 1:
                of_day *= volume["holiday"]
            for hour in range(24):
                first = midnight + hour * _HOUR
                low, high = max(first, start), min(first + _HOUR, end)
                weight = of_day * (0.75 + 0.5 * stream.random())
                weight *= self._channel_table(weekday, hour)[-1]
                if low < high:
                    share = (high - low) / _HOUR
                    hours.append(
                        Hour(low, high, hour, month, weekday, rain, 1 < gap <= 35, weight * share)
                    )
            day += timedelta(days=1)
        return hours

    def channel(self, hour: Hour, chance: float) -> int:
        """The index in CHANNELS that `chance` (0 to 1) falls on at this hour."""
        table = self._channel_table(hour.weekday, hour.hour)
        return min(bisect(table, chance * table[-1]), len(table) - 1)

    def item(self, hour: Hour, channel: int, chance: float) -> Item:
        """The duty item that `chance` (0 to 1) falls on for this channel at this hour."""
        key = (channel, hour.month, hour.rain, hour.before_festival, hour.hour)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = self._item_table(*key)
        return self._items[min(bisect(table, chance * table[-1]), len(table) - 1)]

    def _channel_table(self, weekday: int, hour: int) -> list[float]:
        table = self._channels.get((weekday, hour))
        if table is None:
            pairs = zip(self._curves, self._weeks, strict=True)
            table = list(accumulate(curve[hour] * week[weekday] for curve, week in pairs))
            self._channels[weekday, hour] = table
        return table

    def _item_table(
        self, channel: int, month: int, rain: int, before_festival: bool, hour: int
    ) -> list[float]:
        seasons, curves = self._rules["season"], self._rules["hours"]
        weights = []
        for item in self._items:
            season = seasons[item.season]
            weight = item.weight * item.affinity[channel] * season["months"][month]
            weight *= season.get("rain", (1, 1, 1))[rain] * curves[item.hours][hour]
            if before_festival:
                weight *= season.get("festival", 1)
            weights.append(weight)
        return list(accumulate(weights))


def spread(hours: Sequence[Hour], count: int, stream: Stream) -> Iterator[tuple[Hour, list[int]]]:
    """Each hour with its times in order; `count` in all."""
    total = fsum(hour.weight for hour in hours)
    shift, done, reached = stream.random(), 0, 0.0
    last = len(hours) - 1
    for index, hour in enumerate(hours):
        reached += hour.weight
        upto = count if index == last else min(count, int(reached / total * count + shift))
        length = hour.end - hour.start
        yield hour, sorted(hour.start + int(stream.random() * length) for _ in range(upto - done))
        done = upto


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000


def _festival(day: date) -> date:
    return _FESTIVALS.get(day.year, date(day.year, 2, 5))
