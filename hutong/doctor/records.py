"""The latest records of a topic, read as the user who may read the log."""

from collections.abc import Iterator
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException

from hutong.checks.finding import Finding, fault, warning
from hutong.doctor.place import Place
from hutong.kafka import consumer_config
from hutong.kafka.acls import REPLAY, REPLAY_GROUPS
from hutong.kafka.lag import topic_ends
from hutong.kafka.patience import is_denied
from hutong.kafka.read import read_ranges

_SECONDS: Final = 10.0


def latest(
    place: Place, topic: str, most: int, *, silent_seconds: float = _SECONDS
) -> Iterator[Any]:
    """At most so many of each partition. KafkaException unless all of them could be read."""
    if place.kafka is None or place.reader is None:
        return
    ranges = {
        where: (max(low, high - most), high)
        for where, (low, high) in topic_ends(place.kafka, [topic]).items()
    }
    group = f"{REPLAY_GROUPS}doctor"  # librdkafka wants a name, even unused
    consumer = Consumer(consumer_config(place.reader, group, enable_partition_eof=True))
    try:
        for messages in read_ranges(consumer, ranges, silent_seconds=silent_seconds):
            yield from messages
    finally:
        consumer.close()


def unread(subject: str, what: str, error: KafkaException) -> Finding:
    """That ``what`` is not known, because its topic could not be read to the end."""
    why = error.args[0]
    if is_denied(why):
        return warning(
            subject,
            f"{what} is not known, this Kafka user is not allowed to read it: {why.str()}",
            f"ask again as `{REPLAY}`; `hutong topics acls --check` names missing rights",
        )
    return fault(subject, f"{what} is not known: {why.str()}", "see the brokers' logs; ask again")
