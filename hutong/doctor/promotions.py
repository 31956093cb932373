"""What is in force by `city`, and whether what was routed lately was routed by it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from confluent_kafka import KafkaException

from hutong.checks.finding import Finding, fault, ok, warning
from hutong.city import City
from hutong.doctor.place import Place
from hutong.doctor.records import latest, unread
from hutong.events.codec import Codec, UndecodableError, default_codec
from hutong.events.headers import RECEIVED, read_headers
from hutong.events.lifecycle import IssueDispatched, IssueQueued
from hutong.kafka import headers_of
from hutong.kafka.access import Brokers
from hutong.promotions import NoPackError, Timeline
from hutong.promotions.log import CityLogError, pack_in_force, read_timeline
from hutong.promotions.reading import RefusedPromotionError, city_of

TAIL: Final = 100
"""Latest records of each partition of `issues` that are looked at."""

_BY_PACK: Final = frozenset({IssueDispatched.avro_name, IssueQueued.avro_name})


def promotion_findings(place: Place, kafka: Brokers, city: City, now: int) -> Iterator[Finding]:
    """Raises KafkaException when the broker does not answer."""
    codec = default_codec()
    try:
        timeline = read_timeline(kafka, codec, place.city_lead_ms)
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
        yield from _routed_lately(latest(place, place.issues_topic, TAIL), codec, timeline)
    except KafkaException as error:
        yield unread("city", "whether the last dispatches were by the pack in force", error)


def _routed_lately(messages: Iterator[Any], codec: Codec, timeline: Timeline) -> Iterator[Finding]:
    """Two routers with different rules show in the packs that their dispatches name."""
    wrong: Counter[str] = Counter()
    usable: dict[str, bool] = {}
    seen = 0
    for message in messages:
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
