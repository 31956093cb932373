"""Reading `issues`: a message becomes a record, or the reader stops with the place named."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME

from hutong.events.codec import Codec, UndecodableError
from hutong.issue.record import Record, read_record
from hutong.kafka import headers_of


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
        partition, offset = message.partition(), message.offset()
        kind, timestamp = message.timestamp()
        try:
            if kind != TIMESTAMP_LOG_APPEND_TIME:
                raise ValueError("its timestamp is not the append time: see `hutong topics create`")
            record = read_record(
                codec,
                message.value(),
                headers_of(message.headers()),
                partition=partition,
                offset=offset,
                timestamp=timestamp,
            )
            if message.key() != record.issue_id.encode():
                raise ValueError(f"its key is {message.key()!r}, its issue {record.issue_id}")
        except KeyError as error:
            why = f"the header {error} is missing"
            raise UnreadableError(message.topic(), partition, offset, why) from error
        except (UndecodableError, ValueError) as error:
            raise UnreadableError(message.topic(), partition, offset, error) from error
        return record

    return read
