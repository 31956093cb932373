"""The packs that the router has read from `city`, ready to route by.

A thread reads `city` on and compiles what will be in force; the event loop asks for the pack of an
instant. Nobody may ask once the end of `city` was not confirmed for half the lead: a promotion that
is not known could then be in force.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from confluent_kafka import KafkaException

from hutong.city.archive import ArchiveError, read_departments
from hutong.classify import Classifier
from hutong.events.codec import Codec
from hutong.ops.log import get_logger
from hutong.ops.metrics import RouterMetrics
from hutong.promotions.log import CityLog
from hutong.promotions.packs import CityUnconfirmedError
from hutong.promotions.reading import RefusedPromotionError, city_of, read_promotion
from hutong.promotions.timeline import NoPackError, Promotion, Timeline
from hutong_router.dispatch import Dispatcher

KEPT: Final = 8
"""Compiled packs, 20 MB each. More are in use at once only by an import of many years."""

_ASKS_PER_LIMIT: Final = 15
_MOST_SECONDS: Final = 2.0


class CityRules:
    """All promotions, and the dispatcher of each instant."""

    def __init__(
        self,
        log: CityLog,
        codec: Codec,
        metrics: RouterMetrics,
        *,
        lead_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._codec = codec
        self._metrics = metrics
        self._clock = clock
        self._limit = lead_seconds / 2
        self._timeline = Timeline(int(lead_seconds * 1000))
        self._made: OrderedDict[str, Dispatcher | None] = OrderedDict()
        self._making = threading.Lock()
        self._departments: frozenset[str] = frozenset()
        self._failure: Exception | None = None
        metrics.city_age.set_function(lambda: self._clock() - self._log.confirmed_at)

    @property
    def departments(self) -> frozenset[str]:
        """Those of every promoted pack: inboxes and senders do not vanish with a pack."""
        return self._departments

    def read_on(self) -> None:
        """Read what is new. Raises as `CityLog.read_on`."""
        for record in self._log.read_on():
            try:
                promotion = read_promotion(self._codec, record)
                departments = read_departments(promotion.archive)
            except (RefusedPromotionError, ArchiveError) as error:
                self._refuse(record.offset, str(error))
                continue
            self._departments |= set(departments)
            self._timeline.add(promotion)
            get_logger().info(
                "a city pack was promoted",
                pack=promotion.pack,
                offset=promotion.offset,
                topic="city",
                in_force_from=self._timeline.since(promotion),
            )

    def prepare(self, now: int) -> None:
        """Compile what is in force at ``now`` (milliseconds UTC) and what will be."""
        for promotion in self._timeline.candidates(now):
            if self._dispatcher(promotion) is not None:
                break
        for promotion in list(self._timeline.ahead(now))[: KEPT - 1]:
            self._dispatcher(promotion)

    def at(self, instant: int) -> Dispatcher:
        """By what to route a record received at the instant. NoPackError when there is nothing."""
        for promotion in self._timeline.candidates(instant):
            found = self._dispatcher(promotion)
            if found is not None:
                return found
        raise NoPackError("no promotion on city can be used: run `hutong topics create`")

    def require_confirmed(self) -> None:
        """Raise CityUnconfirmedError once nobody can say what is in force."""
        if self._failure is not None:
            raise CityUnconfirmedError(str(self._failure)) from self._failure
        age = self._clock() - self._log.confirmed_at
        if age > self._limit:
            raise CityUnconfirmedError(
                f"the end of city was not confirmed for {age:.1f} s, at most {self._limit:.1f}: "
                "a promotion could be in force that is not known here"
            )

    def keep_reading(self, changed: Callable[[], None]) -> None:
        """Read on for ever; ``changed`` after each look that found departments. For a thread."""
        pause = min(_MOST_SECONDS, self._limit / _ASKS_PER_LIMIT)
        while self._failure is None:
            before = self._departments
            try:
                self.read_on()
                self.prepare(time.time_ns() // 1_000_000)
            except KafkaException as error:
                get_logger().warning("city cannot be confirmed", why=error.args[0].str())
            except Exception as error:  # noqa: BLE001  the event loop raises it and stops
                self._failure = error
            if self._departments != before:
                changed()
            time.sleep(pause)

    def _dispatcher(self, promotion: Promotion) -> Dispatcher | None:
        """Compiled once per pack; None for a pack with faults, which is as if not promoted."""
        try:
            return self._made[promotion.pack]
        except KeyError:
            return self._make(promotion)

    def _make(self, promotion: Promotion) -> Dispatcher | None:
        with self._making:
            if promotion.pack in self._made:
                return self._made[promotion.pack]
            try:
                city = city_of(promotion)
                made: Dispatcher | None = Dispatcher(city, Classifier(city), self._codec)
            except RefusedPromotionError as error:
                self._refuse(promotion.offset, str(error))
                made = None
            self._made[promotion.pack] = made
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return made

    def _refuse(self, offset: int, why: str) -> None:
        self._metrics.city_refused.inc()
        get_logger().error(
            "a promotion was refused, the old pack stays", topic="city", offset=offset, why=why
        )


def open_rules(
    log: CityLog, codec: Codec, metrics: RouterMetrics, *, lead_seconds: float, now: int
) -> CityRules:
    """Read all of `city`. NoPackError when no pack can be used, else as `CityLog.read_on`."""
    rules = CityRules(log, codec, metrics, lead_seconds=lead_seconds)
    rules.read_on()
    rules.prepare(now)
    rules.at(now)
    return rules
