"""Whose record lies at a place of a topic."""

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
        place = TopicPartition(topic, partition)
        low, high = consumer.get_watermark_offsets(place, timeout=seconds)
        if not low <= offset < high:
            return None
        consumer.assign([TopicPartition(topic, partition, offset)])
        message = consumer.poll(seconds)
    finally:
        consumer.close()
    if message is None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    if (error := message.error()) is not None:
        raise KafkaException(error)
    key = message.key()
    # An offset without a record of its own (a transaction's marker) reads as the next one.
    return key.decode("utf-8", "replace") if key and message.offset() == offset else None
