"""`issues` read again from its start, by nobody's group."""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from hutong.events.codec import Codec
from hutong.issue.record import Record
from hutong.kafka import consumer_config
from hutong.kafka.access import Brokers
from hutong.kafka.issues import record_reader
from hutong.kafka.lag import topic_ends

_WAIT: Final = 0.2


class RangeMissingError(Exception):
    """The log does not hold all that is asked of it; the message names the offsets."""


class Replayer:
    """Reads up to given offsets, as often as asked, going on where it stopped.

    It assigns partitions to itself: no group is joined and nothing is committed.
    """

    def __init__(self, bootstrap: Brokers, topic: str, codec: Codec) -> None:
        group = f"hutong-replay-{secrets.token_hex(4)}"  # librdkafka wants a name, even unused
        self._bootstrap = bootstrap
        self._topic = topic
        self._consumer: Any = Consumer(consumer_config(bootstrap, group))
        self._read = record_reader(codec)
        self._next: dict[int, int] = {}

    @property
    def position(self) -> Mapping[int, int]:
        """Partition -> next offset."""
        return self._next

    def require(self, ends: Mapping[int, int]) -> None:
        """Raise RangeMissingError unless the log holds everything from 0 to these offsets."""
        known = {
            partition: bounds
            for (_, partition), bounds in topic_ends(self._bootstrap, [self._topic]).items()
        }
        faults = []
        for partition, wanted in sorted(ends.items()):
            start, end = known.get(partition, (0, 0))
            if start > 0:
                faults.append(f"partition {partition}: offsets 0 to {start - 1} are gone")
            if end < wanted:
                faults.append(f"partition {partition}: ends at {end}, {wanted} is wanted")
        if faults:
            raise RangeMissingError(f"{self._topic} is not whole: {'; '.join(faults)}")

    def read_to(self, ends: Mapping[int, int], most: int) -> Iterator[list[Record]]:
        """Batches of records, from where the last call stopped, up to before these offsets.

        An end must be one after a record: gaps between records are stepped over, but a gap at the
        very end would be waited for. Raises UnreadableError, or KafkaException when a range is
        gone meanwhile.
        """
        left = {p: end for p, end in ends.items() if self._next.get(p, 0) < end}
        starts = {p: self._next.get(p, 0) for p in left}
        self._consumer.assign(
            [TopicPartition(self._topic, p, start) for p, start in starts.items()]
        )
        while left:
            batch = []
            for message in self._consumer.consume(most, _WAIT):
                if (error := message.error()) is not None:
                    if error.retriable() or error.code() == KafkaError._PARTITION_EOF:
                        continue
                    raise KafkaException(error)
                partition, offset = message.partition(), message.offset()
                if partition not in left or offset >= left[partition]:
                    continue
                batch.append(self._read(message))
                self._next[partition] = offset + 1
                if offset + 1 == left[partition]:
                    del left[partition]
                    self._consumer.pause([TopicPartition(self._topic, partition)])
            if batch:
                yield batch
        self._consumer.unassign()

    def close(self) -> None:
        """Free the client."""
        self._consumer.close()
