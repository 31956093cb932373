"""The port to departments' inboxes, and the topics behind it: for departments without Kafka."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from hutong.events.codec import Codec
from hutong.kafka import consumer_config
from hutong.kafka.access import Brokers
from hutong.kafka.acls import INTAKE_GROUP
from hutong.kafka.read import read_ranges
from hutong_intake.log import NotConfirmedError

_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """One record of an inbox. ``event`` is the Avro full name, ``at`` the append time, ms UTC."""

    offset: int
    at: int
    event: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Orders from an offset on, and the end of the inbox."""

    orders: tuple[Order, ...]
    end: int


class Inboxes(Protocol):
    """Reads departments' inboxes. NotConfirmedError when the log cannot be reached."""

    async def after(self, topic: str, offset: int, limit: int) -> Page:
        """Up to so many orders from an offset on; none where there is nothing yet."""
        ...


class KafkaInboxes:
    """`Inboxes` on the topics, by one consumer that joins no group and commits nothing."""

    def __init__(self, kafka: Brokers, codec: Codec) -> None:
        self._kafka = kafka
        self._codec = codec
        self._lock = threading.Lock()
        self._consumer: Any = None

    async def after(self, topic: str, offset: int, limit: int) -> Page:
        """See `Inboxes.after`."""
        try:
            return await asyncio.to_thread(self._read, topic, offset, limit)
        except KafkaException as error:
            raise NotConfirmedError(error.args[0].str()) from error

    def close(self) -> None:
        """Close the consumer."""
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
                self._consumer = None

    def _read(self, topic: str, offset: int, limit: int) -> Page:
        with self._lock:
            if self._consumer is None:
                config = consumer_config(self._kafka, INTAKE_GROUP, enable_partition_eof=True)
                self._consumer = Consumer(config)
            ends = self._consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=_SECONDS)
            if ends is None:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            end = int(ends[1])
            until = min(end, offset + limit)
            ranges = {(topic, 0): (offset, until)}
            batches = read_ranges(self._consumer, ranges, most=limit, silent_seconds=_SECONDS)
            messages = [message for batch in batches for message in batch]
        return Page(tuple(map(self._order, messages)), end)

    def _order(self, message: Any) -> Order:
        # The router alone writes there, and checks what it writes.
        decoded = self._codec.decode(message.value())
        _, at = message.timestamp()
        return Order(message.offset(), at, decoded.schema.name, decoded.body)
