"""The projector: reads `issues`, folds, writes, and knows when to go on and when to stop.

What it does about trouble:

- PostgreSQL away, restarting, full or in deadlock: it keeps its partitions, reads nothing, tries
  again after 0.2 s and then ever later, up to 5 s, for as long as it takes. Stopping instead would
  only move the waiting to whoever restarts it, and a launcher gives up. `/readyz` is 503 meanwhile.
  Every attempt starts from the committed offsets, so a COMMIT of unknown outcome is known then.
- The end of `city` cannot be confirmed: it waits in the same way, since a pack that it does not
  know could be in force.
- Another projector moved one of our partitions (we were asleep and the group gave it away): stop.
- A record that cannot be read, a range that is gone from the log, any other database error: stop.
  What came before the place is committed first.
"""

import threading
import time
from typing import Final

import psycopg
from confluent_kafka import KafkaException

from hutong.ops.health import Health
from hutong.ops.log import get_logger
from hutong.ops.metrics import ProjectionMetrics
from hutong.promotions.packs import CityUnconfirmedError, Packs, PackSince
from hutong.readmodels import Ground
from hutong.store import KeptPack
from hutong.store.connection import passes
from hutong_projections.log import Batch, IssuesLog
from hutong_projections.packs import PackWatch
from hutong_projections.sink import Sink

#: Seconds between two looks at `city`: far below half the lead, and nothing of a batch's time.
_CITY_SECONDS: Final = 2.0
_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 5.0

#: Seconds without a turn of the loop after which the process counts as stuck. A turn takes 50 ms
#: when idle and seconds under load; the longest honest wait is for a rebuild that holds the
#: offsets while it compares and swaps.
STUCK_AFTER: Final = 300.0


class Projector:
    """The loop; `run` in the main thread, the rest from any."""

    def __init__(
        self,
        log: IssuesLog,
        packs: Packs,
        sink: Sink,
        metrics: ProjectionMetrics,
        *,
        most: int,
        seconds: float,
    ) -> None:
        self._log = log
        self._city = packs
        self._sink = sink
        self._metrics = metrics
        self._most = most
        self._seconds = seconds
        self._stop = threading.Event()
        self._last_turn = time.monotonic()
        self._trouble = ""
        self._wait = _FIRST_WAIT
        self._packs = PackWatch()
        self._kept: tuple[PackSince, ...] = ()

    def stop(self) -> None:
        """End after the batch in hand. Safe in a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Project until `stop`; raises when it must not go on. Closes log and sink."""
        try:
            while not self._stop.is_set():
                self._last_turn = time.monotonic()
                try:
                    self._read_city()
                    self._turn()
                except CityUnconfirmedError as error:
                    self._pause("city", str(error))
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    if not passes(error):
                        raise
                    self._pause(f"PostgreSQL: {type(error).__name__}", str(error))
        finally:
            self._city.close()
            self._sink.close()
            self._log.close()

    def health(self) -> Health:
        """Whether the loop turns."""
        age = time.monotonic() - self._last_turn
        return Health(age < STUCK_AFTER, {"last_turn_seconds": round(age, 1)})

    def readiness(self) -> Health:
        """Whether records are being projected: in the group, and PostgreSQL answers."""
        ok = self._log.is_seated and not self._trouble
        return Health(ok, {"partitions": list(self._log.assigned), "trouble": self._trouble})

    def _read_city(self) -> None:
        """Know every pack that can be in force for a record that is read now.

        Raises CityUnconfirmedError where that is not known, CityLogError where it never will be.
        """
        try:
            if self._city.confirm(_CITY_SECONDS):
                self._sink.stand_on(Ground.over(self._city.known))
                packs = {since: city.hash for since, city in self._city.known}
                get_logger().info("packs in force", packs=packs)
        except KafkaException as error:
            get_logger().warning("city cannot be confirmed", why=error.args[0].str())
        self._city.require_confirmed()

    def _turn(self) -> None:
        if not self._sink.is_open or self._log.waits_for_seat:
            # Also before the group has answered: an unusable database is to show at once.
            offsets = self._sink.offsets()
            self._trouble = ""
            if self._log.waits_for_seat:
                self._log.seat(offsets)
        self._keep_packs()
        self._metrics.partitions.set(len(self._log.assigned))
        batch = self._log.read(self._most, self._seconds)
        if batch.records:
            self._write(batch)
        if batch.fault is not None:
            raise batch.fault

    def _keep_packs(self) -> None:
        known = self._city.known
        if known != self._kept:
            self._sink.keep(
                [KeptPack(since, city.hash, self._city.archive(city.hash)) for since, city in known]
            )
            self._kept = known

    def _write(self, batch: Batch) -> None:
        start = time.monotonic()
        tally = self._sink.write(batch)
        self._log.confirm(batch)
        self._wait = _FIRST_WAIT
        self._metrics.batch_seconds.observe(time.monotonic() - start)
        self._metrics.behind_seconds.set(time.time() - batch.records[-1].recorded_at / 1000)
        for verdict, count in tally.items():
            self._metrics.records.labels(verdict).inc(count)
        returned = self._packs.returns(batch.records)
        if returned:
            self._metrics.pack_returns.inc(len(returned))
            first = returned[0]
            get_logger().warning(
                "dispatches go back to an earlier pack: do two routers differ?",
                count=len(returned),
                pack=first.body["pack"],
                partition=first.partition,
                offset=first.offset,
            )

    def _pause(self, trouble: str, why: str) -> None:
        self._trouble = trouble
        get_logger().warning(f"{trouble}, trying again", why=why, wait=self._wait)
        self._sink.close()
        self._log.unseat()
        until = time.monotonic() + self._wait
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            self._log.idle(min(left, 0.5))
        self._wait = min(self._wait * 2, _LONGEST_WAIT)
