"""Runs one process: its thread, its connection, its lock; and says how it does.

What it does about trouble:

- PostgreSQL or Kafka away: it says so at `/readyz` and tries again, after 0.2 s and then ever
  later, up to 5 s, for as long as it takes.
- Another service of ours holds the process's lock: it stands by and takes over when that one ends.
- Anything else: the service stops. A launcher starts it again; nothing is lost, ids stay the same.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

import psycopg
from confluent_kafka import KafkaException

from hutong.kafka.patience import is_denied
from hutong.kafka.send import NotConfirmedError
from hutong.ops.log import get_logger
from hutong.ops.metrics import ProcessesMetrics
from hutong.store import Connection
from hutong.store.connection import passes
from hutong.store.migrations import require_migrated
from hutong_processes.process import Process

_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 5.0
#: Seconds between two attempts at a lock that another holds.
_STANDBY_WAIT: Final = 1.0
#: Seconds that a turn in hand gets at the end.
_LAST_SECONDS: Final = 10.0
#: Seconds without the end of a turn after which a process counts as stuck. The longest honest turn
#: waits 90 s for confirmations.
STUCK_AFTER: Final = 300.0


class Worker:
    """One process at work. `start` and `join` from the main thread, the rest from any."""

    def __init__(
        self,
        process: Process,
        connect: Callable[[], Connection],
        metrics: ProcessesMetrics,
        *,
        pause: float,
        stop: threading.Event,
    ) -> None:
        self.process = process
        self._connect = connect
        self._metrics = metrics
        self._pause = pause
        self._stop = stop
        self._thread = threading.Thread(target=self._run, name=process.name, daemon=True)
        self._connection: Connection | None = None
        self._last_turn = time.monotonic()
        self._at_work = False
        self._wait = _FIRST_WAIT
        #: Why it cannot work now; "" when it can.
        self.trouble = "starting"
        #: What stopped it.
        self.failure: Exception | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait for its end, for a while; the stop event must be set.

        Whoever still waits for Kafka then goes down with the process: what was not confirmed is
        said again by the next.
        """
        self._thread.join(_LAST_SECONDS)

    @property
    def is_stuck(self) -> bool:
        """Whether it hangs in a turn."""
        return time.monotonic() - self._last_turn > STUCK_AFTER

    @property
    def standing(self) -> str:
        """How it does, in a few words."""
        if self.trouble:
            return self.trouble
        return "at work" if self._at_work else "standing by, another service is at work"

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                wait = self._attempt()
                self._last_turn = time.monotonic()
                self._stop.wait(wait)
        except Exception as error:  # noqa: BLE001  the main thread raises it and stops
            self.failure = error
            self._stop.set()
        finally:
            self._disconnect()
            self.process.close()

    def _attempt(self) -> float:
        """One turn; how long to wait before the next."""
        try:
            wait = self._turn()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if not passes(error):
                raise
            return self._troubled("PostgreSQL", error)
        except KafkaException as error:
            if is_denied(error.args[0]):
                raise
            return self._troubled("Kafka", error)
        except NotConfirmedError as error:
            return self._troubled("Kafka", error)
        self.trouble = ""
        self._wait = _FIRST_WAIT
        return wait

    def _turn(self) -> float:
        if self._connection is None:
            self._connection = self._connect()
            require_migrated(self._connection)
        if not self._at_work:
            self._at_work = _lock(self._connection, self.process.name)
            self._metrics.at_work.labels(self.process.name).set(self._at_work)
            if not self._at_work:
                return _STANDBY_WAIT
            get_logger().info("at work", process=self.process.name)
        return 0.0 if self.process.turn(self._connection) else self._pause

    def _troubled(self, what: str, error: Exception) -> float:
        self.trouble = f"{what}: {str(error).partition(chr(10))[0]}"
        get_logger().warning(
            "trouble, trying again",
            process=self.process.name,
            error=str(error),
            wait=self._wait,
        )
        if what == "PostgreSQL":
            self._disconnect()
        wait, self._wait = self._wait, min(self._wait * 2, _LONGEST_WAIT)
        return wait

    def _disconnect(self) -> None:
        """Gives up the lock, too."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._at_work = False
        self._metrics.at_work.labels(self.process.name).set(0)


def _lock(connection: Connection, name: str) -> bool:
    """Whether this connection is now the one that does the work, until it is closed."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"hutong processes {name}"]
    ).fetchone()
    return bool(row and row[0])
