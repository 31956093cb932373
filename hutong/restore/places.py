"""Places in topics that are not in an archive: the new topics begin after those that were named.

A receipt is a place in a reports topic, the cursor of an inbox one in a department's. If a restored
city gave them out again, one receipt would be two reports. Kafka can only begin elsewhere by having
had something there: empty records are written and deleted.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from confluent_kafka import KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from hutong.events.deadletter import Burial
from hutong.events.headers import SOURCE, Source
from hutong.kafka import client_config, producer_config
from hutong.kafka.access import Brokers
from hutong.kafka.issues import KeptRecord
from hutong.kafka.lag import topic_ends
from hutong.kafka.send import NotConfirmedError, enqueue

_SECONDS: Final = 60.0

Floors = dict[tuple[str, int], int]
"""(topic, partition) -> the first offset that may be given out."""


def floors_of(
    ends: Mapping[str, Mapping[int, int]],
    issues: Iterable[KeptRecord],
    letters: Iterable[KeptRecord],
    *,
    margin: int,
) -> Floors:
    """Where topics must begin: after their ends when the archive was made and every place that
    its records name, and ``margin`` further for what came after it and is lost. Pure."""
    found: Floors = {
        (topic, partition): end
        for topic, partitions in ends.items()
        for partition, end in partitions.items()
    }

    def named(source: Source) -> None:
        place = source.topic, source.partition
        found[place] = max(found.get(place, 0), source.offset + 1)

    for kept in issues:
        for name, value in kept.headers:
            if name == SOURCE and value is not None:
                named(Source.parse(value.decode()))
    for kept in letters:
        named(Burial.read(kept.headers)[0].source)
    return {place: end + margin for place, end in found.items()}


def begin_after(kafka: Brokers, floors: Floors) -> int:
    """Bring each topic there; how many places were passed over. One that is further, or that is
    not there, stays as it is. NotConfirmedError, KafkaException: safe to run again."""
    topics = sorted({topic for topic, _ in floors})
    before = {place: end for place, (_, end) in topic_ends(kafka, topics).items()}
    short = {
        place: floor for place, floor in floors.items() if place in before and before[place] < floor
    }
    if not short:
        return 0
    _fill(kafka, {place: floor - before[place] for place, floor in short.items()})
    gone = [TopicPartition(*place, floor) for place, floor in short.items()]
    admin = AdminClient(client_config(kafka))  # kept: its end would end the request
    for future in admin.delete_records(gone).values():
        future.result(_SECONDS)
    return sum(floor - before[place] for place, floor in short.items())


def _fill(kafka: Brokers, counts: Mapping[tuple[str, int], int]) -> None:
    producer: Any = Producer(producer_config(kafka, compression_type="zstd"))
    failures: list[str] = []

    def delivered(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            failures.append(error.str())

    for (topic, partition), count in counts.items():
        for _ in range(count):
            enqueue(producer, topic, None, None, (), delivered, partition=partition)
        producer.poll(0)
    left = producer.flush(_SECONDS)
    if failures or left:
        why = failures[0] if failures else f"no answer in {_SECONDS:.0f} s"
        raise NotConfirmedError(f"{len(failures) + left} places were not passed over ({why})")
