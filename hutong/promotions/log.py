"""`city` as read by nobody's group: from its start to an end that the broker has confirmed."""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from hutong.city import City
from hutong.events.codec import Codec
from hutong.events.topics import CITY
from hutong.kafka import consumer_config, headers_of
from hutong.kafka.access import Brokers
from hutong.kafka.acls import CITY_GROUPS
from hutong.kafka.stamp import is_append_time
from hutong.promotions.reading import (
    CityRecord,
    RefusedPromotionError,
    city_of,
    read_promotion,
)
from hutong.promotions.timeline import NoPackError, Promotion, Timeline

_SECONDS: Final = 10.0
_POLL: Final = 0.2
#: What `read_headers` refuses, so that the record promotes nothing. confluent-kafka gives no header
#: of a record that has one whose name is no UTF-8; a SystemError is how it fails at the first.
_NO_TEXT: Final = (("\udcff", None),)


class CityLogError(Exception):
    """`city` is not whole or not as it was: nobody can say any more which pack is in force."""


class CityLog:
    """Reads `city` on from where it stopped. Not for several threads at once."""

    def __init__(
        self,
        kafka: Brokers,
        *,
        topic: str = CITY,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = _SECONDS,
    ) -> None:
        group = f"{CITY_GROUPS}{secrets.token_hex(4)}"  # librdkafka wants a name, even unused
        config = consumer_config(kafka, group, enable_partition_eof=True)
        self._consumer: Any = Consumer(config)
        self._place = TopicPartition(topic, 0)
        self._clock = clock
        self._seconds = seconds
        self._next = 0
        #: When the end that was last reached was asked for; before that, nothing is confirmed.
        self.confirmed_at = float("-inf")

    def read_on(self) -> list[CityRecord]:
        """What was appended since the last call, up to the end as it is now.

        Raises KafkaException when the broker does not say in time, and CityLogError.
        """
        asked = self._clock()
        low, high = self._ends()
        if low > 0:
            raise CityLogError(f"{self._place.topic} does not begin at 0 any more but at {low}")
        if high < self._next:
            raise CityLogError(
                f"{self._place.topic} ends at {high}, but was read to {self._next}: "
                "it was made anew or cut off"
            )
        found = self._read_to(high, asked + self._seconds) if self._next < high else []
        self.confirmed_at = asked
        return found

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _read_to(self, end: int, until: float) -> list[CityRecord]:
        """Fetches only meanwhile: a fetch that waits for news holds up the question for the end,
        which goes over the same connection, for a quarter of a second."""
        found: list[CityRecord] = []
        self._consumer.assign([TopicPartition(self._place.topic, 0, self._next)])
        try:
            while self._next < end:
                if self._clock() > until:
                    raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
                message = self._consumer.poll(_POLL)
                if message is None:
                    continue
                if message.error() is not None:
                    if message.error().code() != KafkaError._PARTITION_EOF:
                        raise KafkaException(message.error())
                    self._next = max(self._next, message.offset())
                    continue
                found.append(_record(message))
                self._next = message.offset() + 1
        finally:
            self._consumer.unassign()
        return found

    def _ends(self) -> tuple[int, int]:
        """First and next offset. A partition that was just made, or whose leader has just gone, has
        no leader for a moment, so errors are tried again for as long as there is time."""
        until = self._clock() + self._seconds
        while True:
            left = max(0.1, until - self._clock())
            try:
                ends = self._consumer.get_watermark_offsets(self._place, timeout=left, cached=False)
            except KafkaException:
                if self._clock() > until - _POLL:
                    raise
                time.sleep(_POLL)
                continue
            if ends is None:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            low, high = ends
            return int(low), int(high)


def _record(message: Any) -> CityRecord:
    kind, timestamp = message.timestamp()
    headers = _headers(message)
    if not is_append_time(kind, headers):
        raise CityLogError("city does not keep append time: see `hutong topics create`")
    return CityRecord(message.offset(), timestamp, message.key(), message.value(), headers)


def _headers(message: Any) -> Sequence[tuple[str, bytes | None]]:
    """Its headers, or `_NO_TEXT` in place of all of them."""
    try:
        return headers_of(message.headers())
    except (UnicodeDecodeError, SystemError) as error:
        if not isinstance(error.__cause__ or error, UnicodeDecodeError):
            raise
        return _NO_TEXT


def read_timeline(kafka: Brokers, codec: Codec, lead_ms: int) -> Timeline:
    """All promotions up to now, without those that are none. Raises as `CityLog.read_on`."""
    log = CityLog(kafka)
    try:
        timeline = Timeline(lead_ms)
        for record in log.read_on():
            try:
                timeline.add(read_promotion(codec, record))
            except RefusedPromotionError:
                continue  # routers count and log it; it changes nothing
        return timeline
    finally:
        log.close()


def pack_in_force(timeline: Timeline, instant: int) -> tuple[Promotion, City]:
    """The promotion in force and its pack; NoPackError when there is none."""
    for promotion in timeline.candidates(instant):
        try:
            return promotion, city_of(promotion)
        except RefusedPromotionError:
            continue
    raise NoPackError("no pack was ever promoted: run `hutong topics create`")
