"""What is in force by `city`, and whether what was routed lately was routed by it."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, TopicPartition

from hutong.checks.finding import Finding, fault, ok, warning
from hutong.city import City
from hutong.events.codec import Codec, UndecodableError, default_codec
from hutong.events.headers import RECEIVED, read_headers
from hutong.events.lifecycle import IssueDispatched, IssueQueued
from hutong.kafka import consumer_config, headers_of
from hutong.kafka.access import Brokers
from hutong.kafka.lag import topic_ends
from hutong.promotions import NoPackError, Timeline
from hutong.promotions.log import CityLogError, pack_in_force, read_timeline
from hutong.promotions.reading import RefusedPromotionError, city_of

TAIL: Final = 100
"""Latest records of each partition of `issues` that are looked at."""

_SECONDS: Final = 10.0
_BY_PACK: Final = frozenset({IssueDispatched.avro_name, IssueQueued.avro_name})


class _HiddenError(Exception):
    """The broker does not let us read the log."""


def promotion_findings(
    kafka: Brokers, city: City, issues: str, lead_ms: int, now: int
) -> Iterator[Finding]:
    """Raises KafkaException when the broker does not answer."""
    codec = default_codec()
    try:
        timeline = read_timeline(kafka, codec, lead_ms)
        current, _ = pack_in_force(timeline, now)
    except CityLogError as error:
        yield fault("city", str(error), "bring the topic back from the archive")
        return
    except NoPackError as error:
        yield fault("city", str(error), "")
        return
    if current.pack != city.hash:
        yield warning(
            "city",
            f"routers use the pack {current.pack[:19]}, the folder here holds {city.hash[:19]}",
            "`hutong city promote` the folder, or set HUTONG_CITY to the pack in force",
        )
    else:
        yield ok("city", f"the pack {current.pack[:19]} is in force")
    try:
        yield from _routed_lately(kafka, issues, codec, timeline)
    except _HiddenError:
        yield ok(
            "city",
            f"this Kafka user may not read {issues}: ask again as `replay` whether"
            " the last dispatches were by the pack in force",
        )


def _routed_lately(
    kafka: Brokers, issues: str, codec: Codec, timeline: Timeline
) -> Iterator[Finding]:
    """Two routers with different rules show in the packs that their dispatches name."""
    wrong: Counter[str] = Counter()
    usable: dict[str, bool] = {}
    seen = 0
    for message in _tail(kafka, issues):
        try:
            headers = read_headers(headers_of(message.headers()))
            decoded = codec.decode(message.value())
            received = int(headers[RECEIVED])
        except (UndecodableError, ValueError, KeyError):
            continue  # that it is unreadable is the projections' alarm
        if decoded.schema.name not in _BY_PACK:
            continue
        seen += 1
        if decoded.body["pack"] != _pack_at(timeline, received, usable):
            wrong[decoded.body["pack"]] += 1
    if wrong:
        packs = ", ".join(f"{pack[:19]} {count}" for pack, count in wrong.most_common())
        yield fault(
            "city",
            f"of the last {seen} dispatches {wrong.total()} were not by the pack in force: {packs}",
            "a router runs other rules: is every one of this version, and of this cluster?",
        )
    elif seen:
        yield ok("city", f"the last {seen} dispatches were by the pack in force")


def _pack_at(timeline: Timeline, instant: int, usable: dict[str, bool]) -> str:
    """The pack in force; each is loaded once, to see whether it can be used at all."""
    for promotion in timeline.candidates(instant):
        if promotion.pack not in usable:
            try:
                usable[promotion.pack] = bool(city_of(promotion))
            except RefusedPromotionError:
                usable[promotion.pack] = False
        if usable[promotion.pack]:
            return promotion.pack
    raise NoPackError("no promotion on city can be used")


def _tail(kafka: Brokers, topic: str) -> Iterator[Any]:
    ends = topic_ends(kafka, [topic])
    starts = {place: max(low, high - TAIL) for place, (low, high) in ends.items() if high > low}
    left = sum(ends[place][1] - start for place, start in starts.items())
    consumer = Consumer(consumer_config(kafka, "hutong-city-doctor"))
    try:
        consumer.assign([TopicPartition(*place, start) for place, start in starts.items()])
        until = time.monotonic() + _SECONDS
        while left > 0 and time.monotonic() < until:
            message = consumer.poll(0.5)
            if message is None:
                continue
            if (error := message.error()) is not None:
                if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                    raise _HiddenError
                continue
            left -= 1
            yield message
    finally:
        consumer.close()
