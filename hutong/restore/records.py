"""Records of an archive put back into an empty topic: partition, offset, key, value, headers, time.

A broker stamps what it appends, so the topic is told to keep the sender's times for as long as it
takes. What the fold and the packs go by is marked by a last header, `restored`; readers believe no
other record without an append time.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from hutong.events.headers import RESTORED
from hutong.events.topics import DEAD_LETTERS
from hutong.kafka import client_config, producer_config
from hutong.kafka.access import Brokers
from hutong.kafka.issues import KeptRecord
from hutong.kafka.send import NotConfirmedError, enqueue

_SECONDS: Final = 30.0
_LOOK_EVERY: Final = 0.1
_SETTLE: Final = 1.0
_DELIVERY_MS: Final = 120_000
_FLUSH_SECONDS: Final = 150.0
_TIME_TYPE: Final = "message.timestamp.type"


class MisplacedError(Exception):
    """The broker put a record elsewhere than it was, or gave it another time: somebody else writes
    to the topic or sets it otherwise."""


def put_back(kafka: Brokers, topic: str, records: Iterable[KeptRecord], *, made_at: int) -> int:
    """Write the records, each partition in order from 0 on; how many.

    Raises MisplacedError, NotConfirmedError and KafkaException: the topic must then be deleted and
    made again.
    """
    with _senders_times(kafka, topic):
        return _send(kafka, topic, records, (RESTORED, str(made_at).encode()))


@contextmanager
def _senders_times(kafka: Brokers, topic: str) -> Iterator[None]:
    admin = AdminClient(client_config(kafka))
    _set(admin, topic, "CreateTime")
    try:
        yield
    finally:
        _set(admin, topic, "LogAppendTime")


def _set(admin: AdminClient, topic: str, value: str) -> None:
    """Set it, and wait until the broker goes by it: it says so a moment before."""
    entry = ConfigEntry(_TIME_TYPE, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    [done] = admin.incremental_alter_configs([resource]).values()
    done.result(_SECONDS)
    until = time.monotonic() + _SECONDS
    while _value(admin, topic) != value:
        if time.monotonic() > until:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"{topic}: {_TIME_TYPE}"))
        time.sleep(_LOOK_EVERY)
    time.sleep(_SETTLE)


def _value(admin: AdminClient, topic: str) -> str | None:
    [asked] = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    found: str | None = asked.result(_SECONDS)[_TIME_TYPE].value
    return found


def _send(
    kafka: Brokers, topic: str, records: Iterable[KeptRecord], mark: tuple[str, bytes]
) -> int:
    producer: Any = Producer(producer_config(kafka, delivery_timeout_ms=_DELIVERY_MS))
    failures: list[str] = []
    count = 0
    for kept in records:

        def delivered(
            error: KafkaError | None,
            message: Message,
            wanted: tuple[int, int] = (kept.offset, kept.timestamp),
        ) -> None:
            if error is not None:
                failures.append(error.str())
            elif (message.offset(), message.timestamp()[1]) != wanted:
                place = f"{message.topic()}/{message.partition()}/{message.offset()}"
                raise MisplacedError(
                    f"offset {wanted[0]} of time {wanted[1]} was written to {place} with "
                    f"{message.timestamp()[1]}"
                )

        headers = [header for header in kept.headers if header[0] != RESTORED]
        if topic != DEAD_LETTERS:  # theirs follow ours there, and are no one's to add to
            headers.append(mark)
        enqueue(
            producer,
            topic,
            kept.key,
            kept.value,
            headers,
            delivered,
            partition=kept.partition,
            timestamp=kept.timestamp,
        )
        producer.poll(0)
        count += 1
    left = producer.flush(_FLUSH_SECONDS)
    if failures or left:
        why = failures[0] if failures else f"no answer in {_FLUSH_SECONDS:.0f} s"
        raise NotConfirmedError(f"{topic}: {len(failures) + left} records not confirmed ({why})")
    return count
