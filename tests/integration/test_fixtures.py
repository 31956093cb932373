"""The two fixtures that everything else stands on."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, Producer


def test_a_record_comes_back_with_the_brokers_own_time(
    kafka: str, make_topic: Callable[..., str]
) -> None:
    topic = make_topic("fixture")
    producer = Producer({"bootstrap.servers": kafka, "acks": "all"})
    producer.produce(topic, b"value", b"key", timestamp=1)
    assert producer.flush(30) == 0
    consumer = Consumer(
        {"bootstrap.servers": kafka, "group.id": topic, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    try:
        message = consumer.poll(30)
        assert message is not None
        assert message.value() == b"value"
        kind, moment = message.timestamp()
        assert kind == TIMESTAMP_LOG_APPEND_TIME
        assert moment > 1
    finally:
        consumer.close()


def test_databases_are_empty_and_each_its_own(postgres: str, fresh_database: str) -> None:
    count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    for url in (postgres, fresh_database):
        with psycopg.connect(url) as connection:
            assert connection.execute(count).fetchone() == (0,)
    assert postgres != fresh_database
