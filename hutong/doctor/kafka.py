"""Kafka: reachable, safe, its topics as they should be, its readers up to date."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from hutong.checks.finding import Finding, fault, ok, warning
from hutong.checks.safety import client_findings, kafka_findings
from hutong.checks.topics import topic_findings
from hutong.city import City
from hutong.doctor.place import Place
from hutong.doctor.promotions import promotion_findings
from hutong.doctor.records import latest, unread
from hutong.events.topics import DEAD_LETTERS, Topic, load_topics
from hutong.kafka import client_config
from hutong.kafka.access import Brokers
from hutong.kafka.facts import collect_kafka
from hutong.kafka.lag import PartitionLag, group_lag, log_lag, topic_ends

MUCH: Final = 10_000
"""Records behind that take a reader seconds, not moments, to catch up."""

_SECONDS: Final = 10.0
_SKEW_MS: Final = 1_000


def examine_kafka(
    place: Place, city: City, standing: Mapping[int, int] | None, now: int
) -> Iterator[Finding]:
    """``standing``: where the projections are, None when not known."""
    if place.kafka is None:
        return
    catalogue = load_topics(city.departments)
    names = [topic.name for topic in catalogue]
    try:
        facts = collect_kafka(place.kafka, names)
        yield ok("kafka", f"{len(facts.brokers)} broker{'s' * (len(facts.brokers) != 1)}")
        yield from kafka_findings(facts, names, production=place.production)
        yield from client_findings(client_config(place.kafka), production=place.production)
        yield from topic_findings(facts, catalogue)
        there = [topic for topic in catalogue if topic.name in facts.topics]
        yield from _readers(place, place.kafka, there, standing)
        yield from _dead_letters(place, place.kafka)
        yield from promotion_findings(place, place.kafka, city, now)
        yield from _clock(place.kafka, there, now)
    except KafkaException as error:
        yield fault(
            "kafka",
            f"does not answer: {error.args[0].str()}",
            "is it running, and are HUTONG_KAFKA and its user right?",
        )


def _readers(
    place: Place, kafka: Brokers, topics: list[Topic], standing: Mapping[int, int] | None
) -> Iterator[Finding]:
    routed = [t.name for t in topics if t.is_routed and t.name != "city"]
    yield from _lag("router", group_lag(kafka, routed, place.router_group))
    if standing is not None:
        lag = log_lag(kafka, place.issues_topic, "projections", standing)
        yield from _lag("projections", lag)
        gone = [line for line in lag if (line.position or 0) > line.end]
        if gone:
            yield fault(
                "projections",
                f"stand behind the end of {len(gone)} partitions of {place.issues_topic}: the log"
                " is not the one that the tables were made from",
                "`hutong replay rebuild --all` against the right log",
            )


def _lag(reader: str, lines: Iterable[PartitionLag]) -> Iterator[Finding]:
    behind = sum(max(0, line.lag) for line in lines)
    if behind > MUCH:
        yield warning(reader, f"{behind:,} records behind", "`hutong lag`, then its log")
    else:
        yield ok(reader, f"{behind:,} records behind")


def _dead_letters(place: Place, kafka: Brokers) -> Iterator[Finding]:
    count = sum(end - start for start, end in topic_ends(kafka, [DEAD_LETTERS]).values())
    if count:
        yield warning(
            "dead letters",
            f"{count:,} records could not be read or were not allowed",
            "`hutong dead-letters list` explains each",
        )
        try:
            for _ in latest(place, DEAD_LETTERS, 1):
                pass
        except KafkaException as error:
            yield unread("dead letters", "what they are", error)
    else:
        yield ok("dead letters", "none")


def _clock(kafka: Brokers, topics: list[Topic], now: int) -> Iterator[Finding]:
    """The newest append time is at most the brokers' present: later than ours, theirs is ahead.

    That theirs is behind cannot be seen without writing.
    """
    admin = AdminClient(client_config(kafka))
    places = {
        TopicPartition(topic.name, partition): OffsetSpec.max_timestamp()
        for topic in topics
        for partition in range(topic.partitions)
    }
    newest = max(
        (f.result(_SECONDS).timestamp for f in admin.list_offsets(places).values()), default=-1
    )
    ahead = newest - now
    if ahead > _SKEW_MS:
        yield warning(
            "clock",
            f"Kafka's is at least {ahead / 1000:.1f} s ahead of ours: received times are Kafka's",
            "set both by NTP",
        )
    else:
        yield ok("clock", "Kafka's is not ahead of ours")
