"""Reads back what the log holds, to hold it against the read models."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from hutong.events.headers import CE_TYPE, ORIGIN, SOURCE, read_headers
from hutong.events.topics import ISSUES, TopicCatalogue
from hutong.kafka import consumer_config, headers_of
from hutong.kafka.access import Brokers

_SECONDS = 30.0
_REPORTED = "hutong.issue.IssueReported"
_ROUTED = {"hutong.issue.IssueDispatched", "hutong.issue.IssueQueued"}
_ORDER = "hutong.orders.OrderIssued"

Place = tuple[str, int, int]


@dataclass(slots=True)
class LogFacts:
    """What was found in the log. Times are append times in milliseconds."""

    #: origin -> issue ids of all reports.
    issues: dict[str, set[str]] = field(default_factory=dict)
    #: Records of `issues` beyond the first of their event (a router that was killed repeats).
    repeats: int = 0
    records: int = 0
    #: Input place -> place in `issues` of what the router made of it.
    routed: dict[str, Place] = field(default_factory=dict)
    #: Input place -> append time of the first order for it on a department topic.
    ordered: dict[str, int] = field(default_factory=dict)
    #: Input place -> append time of the input.
    received: dict[str, int] = field(default_factory=dict)


def read_log(bootstrap: Brokers, catalogue: TopicCatalogue) -> LogFacts:
    """Read reports-*, issues and dept-* from the start to where they end now."""
    facts = LogFacts()
    seen: set[tuple[str, str]] = set()
    names = [t.name for t in catalogue if t.name.startswith(("reports-", "dept-"))]
    for message in _all_messages(bootstrap, catalogue, [*names, ISSUES]):
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        assert topic is not None
        assert partition is not None
        assert offset is not None
        time = message.timestamp()[1]
        if topic.startswith("reports-"):
            facts.received[f"{topic}/{partition}/{offset}"] = time
            continue
        headers = read_headers(headers_of(message.headers()))
        kind, source = headers[CE_TYPE], headers[SOURCE]
        if topic == ISSUES:
            facts.records += 1
            issue_id = (message.key() or b"").decode()
            if (kind, source) in seen:
                facts.repeats += 1
            seen.add((kind, source))
            if kind == _REPORTED:
                facts.issues.setdefault(headers[ORIGIN], set()).add(issue_id)
            elif kind in _ROUTED:
                facts.routed.setdefault(source, (topic, partition, offset))
        elif kind == _ORDER:
            facts.ordered[source] = min(facts.ordered.get(source, time), time)
    return facts


def end_offsets(bootstrap: Brokers, topic: str, partitions: int) -> dict[int, int]:
    """The next offset of each partition of a topic."""
    consumer = Consumer(consumer_config(bootstrap, "hutong-demo"))
    try:
        return {
            p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=_SECONDS)[1]
            for p in range(partitions)
        }
    finally:
        consumer.close()


def _all_messages(
    bootstrap: Brokers, catalogue: TopicCatalogue, names: Iterable[str]
) -> Iterator[Message]:
    consumer = Consumer(consumer_config(bootstrap, "hutong-demo", enable_partition_eof=False))
    try:
        ends = {}
        for name in names:
            for partition in range(catalogue[name].partitions):
                place = TopicPartition(name, partition, 0)
                end = consumer.get_watermark_offsets(place, timeout=_SECONDS)[1]
                if end > 0:
                    ends[name, partition] = end
        consumer.assign([TopicPartition(name, p, 0) for name, p in ends])
        heard = time.monotonic()
        while ends:
            # consume() waits for all that it is asked for, so the wait at the end must be short.
            messages = consumer.consume(1_000, timeout=0.1)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SECONDS:
                raise KafkaException(f"no answer while reading {sorted(ends)}")
            for message in messages:
                if (error := message.error()) is not None:
                    raise KafkaException(error)
                place_read = (message.topic() or "", message.partition() or 0)
                end = ends.get(place_read, 0)
                offset = message.offset() or 0
                if offset < end:
                    yield message
                if offset >= end - 1:
                    ends.pop(place_read, None)
    finally:
        consumer.close()
