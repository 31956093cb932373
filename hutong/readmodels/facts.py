"""What read models need of the city pack and the topic catalogue."""

import functools
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from hutong.city import City
from hutong.events.headers import Source
from hutong.events.receipt import Receipt
from hutong.events.topics import load_topics, reports_topic

#: Every time zone in use is a whole number of these from UTC, so a week never changes inside one.
_QUARTER_MS: Final = 900_000


class CityFacts:
    """Streets, weeks and receipt numbers of one city."""

    def __init__(
        self, *, streets: Mapping[str, str], timezone: str, channels: Mapping[str, int]
    ) -> None:
        self._streets = streets
        self._timezone = timezone
        self._numbers = {reports_topic(code): number for code, number in channels.items()}
        zone = ZoneInfo(timezone)

        @functools.lru_cache(maxsize=4096)
        def week_of_quarter(quarter: int) -> str:
            start = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC).astimezone(zone)
            year, week, _ = start.isocalendar()
            return f"{year}-W{week:02}"

        @functools.lru_cache(maxsize=16_384)
        def receipt_of(source: str) -> str:
            place = Source.parse(source)
            number = self._numbers.get(place.topic)
            if number is None:
                raise ValueError(f"a report cannot come from {source}: not a reports topic")
            return str(Receipt(number, place.partition, place.offset))

        self._week_of_quarter = week_of_quarter
        self._receipt_of = receipt_of

    @classmethod
    def of(cls, city: City) -> "CityFacts":
        """The facts of a loaded city pack."""
        streets = {
            code: area.code
            for code in city.areas
            for area in city.area_path(code)
            if area.level == "street"
        }
        channels = load_topics(city.departments).channels
        return cls(streets=streets, timezone=city.timezone, channels=channels)

    def street(self, area: str | None) -> str:
        """The street that an area lies in; '' when the area is unknown or above a street."""
        return self._streets.get(area, "") if area is not None else ""

    def week(self, millis: int) -> str:
        """The ISO week of an instant on the city's wall clock, e.g. ``2026-W47``."""
        return self._week_of_quarter(millis // _QUARTER_MS)

    def receipt(self, source: str) -> str:
        """The receipt number of a report by its place in a reports topic."""
        return self._receipt_of(source)

    @property
    def digest(self) -> str:
        """Names these facts: rows made with others are not comparable, and need a rebuild."""
        facts = [self._timezone, sorted(self._streets.items()), sorted(self._numbers.items())]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
