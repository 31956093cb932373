"""The topic `dead-letters`, read by nobody's group."""

import secrets
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer

from hutong.deadletters.letter import DeadLetter, read_letter
from hutong.events.topics import DEAD_LETTERS
from hutong.kafka import consumer_config, headers_of
from hutong.kafka.access import Brokers
from hutong.kafka.acls import REPLAY_GROUPS
from hutong.kafka.lag import topic_ends
from hutong.kafka.read import read_ranges

_BATCH = 500


class NoSuchLetterError(Exception):
    """There is no dead letter at that place; the message says where there are some."""


class StrangeLetterError(Exception):
    """A record of `dead-letters` that the router did not write."""


def all_letters(
    kafka: Brokers, topic: str = DEAD_LETTERS, *, groups: str = REPLAY_GROUPS
) -> Iterator[DeadLetter]:
    """Every dead letter up to the end that the topic has now.

    ``groups``: how the names of the groups begin that the reader may look for; it joins none.
    KafkaException without a broker, NoSuchLetterError without the topic.
    """
    yield from _read(kafka, topic, _bounds(kafka, topic), groups)


def one_letter(
    kafka: Brokers, partition: int, offset: int, topic: str = DEAD_LETTERS
) -> DeadLetter:
    """The dead letter at a place; NoSuchLetterError when there is none."""
    bounds = _bounds(kafka, topic)
    start, end = bounds.get(partition, (0, 0))
    if not start <= offset < end:
        held = [f"{p}/{a} to {p}/{b - 1}" for p, (a, b) in bounds.items() if a < b]
        raise NoSuchLetterError(
            f"{topic} holds {', '.join(held) or 'nothing'}, but no {partition}/{offset}"
        )
    [letter] = _read(kafka, topic, {partition: (offset, offset + 1)}, REPLAY_GROUPS)
    return letter


def _bounds(kafka: Brokers, topic: str) -> dict[int, tuple[int, int]]:
    bounds = {p: found for (_, p), found in topic_ends(kafka, [topic]).items()}
    if not bounds:
        raise NoSuchLetterError(f"there is no topic {topic}: see `hutong topics create`")
    return bounds


def _read(
    kafka: Brokers, topic: str, bounds: dict[int, tuple[int, int]], groups: str
) -> Iterator[DeadLetter]:
    group = f"{groups}{secrets.token_hex(4)}"  # librdkafka wants a name, even unused
    consumer: Any = Consumer(consumer_config(kafka, group, enable_partition_eof=True))
    try:
        ranges = {(topic, partition): bound for partition, bound in bounds.items()}
        for messages in read_ranges(consumer, ranges, most=_BATCH):
            for message in messages:
                yield _letter(message)
    finally:
        consumer.close()


def _letter(message: Any) -> DeadLetter:
    try:
        return read_letter(
            partition=message.partition(),
            offset=message.offset(),
            timestamp=message.timestamp()[1],
            key=message.key(),
            value=message.value(),
            headers=headers_of(message.headers()),
        )
    except ValueError as error:
        place = f"{message.topic()}, partition {message.partition()}, offset {message.offset()}"
        raise StrangeLetterError(f"{place} was not written by the router: {error}") from error
