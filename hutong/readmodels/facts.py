"""What read models need of the city packs and the topic catalogue."""

import functools
import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from hutong.city import City
from hutong.events.headers import Source
from hutong.events.receipt import Receipt
from hutong.events.topics import load_topics, reports_topic
from hutong.issue.pack import Pack
from hutong.issue.rules import Rules

#: Every time zone in use is a whole number of these from UTC, so a day never changes inside one.
_QUARTER_MS: Final = 900_000


class When(NamedTuple):
    """Where an instant lies on the city's wall clock: ``2026-W47``, ``2026-11``, ``2026-11-20``."""

    week: str
    month: str
    day: str


class Places:
    """Streets and days of one city pack."""

    def __init__(self, *, streets: Mapping[str, str], timezone: str) -> None:
        self.streets = streets
        zone = ZoneInfo(timezone)

        @functools.lru_cache(maxsize=4096)
        def when(quarter: int) -> When:
            start = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC).astimezone(zone)
            year, week, _ = start.isocalendar()
            return When(f"{year}-W{week:02}", f"{start:%Y-%m}", f"{start:%Y-%m-%d}")

        self.when = when
        facts = [timezone, sorted(streets.items())]
        self.digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    @classmethod
    def of(cls, city: City) -> "Places":
        """Those of a loaded city pack."""
        streets = {
            code: area.code
            for code in city.areas
            for area in city.area_path(code)
            if area.level == "street"
        }
        return cls(streets=streets, timezone=city.timezone)


class CityFacts:
    """Streets, days and receipt numbers of one city.

    Asked with the instant at which an issue was reported: the pack in force then says where it
    counts, for good, so that what a sum added for an issue can be taken away again.
    """

    def __init__(
        self, places: Mapping[int, Places], *, rules: Rules, channels: Mapping[str, int]
    ) -> None:
        """``places``: since when (milliseconds UTC) -> the places of the pack in force."""
        self._rules = rules
        self._places = sorted(places.items())
        self._since = [since for since, _ in self._places]
        self._numbers = {reports_topic(code): number for code, number in channels.items()}

        @functools.lru_cache(maxsize=16_384)
        def receipt_of(source: str) -> str:
            place = Source.parse(source)
            number = self._numbers.get(place.topic)
            if number is None:
                raise ValueError(f"a report cannot come from {source}: not a reports topic")
            return str(Receipt(number, place.partition, place.offset))

        self._receipt_of = receipt_of

    @classmethod
    def of(cls, city: City) -> "CityFacts":
        """By one city pack, whatever the time."""
        return cls.over([(0, city)])

    @classmethod
    def over(cls, packs: Iterable[tuple[int, City]]) -> "CityFacts":
        """By several, each from an instant (milliseconds UTC) on."""
        packs = tuple(packs)
        places = {since: Places.of(city) for since, city in packs}
        return cls(places, rules=Rules.over(packs), channels=load_topics(()).channels)

    def street(self, area: str | None, at: int) -> str:
        """The street that an area lies in; '' when the area is unknown or above a street."""
        return self._at(at).streets.get(area, "") if area is not None else ""

    def when(self, at: int) -> When:
        """ISO week, month and day of an instant."""
        return self._at(at).when(at // _QUARTER_MS)

    def week(self, at: int) -> str:
        """The ISO week of an instant on the city's wall clock, e.g. ``2026-W47``."""
        return self.when(at).week

    def pack(self, at: int) -> Pack:
        """What clocks go by at an instant. Its digest is named with the rules'."""
        return self._rules.pack(at)

    def receipt(self, source: str) -> str:
        """The receipt number of a report by its place in a reports topic."""
        return self._receipt_of(source)

    def _at(self, instant: int) -> Places:
        return self._places[max(0, bisect_right(self._since, instant) - 1)][1]

    @property
    def digests(self) -> Mapping[int, str]:
        """Since when -> what names the facts from then on: rows made with others are not
        comparable, and need a rebuild."""
        numbers = json.dumps(sorted(self._numbers.items()))
        return {
            since: hashlib.sha256((places.digest + numbers).encode()).hexdigest()[:16]
            for since, places in self._places
        }
