"""What the service does about trouble, with processes that have nothing else to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import psycopg
import pytest
from confluent_kafka import KafkaError, KafkaException
from hutong_processes.service import Service
from hutong_processes.worker import Worker
from prometheus_client import CollectorRegistry

from hutong.kafka.send import NotConfirmedError
from hutong.ops.metrics import ProcessesMetrics
from hutong.store import Connection, MigrationError, connect, migrate
from tests.fixtures.router_process import wait_until

pytestmark = pytest.mark.postgres


class Told:
    """A process that does in each turn what it is told next, then nothing."""

    def __init__(self, name: str, *turns: Exception | bool) -> None:
        self._name = name
        self.left = list(turns)
        self.turns = 0
        self.closed = False

    @property
    def name(self) -> str:
        return self._name

    def turn(self, connection: Connection) -> bool:
        self.turns += 1
        told = self.left.pop(0) if self.left else False
        if isinstance(told, Exception):
            raise told
        return told

    def close(self) -> None:
        self.closed = True


class Running:
    """A service of such processes, in a thread."""

    def __init__(self, url: str, *processes: Told) -> None:
        stop = threading.Event()
        metrics = ProcessesMetrics(CollectorRegistry())
        self.workers = [
            Worker(each, partial(connect, url, autocommit=True), metrics, pause=0.01, stop=stop)
            for each in processes
        ]
        self.service = Service(self.workers, stop)
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.service.run()
        except Exception as error:  # noqa: BLE001  the test looks at it
            self.error = error

    def end(self) -> BaseException | None:
        self.service.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.error

    def wait(self, holds: Callable[[], bool]) -> None:
        wait_until(holds, 20, lambda: str(self.service.readiness().facts))


@pytest.fixture
def database(fresh_database: str) -> str:
    migrate(fresh_database)
    return fresh_database


AWAY = KafkaException(KafkaError(KafkaError._TRANSPORT))
DENIED = KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))


@pytest.mark.parametrize(
    "trouble", [AWAY, NotConfirmedError("no answer"), psycopg.OperationalError("gone")]
)
def test_trouble_that_passes_is_waited_out(database: str, trouble: Exception) -> None:
    process = Told("one", trouble)
    running = Running(database, process)
    running.wait(lambda: process.turns > 3)
    assert running.service.readiness().ok
    assert running.end() is None
    assert process.closed


@pytest.mark.parametrize("fault", [DENIED, ValueError("a bug"), psycopg.DataError("a fault")])
def test_anything_else_stops_the_whole_service(database: str, fault: Exception) -> None:
    failing, other = Told("one", True, fault), Told("two")
    running = Running(database, failing, other)
    running.wait(lambda: other.closed)
    assert running.end() is fault


def test_while_there_is_trouble_it_is_not_ready_and_says_why(database: str) -> None:
    process = Told("one", *[AWAY] * 50)
    running = Running(database, process)
    running.wait(lambda: process.turns > 0)
    health = running.service.readiness()
    assert not health.ok
    assert "Kafka" in str(health.facts["one"])
    assert running.service.health().ok
    assert running.end() is None


def test_of_two_one_is_at_work_and_the_other_takes_over(database: str) -> None:
    first, second = Told("one"), Told("one")
    running = Running(database, first)
    running.wait(lambda: first.turns > 0)
    standing_by = Running(database, second)
    standing_by.wait(lambda: "standing by" in str(standing_by.service.readiness().facts["one"]))
    assert standing_by.service.readiness().ok
    assert second.turns == 0
    running.end()
    standing_by.wait(lambda: second.turns > 0)
    standing_by.end()


def test_a_database_without_tables_stops_it(fresh_database: str) -> None:
    running = Running(fresh_database, Told("one"))
    time.sleep(0.5)
    assert isinstance(running.end(), MigrationError)
