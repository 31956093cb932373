"""The packs that count, from when each does: what whoever folds `issues` must know.

Like the router's, but of all times at once: a fold judges records of years. Nobody may go on once
the end of `city` was not confirmed for half the lead, for a promotion that is not known could then
be in force.
"""

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from hutong.city import City
from hutong.events.codec import Codec
from hutong.promotions.reading import (
    CityRecord,
    RefusedPromotionError,
    city_of,
    read_promotion,
)
from hutong.promotions.timeline import NoPackError, Promotion, Timeline


class ReadsCity(Protocol):
    """What is needed of a `CityLog`; an archive's is another."""

    @property
    def confirmed_at(self) -> float:
        """When the end that was last reached was asked for."""

    def read_on(self) -> list[CityRecord]:
        """What is new since the last call."""

    def close(self) -> None:
        """Free what it holds."""


class CityUnconfirmedError(Exception):
    """What is in force cannot be known any more."""


class PackSince(NamedTuple):
    """A pack and the instant from which it counts, milliseconds UTC."""

    since: int
    city: City


class Packs:
    """All packs that count, read from `city`. For one thread."""

    def __init__(
        self,
        log: ReadsCity,
        codec: Codec,
        *,
        lead_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._codec = codec
        self._clock = clock
        self._limit = lead_seconds / 2
        self._timeline = Timeline(int(lead_seconds * 1000))
        self._cities: dict[str, City | None] = {}
        self._known: tuple[PackSince, ...] = ()

    @property
    def known(self) -> tuple[PackSince, ...]:
        """In order, the first since 0: it counts for all that came before any promotion.

        What is known of an instant never changes: later reads only add packs that count from an
        instant which no record has reached yet.
        """
        return self._known

    def archive(self, pack: str) -> bytes:
        """A pack of `known` as its promotion has it."""
        return next(each.archive for each in self._timeline if each.pack == pack)

    def read_on(self) -> bool:
        """Read what is new; whether there is. NoPackError when no pack can be used, else as
        `CityLog.read_on`."""
        records = self._log.read_on()
        for record in records:
            try:
                self._timeline.add(read_promotion(self._codec, record))
            except RefusedPromotionError:
                continue  # routers count and log it; it changes nothing
        if records:
            self._known = self._counting()
        if not self._known:
            raise NoPackError("no pack was ever promoted: run `hutong topics create`")
        return bool(records)

    def confirm(self, every: float) -> bool:
        """`read_on` if the last look is older than ``every`` seconds; whether there is news."""
        return self._age() >= every and self.read_on()

    def require_confirmed(self) -> None:
        """Raise CityUnconfirmedError once nobody can say what is in force."""
        age = self._age()
        if age > self._limit:
            raise CityUnconfirmedError(
                f"the end of city was not confirmed for {age:.1f} s, at most {self._limit:.1f}: "
                "a promotion could be in force that is not known here"
            )

    def close(self) -> None:
        """Leave the broker."""
        self._log.close()

    def _age(self) -> float:
        return self._clock() - self._log.confirmed_at

    def _counting(self) -> tuple[PackSince, ...]:
        starts = sorted({0, *(self._timeline.since(promotion) for promotion in self._timeline)})
        found: list[PackSince] = []
        for since in starts:
            city = self._in_force(since)
            if city is not None and (not found or found[-1].city.hash != city.hash):
                found.append(PackSince(since, city))
        return tuple(found)

    def _in_force(self, instant: int) -> City | None:
        """As the router finds it: a pack that cannot be used is as if it were not promoted."""
        for promotion in self._timeline.candidates(instant):
            if (city := self._city(promotion)) is not None:
                return city
        return None

    def _city(self, promotion: Promotion) -> City | None:
        if promotion.pack not in self._cities:
            try:
                self._cities[promotion.pack] = city_of(promotion)
            except RefusedPromotionError:
                self._cities[promotion.pack] = None
        return self._cities[promotion.pack]


def read_packs(log: ReadsCity, codec: Codec, *, lead_seconds: float) -> Packs:
    """Packs that have read all of `city`. Raises as `Packs.read_on`."""
    packs = Packs(log, codec, lead_seconds=lead_seconds)
    packs.read_on()
    return packs
