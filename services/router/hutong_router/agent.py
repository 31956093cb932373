"""The agent: takes chunks, routes their records, and acknowledges what the broker has confirmed.

A chunk's life: routed whole; its log records (and dead letters) sent; when all are confirmed and
the orders of the chunks before it on that partition are sent, its orders sent; when those are
confirmed, done. Any surprise on the way is raised and ends the process: chunks that are not done
will be read again.
"""

import asyncio
import functools
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hutong.events.topics import REDRIVEN
from hutong.ops.failpoint import Failpoints
from hutong.ops.log import get_logger
from hutong.ops.metrics import RouterMetrics
from hutong_router.deadletter import dead_letter_record
from hutong_router.ledger import Chunk, Partition
from hutong_router.records import (
    DeadLetter,
    Fault,
    InputRecord,
    Outcome,
    Outgoing,
    Routed,
)
from hutong_router.redriven import original
from hutong_router.route import Router

#: aiokafka's mark for a timestamp that the broker gave.
_APPEND_TIME = 1
#: Somebody with the right to write to a topic wrote what belongs to others: for a person to see.
SUSPICIOUS = frozenset({Fault.NOT_ALLOWED, Fault.WRONG_CHANNEL, Fault.BAD_REDRIVE})
_BUSY_SECONDS = 0.005
_QUIET_SECONDS = 0.05


class TimestampError(Exception):
    """A topic is not in append time, so that its writers could claim any received time."""


class TooManyDeadLettersError(Exception):
    """Nothing but dead letters in a row: more likely a fault of ours than of every sender."""


class Outlet(Protocol):
    """What the agent needs of hutong_router.outlet.Outlet."""

    def send(self, records: Sequence[Outgoing], on_confirmed: Callable[[], None]) -> None:
        """Queue records; ``on_confirmed`` once for each, from within `poll` or `send`."""

    def poll(self, seconds: float = 0) -> None:
        """Hand out confirmations; raises where a record failed."""


@dataclass(slots=True, eq=False)
class _Job:
    """A chunk on its way; ``unconfirmed`` records of the present stage are still out."""

    chunk: Chunk
    orders: list[Outgoing]
    unconfirmed: int
    started: float


class RoutingAgent:
    """Routes chunks. One thread, one event loop; several chunks at once, in order per partition."""

    def __init__(
        self,
        router: Router,
        outlet: Outlet,
        metrics: RouterMetrics,
        *,
        version: str,
        in_flight: int,
        dead_letters_in_a_row: int,
        failpoints: Failpoints,
        require_rules: Callable[[], None] = lambda: None,
    ) -> None:
        self._router = router
        self._outlet = outlet
        self._metrics = metrics
        self._version = version
        self._most_in_flight = in_flight
        self._most_dead_letters = dead_letters_in_a_row
        self._failpoints = failpoints
        #: Raises when it is not known any more by which rules to route.
        self._require_rules = require_rules
        self._dead_in_a_row = 0
        self._closed = False
        self._jobs: set[_Job] = set()
        self._unordered: dict[Partition, deque[_Job]] = {}
        self._logged: deque[Partition] = deque()
        self._ordered: deque[_Job] = deque()
        #: Number of chunks done since the start; grows while there is progress.
        self.finished = 0

    @property
    def in_flight(self) -> int:
        """Chunks taken and not done."""
        return len(self._jobs)

    def oldest_start(self) -> float | None:
        """When (monotonic seconds) the oldest chunk in flight was taken; None when none is."""
        return min((job.started for job in self._jobs), default=None)

    def close(self) -> None:
        """Take no more chunks."""
        self._closed = True

    async def room(self) -> None:
        """Wait until another chunk may be taken; for ever, once closed."""
        while self._closed or len(self._jobs) >= self._most_in_flight:
            self.pump()
            await asyncio.sleep(_BUSY_SECONDS)

    async def keep_pumping(self) -> None:
        """Move chunks on for ever; raises what `pump` raises."""
        while True:
            self.pump()
            await asyncio.sleep(_BUSY_SECONDS if self._jobs else _QUIET_SECONDS)

    def take(self, chunk: Chunk) -> None:
        """Route a chunk and send its log records. Raises on anything that must stop the router."""
        self._failpoints.reach("after-read")
        self._require_rules()
        started = time.monotonic()
        log, orders = self._route(chunk)
        self._failpoints.reach("after-route")
        chunk.records = ()
        job = _Job(chunk, orders, len(log), started)
        self._jobs.add(job)
        self._unordered.setdefault(chunk.partition, deque()).append(job)
        self._metrics.chunks_in_flight.set(len(self._jobs))
        self._send(job, log, lambda: self._logged.append(chunk.partition))
        self._failpoints.reach("after-log-send")
        self.pump()

    def pump(self) -> None:
        """Hand out confirmations and move the chunks on that wait for them."""
        self._outlet.poll(0)
        while self._logged:
            self._failpoints.reach("after-log-confirmed")
            self._send_orders(self._logged.popleft())
        while self._ordered:
            self._finish(self._ordered.popleft())

    def _route(self, chunk: Chunk) -> tuple[list[Outgoing], list[Outgoing]]:
        log: list[Outgoing] = []
        orders: list[Outgoing] = []
        outcomes: dict[str, int] = {}
        for raw in chunk.records:
            record, result = self._answer(input_record(raw))
            if isinstance(result, DeadLetter):
                log.append(self._bury(record, result))
                label = "dead"
            else:
                self._dead_in_a_row = 0
                log.extend(result.log)
                orders.extend(result.orders)
                label = result.outcome.value
                _warn_of_failure(record, result)
            outcomes[label] = outcomes.get(label, 0) + 1
        for label, count in outcomes.items():
            self._metrics.records.labels(label).inc(count)
        return log, orders

    def _answer(self, record: InputRecord) -> tuple[InputRecord, Routed | DeadLetter]:
        """The record, as it was at first where it was redriven, and what is to be written."""
        if record.topic != REDRIVEN:
            return record, self._router.route(record)
        found = original(record)
        if isinstance(found, DeadLetter):
            return record, found
        return found, self._router.route(found)

    def _bury(self, record: InputRecord, letter: DeadLetter) -> Outgoing:
        self._failpoints.reach("in-dead-letter")
        self._metrics.dead_letters.labels(letter.reason.value).inc()
        place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        if letter.reason in SUSPICIOUS:
            get_logger().error("security: dead letter", reason=letter.reason.value, **place)
        else:
            get_logger().warning("dead letter", reason=letter.reason.value, **place)
        # Somebody who redrives what is still wrong is no fault of ours, and must not stop the rest.
        self._dead_in_a_row += record.redriven is None
        if self._dead_in_a_row > self._most_dead_letters:
            raise TooManyDeadLettersError(
                f"{self._dead_in_a_row} dead letters in a row, the last at {record.source}: "
                f"{letter.reason.value}, {letter.detail}"
            )
        return dead_letter_record(record, letter, self._version)

    def _send(self, job: _Job, records: Sequence[Outgoing], then: Callable[[], object]) -> None:
        """Send one stage of a job, whose ``unconfirmed`` is the number of records."""
        if not records:
            then()
            return

        def confirmed() -> None:
            job.unconfirmed -= 1
            if job.unconfirmed == 0:
                then()

        self._outlet.send(records, confirmed)

    def _send_orders(self, partition: Partition) -> None:
        """Send the orders of the oldest chunks whose log is confirmed, in the chunks' order."""
        waiting = self._unordered.get(partition)
        while waiting and waiting[0].unconfirmed == 0:
            job = waiting.popleft()
            job.unconfirmed = len(job.orders)
            orders, job.orders = job.orders, []
            self._send(job, orders, functools.partial(self._ordered.append, job))
        if not waiting:
            self._unordered.pop(partition, None)

    def _finish(self, job: _Job) -> None:
        self._failpoints.reach("after-orders-confirmed")
        job.chunk.done = True
        self._jobs.remove(job)
        self.finished += 1
        self._metrics.chunks_in_flight.set(len(self._jobs))
        self._metrics.chunk_seconds.observe(time.monotonic() - job.started)


def input_record(raw: Any) -> InputRecord:
    """An aiokafka ConsumerRecord as the router takes it."""
    if raw.timestamp_type != _APPEND_TIME:
        raise TimestampError(
            f"{raw.topic} does not keep append time: set message.timestamp.type=LogAppendTime"
        )
    return InputRecord(
        raw.topic,
        raw.partition,
        raw.offset,
        raw.timestamp,
        raw.key,
        raw.value,
        tuple(raw.headers),
    )


def _warn_of_failure(record: InputRecord, result: Routed) -> None:
    if result.outcome is Outcome.CLASSIFIER_FAILED:
        get_logger().error(
            "the classifier failed, the desk decides",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )
