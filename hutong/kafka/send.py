"""Sends a finite run of records and comes back when the broker has confirmed every one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from hutong.events.headers import write_headers
from hutong.kafka import producer_config
from hutong.kafka.access import Brokers

#: Longer than the producer's own delivery timeout, so that each record has a definite end.
_DELIVERY_MS = 60_000
_FLUSH_SECONDS = 90.0
#: Wait for room in the queue; confirmations end it early.
_FULL_SECONDS = 0.05


class NotConfirmedError(Exception):
    """The broker did not confirm everything; sending again is safe, since ids stay the same."""


@dataclass(frozen=True, slots=True)
class OutRecord:
    """One record to send."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, str]


def enqueue(
    producer: Any,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
    on_delivery: Callable[[KafkaError | None, Message], None],
    **place: int,
) -> None:
    """Hand a record to the producer; while its queue is full, hand out confirmations until not.

    What ``on_delivery`` raises comes out of here too. ``place``: ``partition`` where the key is not
    to choose it, ``timestamp`` in milliseconds UTC where the topic takes one.
    """
    while True:
        try:
            producer.produce(
                topic,
                key=key,
                value=value,
                headers=list(headers),
                on_delivery=on_delivery,
                **place,
            )
            return
        except BufferError:
            producer.poll(_FULL_SECONDS)


class ConfirmedSender:
    """Sends one run of records after the other. Not for several threads at once.

    After a run that failed it connects anew, so that nothing of it is sent any more.
    """

    def __init__(self, bootstrap: Brokers) -> None:
        self._bootstrap = bootstrap
        self._producer: Any = None
        #: Milliseconds UTC that the broker gave to the record confirmed last (0: to none yet).
        self.appended_at = 0

    def send(self, records: Iterable[OutRecord]) -> int:
        """Send all with acks=all, in order per key; the number sent. Raises NotConfirmedError."""
        if self._producer is None:
            config = producer_config(self._bootstrap, delivery_timeout_ms=_DELIVERY_MS)
            self._producer = Producer(config)
        producer = self._producer
        failures: list[str] = []
        sent = 0

        def on_delivery(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                failures.append(error.str())
            else:
                self.appended_at = message.timestamp()[1]

        for record in records:
            headers = write_headers(record.headers)
            enqueue(producer, record.topic, record.key, record.value, headers, on_delivery)
            producer.poll(0)
            sent += 1
        unanswered = producer.flush(_FLUSH_SECONDS)
        if failures or unanswered:
            producer.purge()
            self._producer = None
            why = failures[0] if failures else f"no answer in {_FLUSH_SECONDS:.0f} s"
            raise NotConfirmedError(
                f"{len(failures) + unanswered} of {sent} records were not confirmed ({why}). "
                "Sending them again is safe: what is there already is not doubled."
            )
        return sent


def send_confirmed(bootstrap: Brokers, records: Iterable[OutRecord]) -> int:
    """Send one run of records, as `ConfirmedSender.send` does."""
    return ConfirmedSender(bootstrap).send(records)
