"""Whose record lies at a place of a topic."""

from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from hutong.kafka import consumer_config
from hutong.kafka.access import Brokers


def key_at(
    kafka: Brokers, group: str, topic: str, partition: int, offset: int, *, seconds: float
) -> str | None:
    """The key of the record at that place, or None when there is none.

    ``group`` is only named, as librdkafka wants it: nobody joins it. KafkaException when no broker
    answers within ``seconds``.
    """
    consumer = Consumer(consumer_config(kafka, group))
    try:
        return key_by(consumer, topic, partition, offset, seconds=seconds)
    finally:
        consumer.close()


def key_by(consumer: Any, topic: str, partition: int, offset: int, *, seconds: float) -> str | None:
    """The same by a consumer that is kept; it is assigned to nothing afterwards.

    Nothing is known of what others wrote there: a record without key has none, and any bytes may be
    a key.
    """
    ends = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=seconds)
    if ends is None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    low, high = ends
    if not low <= offset < high:
        return None
    consumer.assign([TopicPartition(topic, partition, offset)])
    try:
        message = consumer.poll(seconds)
    finally:
        consumer.unassign()
    if message is None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    if (error := message.error()) is not None:
        raise KafkaException(error)
    key = message.key()
    # An offset without a record of its own (a transaction's marker) reads as the next one.
    return key.decode("utf-8", "replace") if key and message.offset() == offset else None
