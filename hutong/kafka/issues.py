"""Reading `issues`: a message becomes a record, or the reader stops with the place named."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hutong.events.codec import Codec, UndecodableError
from hutong.issue.record import Record, read_record
from hutong.kafka import headers_of
from hutong.kafka.stamp import is_append_time


class UnreadableError(Exception):
    """A record of `issues` that cannot be read. The router let it in, so nobody may skip it."""

    def __init__(self, topic: str, partition: int, offset: int, why: object) -> None:
        super().__init__(f"cannot read {topic}, partition {partition}, offset {offset}: {why}")
        self.topic = topic
        self.partition = partition
        self.offset = offset


def record_reader(codec: Codec) -> Callable[[Any], Record]:
    """A function from a confluent message of `issues` to its record; it raises UnreadableError."""

    def read(message: Any) -> Record:
        return read_kept(codec, message.topic(), kept_record(message))

    return read


class KeptRecord(NamedTuple):
    """A record of any topic, whole: all that is needed to read it again, or to put it back.

    ``stamp`` is Kafka's number for what the timestamp means; the timestamp is milliseconds UTC.
    """

    partition: int
    offset: int
    stamp: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


def kept_record(message: Any) -> KeptRecord:
    """A confluent message, whole."""
    stamp, timestamp = message.timestamp()
    return KeptRecord(
        message.partition(),
        message.offset(),
        stamp,
        timestamp,
        message.key(),
        message.value(),
        headers_of(message.headers()),
    )


def read_kept(codec: Codec, topic: str, kept: KeptRecord) -> Record:
    """The record of `issues` that was kept; UnreadableError names its place."""
    partition, offset = kept.partition, kept.offset
    try:
        if not is_append_time(kept.stamp, kept.headers):
            raise ValueError("its timestamp is not the append time: see `hutong topics create`")
        record = read_record(
            codec,
            kept.value,
            kept.headers,
            partition=partition,
            offset=offset,
            timestamp=kept.timestamp,
        )
        if kept.key != record.issue_id.encode():
            raise ValueError(f"its key is {kept.key!r}, its issue {record.issue_id}")
    except KeyError as error:
        why = f"the header {error} is missing"
        raise UnreadableError(topic, partition, offset, why) from error
    except (UndecodableError, ValueError) as error:
        raise UnreadableError(topic, partition, offset, error) from error
    return record
