"""`issues` read again from its start, by nobody's group."""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from confluent_kafka import Consumer, TopicCollection
from confluent_kafka.admin import AdminClient

from hutong.events.codec import Codec
from hutong.issue.record import Record
from hutong.kafka import client_config, consumer_config
from hutong.kafka.access import Brokers
from hutong.kafka.issues import kept_record, read_kept
from hutong.kafka.lag import first_since, topic_ends
from hutong.kafka.read import SILENT_SECONDS, read_ranges
from hutong.replay.source import RangeMissingError, Wanted, missing

_SECONDS: Final = 30.0
_T = TypeVar("_T")


class Replayer:
    """Reads up to given offsets, as often as asked, going on where it stopped.

    It assigns partitions to itself: no group is joined and nothing is committed.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        topic: str,
        codec: Codec,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        group = f"hutong-replay-{secrets.token_hex(4)}"  # librdkafka wants a name, even unused
        self._bootstrap = bootstrap
        self._topic = topic
        self._consumer: Any = Consumer(consumer_config(bootstrap, group, enable_partition_eof=True))
        self._silent_seconds = silent_seconds
        self._codec = codec
        self._next: dict[int, int] = {}

    @property
    def position(self) -> Mapping[int, int]:
        """Partition -> next offset."""
        return self._next

    @property
    def identity(self) -> str:
        """The id that the cluster gave the topic: one made anew under its name has another."""
        admin = AdminClient(client_config(self._bootstrap))
        asked = admin.describe_topics(TopicCollection([self._topic]), request_timeout=_SECONDS)
        return f"topic {asked[self._topic].result(_SECONDS).topic_id}"

    def ends(self) -> dict[int, int]:
        """Partition -> offset after the last record there is now. RangeMissingError: no topic."""
        return {partition: end for partition, (_, end) in self._bounds().items()}

    def ends_at(self, instant: int) -> dict[int, int]:
        """Partition -> offset of the first record that was appended after the instant.

        Raises RangeMissingError where there is no topic.
        """
        return self._there(first_since(self._bootstrap, self._topic, instant + 1))

    def require(self, ends: Mapping[int, int]) -> None:
        """Raise RangeMissingError unless the log holds everything from 0 to these offsets."""
        if why := missing(self._topic, self._bounds(), ends):
            raise RangeMissingError(why)

    def _bounds(self) -> dict[int, tuple[int, int]]:
        found = topic_ends(self._bootstrap, [self._topic])
        return self._there({partition: bounds for (_, partition), bounds in found.items()})

    def _there(self, partitions: dict[int, _T]) -> dict[int, _T]:
        if not partitions:
            raise RangeMissingError(f"there is no topic {self._topic}: see `hutong topics create`")
        return partitions

    def read_to(
        self, ends: Mapping[int, int], most: int, wanted: Wanted | None = None
    ) -> Iterator[list[Record]]:
        """Batches of records, from where the last call stopped, up to before these offsets.

        Raises UnreadableError, and KafkaException when a range is gone meanwhile or the broker has
        been silent for ``silent_seconds``: whoever holds a lock over this must get it back.
        """
        ranges = {(self._topic, p): (self._next.get(p, 0), end) for p, end in ends.items()}
        found = read_ranges(self._consumer, ranges, most=most, silent_seconds=self._silent_seconds)
        for messages in found:
            batch = []
            for message in messages:
                kept = kept_record(message)
                if wanted is None or wanted(kept):
                    batch.append(read_kept(self._codec, self._topic, kept))
                self._next[kept.partition] = kept.offset + 1
            if batch:
                yield batch
        for partition, end in ends.items():  # also past offsets that hold no record
            self._next[partition] = max(end, self._next.get(partition, 0))

    def seek(self, position: Mapping[int, int]) -> None:
        """Go on from these offsets."""
        self._next = dict(position)

    def restart(self) -> None:
        """Begin at 0 again."""
        self._next = {}

    def close(self) -> None:
        """Free the client."""
        self._consumer.close()
