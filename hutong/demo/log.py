"""Reads back what the log holds, to hold it against the read models."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Message, TopicPartition

from hutong.events.codec import default_codec
from hutong.events.headers import CE_TYPE, ORIGIN, SOURCE, read_headers
from hutong.events.topics import ISSUES, TopicCatalogue
from hutong.issue.record import Record
from hutong.kafka import consumer_config, headers_of
from hutong.kafka.access import Brokers
from hutong.kafka.issues import record_reader
from hutong.kafka.read import read_ranges

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


def read_issues(bootstrap: Brokers, catalogue: TopicCatalogue) -> Iterator[Record]:
    """Every record of `issues`, in order within a partition, to where it ends now."""
    read = record_reader(default_codec())
    for message in _all_messages(bootstrap, catalogue, [ISSUES]):
        yield read(message)


def _all_messages(
    bootstrap: Brokers, catalogue: TopicCatalogue, names: Iterable[str]
) -> Iterator[Message]:
    consumer = Consumer(consumer_config(bootstrap, "hutong-demo", enable_partition_eof=True))
    try:
        ranges = {}
        for name in names:
            for partition in range(catalogue[name].partitions):
                place = TopicPartition(name, partition, 0)
                end = consumer.get_watermark_offsets(place, timeout=_SECONDS)[1]
                ranges[name, partition] = (0, end)
        for messages in read_ranges(consumer, ranges):
            yield from messages
    finally:
        consumer.close()
