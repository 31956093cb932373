"""The log as Kafka has it: one idempotent producer for the whole process.

confluent-kafka's own asyncio producer sends through ``produce_batch``, which drops headers without
a word (confluentinc/confluent-kafka-python#2320), so delivery reports come from a thread of ours
and are handed to the event loop in bunches, one wake-up for each bunch.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from hutong.kafka import consumer_config, producer_config
from hutong.kafka.access import Brokers
from hutong.kafka.acls import INTAKE_GROUP
from hutong.kafka.place import key_by
from hutong_intake.log import Appended, BusyError, LogState, NotConfirmedError, Outgoing

#: Seconds that a look at the cluster may take; the launcher's own probe waits 2 s.
_LOOK_SECONDS = 1.5
_READ_SECONDS = 2.0
#: Longest that the poll thread sleeps when nothing is delivered; it wakes at once for a report.
_POLL_SECONDS = 0.1


class KafkaLog:
    """`Log` on a real broker. Make it inside the running event loop; `close` it at the end.

    Args:
        bootstrap: brokers.
        topics: number of partitions by topic name: what must be there before it is ready.
        confirm_seconds: after so long without confirmation a report's outcome is unknown.
        in_flight: how many reports may wait for confirmation.
        on_fatal: called in the event loop when the producer can never work again.
    """

    def __init__(
        self,
        bootstrap: Brokers,
        topics: Mapping[str, int],
        *,
        confirm_seconds: float,
        in_flight: int,
        on_fatal: Callable[[str], None],
    ) -> None:
        self._topics = dict(topics)
        self._limit = in_flight
        self._on_fatal = on_fatal
        self._loop = asyncio.get_running_loop()
        self._waiting = 0
        self._copies: dict[tuple[str, int], int] = {}
        self._done: deque[tuple[asyncio.Future[Appended], Appended | str]] = deque()
        self._woken = False
        self._closing = threading.Event()
        config = producer_config(bootstrap, message_timeout_ms=int(confirm_seconds * 1000))
        # 2 ms instead of 5: a citizen waits for each report, and the broker has time to spare.
        self._producer: Any = Producer({**config, "linger.ms": 2, "error_cb": self._on_error})
        self._reader = _Reader(bootstrap)
        self._thread = threading.Thread(target=self._poll, name="intake-delivery", daemon=True)
        self._thread.start()

    @property
    def in_flight(self) -> int:
        """Reports that wait for confirmation."""
        return self._waiting

    def append(self, record: Outgoing) -> asyncio.Future[Appended]:
        """See `Log.append`."""
        if self._waiting >= self._limit:
            raise BusyError(f"{self._waiting} reports wait for the broker")
        future: asyncio.Future[Appended] = self._loop.create_future()
        try:
            self._producer.produce(
                record.topic,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                on_delivery=partial(self._delivered, future),
            )
        except BufferError as error:
            raise BusyError("the producer's queue is full") from error
        except KafkaException as error:
            self._on_error(error.args[0])
            raise BusyError(f"the producer took no record: {error.args[0].name()}") from error
        self._waiting += 1
        return future

    def copies(self, topic: str, partition: int) -> int:
        """See `Log.copies`."""
        return self._copies.get((topic, partition), 0)

    async def state(self) -> LogState:
        """See `Log.state`."""
        return await asyncio.to_thread(self._look)

    async def key_at(self, topic: str, partition: int, offset: int) -> str | None:
        """See `Log.key_at`."""
        try:
            return await asyncio.to_thread(self._reader.key_at, topic, partition, offset)
        except KafkaException as error:
            raise NotConfirmedError(error.args[0].str()) from error

    def close(self, seconds: float) -> int:
        """Wait for what is on its way, at most so long; return how many are still unconfirmed."""
        left: int = self._producer.flush(seconds)
        self._closing.set()
        self._thread.join()
        self._reader.close()
        return left

    # In the poll thread:

    def _poll(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(_POLL_SECONDS)

    def _delivered(self, future: asyncio.Future[Appended], error: Any, message: Any) -> None:
        result: Appended | str
        if error is not None:
            result = f"{error.name()}: {error.str()}"
        else:
            _, timestamp = message.timestamp()
            result = Appended(message.topic(), message.partition(), message.offset(), timestamp)
        self._done.append((future, result))
        # Appended first, then looked: `_settle` clears the flag before it empties the queue, so
        # a record that saw the flag set is always taken by the wake-up on its way.
        if not self._woken:
            self._woken = True
            self._call(self._settle)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal() or error.code() == KafkaError._FATAL:
            self._call(partial(self._on_fatal, error.str()))

    def _call(self, function: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    # In the event loop:

    def _settle(self) -> None:
        self._woken = False
        while self._done:
            future, result = self._done.popleft()
            self._waiting -= 1
            if future.done():
                continue
            if isinstance(result, Appended):
                future.set_result(result)
            else:
                future.set_exception(NotConfirmedError(result))

    # In a worker thread:

    def _look(self) -> LogState:
        try:
            found = self._producer.list_topics(timeout=_LOOK_SECONDS).topics
        except KafkaException as error:
            return LogState(False, f"Kafka does not answer: {error.args[0].str()}")
        missing = sorted(self._topics.keys() - found.keys())
        if missing:
            return LogState(False, f"no topic {', '.join(missing)}: run `hutong topics create`")
        for topic, expected in self._topics.items():
            partitions = found[topic].partitions
            if len(partitions) != expected:
                why = f"{topic} has {len(partitions)} partitions, not {expected}: order would break"
                return LogState(False, why, contradicts=True)
            for number, partition in partitions.items():
                self._copies[topic, number] = len(partition.isrs)
        return LogState(True)


class _Reader:
    """Reads single records by their place. Never joins a group, commits nothing."""

    def __init__(self, bootstrap: Brokers) -> None:
        self._bootstrap = bootstrap
        self._lock = threading.Lock()
        self._consumer: Any = None

    def key_at(self, topic: str, partition: int, offset: int) -> str | None:
        with self._lock:
            if self._consumer is None:
                self._consumer = Consumer(consumer_config(self._bootstrap, INTAKE_GROUP))
            return key_by(self._consumer, topic, partition, offset, seconds=_READ_SECONDS)

    def close(self) -> None:
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
