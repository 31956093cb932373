"""Reads known ranges of topics to their ends, and gives up on a broker that has gone silent."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, TopicPartition

#: librdkafka tries for ever and says nothing, and some of our readers hold a lock meanwhile. A
#: partition's new leader is there within seconds.
SILENT_SECONDS: Final = 30.0
#: consume() waits for all that it is asked for, so the wait at the end of a range must be short.
_WAIT: Final = 0.1


def read_ranges(
    consumer: Any,
    ranges: Mapping[tuple[str, int], tuple[int, int]],
    *,
    most: int = 1_000,
    silent_seconds: float = SILENT_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[list[Any]]:
    """Batches of messages, at most so many each; in order within a partition.

    ``ranges`` is (topic, partition) -> (first offset, offset before which to stop). The consumer
    is assigned to them, without a group, and to nothing afterwards; it must be made with
    ``enable_partition_eof``, so that offsets without a record are passed at the end of a partition
    too. Raises KafkaException for an error of the broker, and when it has said nothing for
    ``silent_seconds``.
    """
    left = {place: end for place, (start, end) in ranges.items() if start < end}
    consumer.assign([TopicPartition(*place, ranges[place][0]) for place in left])
    heard = clock()
    try:
        while left:
            messages = consumer.consume(most, _WAIT)
            batch = []
            for message in messages:
                place, offset = (message.topic(), message.partition()), message.offset()
                if (error := message.error()) is not None:
                    if error.code() != KafkaError._PARTITION_EOF:
                        if error.retriable():
                            continue
                        raise KafkaException(error)
                    offset -= 1  # it names the next offset
                elif offset < left.get(place, 0):
                    batch.append(message)
                heard = clock()
                if place in left and offset >= left[place] - 1:
                    del left[place]
                    consumer.pause([TopicPartition(*place)])
            if batch:
                yield batch
                heard = clock()  # what was done with it is no silence of the broker's
            if clock() - heard > silent_seconds:
                why = f"nothing was heard for {silent_seconds:g} s while reading {_names(left)}"
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, why))
    finally:  # also where the caller has enough before the end
        # A partition stays paused when it is assigned again, and nothing would be heard of it.
        consumer.resume([TopicPartition(*place) for place in ranges])
        consumer.unassign()


def _names(places: Mapping[tuple[str, int], int]) -> str:
    return ", ".join(f"{topic}/{partition} to {end}" for (topic, partition), end in places.items())
