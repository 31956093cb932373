"""Fills in the vitals: asks Faust for the assignment and the broker, by itself, for the ends."""

import asyncio
import time
from collections.abc import Iterable

from faust.exceptions import ConsumerNotStarted

from hutong.kafka.access import Brokers
from hutong.kafka.ends import Ends
from hutong.ops.log import get_logger
from hutong.ops.metrics import RouterMetrics
from hutong_router.agent import RoutingAgent
from hutong_router.ledger import Partition
from hutong_router.liveness import Stalls, Vitals
from hutong_router.transport import RouterApp

_TICK_SECONDS = 0.5
_ASK_SECONDS = 5.0


class Watch:
    """Keeps the vitals of a running app. `keep_watching` is one task of the event loop."""

    def __init__(
        self,
        app: RouterApp,
        agent: RoutingAgent,
        vitals: Vitals,
        metrics: RouterMetrics,
        bootstrap: Brokers,
        stalls: Stalls,
    ) -> None:
        self._app = app
        self._agent = agent
        self._vitals = vitals
        self._metrics = metrics
        self._ends = Ends(bootstrap)
        self._stalls = stalls
        self._finished = 0
        self._asked_at = 0.0

    async def keep_watching(self) -> None:
        """Note the vitals for ever; StalledError when only a new join can help."""
        while True:
            now = time.monotonic()
            assigned = self._assignment()
            self._note(now, assigned)
            if assigned and now - self._asked_at >= _ASK_SECONDS:
                self._asked_at = now
                self._vitals.lag = await self._lag(assigned)
                if self._vitals.lag == 0:
                    self._vitals.progress_at = now
            await asyncio.sleep(_TICK_SECONDS)

    def _note(self, now: float, assigned: list[Partition]) -> None:
        vitals = self._vitals
        if len(assigned) != vitals.assigned:
            get_logger().info("partitions assigned", count=len(assigned))
        vitals.ticked_at = now
        vitals.assigned = len(assigned)
        self._metrics.partitions.set(len(assigned))
        if assigned:
            vitals.assigned_at = now
        if self._agent.finished != self._finished:
            self._finished = self._agent.finished
            vitals.progress_at = now
        vitals.oldest_chunk_at = self._agent.oldest_start()

    def _assignment(self) -> list[Partition]:
        try:
            return [Partition(tp.topic, tp.partition) for tp in self._app.consumer.assignment()]
        except ConsumerNotStarted:
            return []

    async def _lag(self, partitions: Iterable[Partition]) -> int | None:
        """Records at the broker that are not done here; None when it does not say of all."""
        found, unknown = await asyncio.to_thread(self._ends.ask, list(partitions))
        for place, error in list(unknown.items())[:1]:
            get_logger().warning(
                "the broker does not say where partitions end",
                count=len(unknown),
                first="/".join(map(str, place)),
                error=str(error),
            )
        ends = {Partition(*place): end for place, end in found.items()}
        # Only now, and at once: while the broker was asked, work went on, or partitions went away.
        ours = set(self._assignment())
        positions = {partition: self._position(partition) for partition in ends.keys() & ours}
        lags = {partition: max(0, ends[partition] - at) for partition, at in positions.items()}
        self._stalls.look(time.monotonic(), positions, lags, set(self._app.consumer.ledger))
        return None if unknown else sum(lags.values())

    def _position(self, partition: Partition) -> int:
        consumer = self._app.consumer
        position = consumer.ledger.position(partition)
        if position is None:
            position = consumer._committed_offset.get(partition)
        return int(position or 0)
