"""How far readers are behind the ends of topics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from hutong.kafka import client_config
from hutong.kafka.access import Brokers

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """One reader of one partition. ``position`` is its next offset; None: it has none yet."""

    topic: str
    partition: int
    reader: str
    start: int
    end: int
    position: int | None

    @property
    def lag(self) -> int:
        """Offsets still to be read; a reader without position has all before it."""
        return self.end - (self.start if self.position is None else self.position)


def group_lag(
    bootstrap: Brokers, topics: Iterable[str], group: str, *, seconds: float = _SECONDS
) -> list[PartitionLag]:
    """Per partition of the topics that exist, where the group stands by its committed offsets.

    Asks only: the group is neither joined nor changed.
    """
    ends = topic_ends(bootstrap, topics, seconds=seconds)
    consumer = Consumer(client_config(bootstrap, group_id=group, enable_auto_commit=False))
    try:
        asked = [TopicPartition(topic, partition) for topic, partition in ends]
        committed = consumer.committed(asked, timeout=seconds) if asked else []
    finally:
        consumer.close()
    return [
        PartitionLag(
            c.topic,
            c.partition,
            group,
            *ends[(c.topic, c.partition)],
            c.offset if c.offset >= 0 else None,
        )
        for c in committed
    ]


def log_lag(
    bootstrap: Brokers,
    topic: str,
    reader: str,
    positions: Mapping[int, int],
    *,
    seconds: float = _SECONDS,
) -> list[PartitionLag]:
    """The same for a reader that keeps its positions (partition -> next offset) by itself."""
    return [
        PartitionLag(topic, partition, reader, start, end, positions.get(partition))
        for (_, partition), (start, end) in topic_ends(bootstrap, [topic], seconds=seconds).items()
    ]


def topic_ends(
    bootstrap: Brokers, topics: Iterable[str], *, seconds: float = _SECONDS
) -> dict[tuple[str, int], tuple[int, int]]:
    """(topic, partition) -> (first offset, next offset), for those topics that exist.

    Raises KafkaException, after at most ``seconds`` a question.
    """
    admin = AdminClient(client_config(bootstrap))
    known = admin.list_topics(timeout=seconds).topics
    places = [(t, p) for t in topics if t in known for p in sorted(known[t].partitions)]
    starts = _offsets(admin, places, OffsetSpec.earliest(), seconds)
    ends = _offsets(admin, places, OffsetSpec.latest(), seconds)
    return {place: (starts[place], ends[place]) for place in places}


def first_since(
    bootstrap: Brokers, topic: str, instant: int, *, seconds: float = _SECONDS
) -> dict[int, int]:
    """Partition -> offset of the first record with a timestamp of the instant (milliseconds UTC) or
    later; its next offset where there is none.

    Raises KafkaException, after at most ``seconds`` a question.
    """
    bounds = topic_ends(bootstrap, [topic], seconds=seconds)
    ends = {place: end for place, (_, end) in bounds.items()}
    admin = AdminClient(client_config(bootstrap))
    found = _offsets(admin, list(ends), OffsetSpec.for_timestamp(max(instant, 0)), seconds)
    return {
        place[1]: end if found[place] < 0 else min(found[place], end) for place, end in ends.items()
    }


def _offsets(
    admin: AdminClient, places: list[tuple[str, int]], spec: OffsetSpec, seconds: float
) -> dict[tuple[str, int], int]:
    if not places:
        return {}
    asked = admin.list_offsets({TopicPartition(*place): spec for place in places})
    return {(tp.topic, tp.partition): f.result(seconds).offset for tp, f in asked.items()}
