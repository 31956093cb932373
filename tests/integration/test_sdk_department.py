"""A department system on a real broker, killed at every point: each order is worked on once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.events.headers import CE_TYPE
from hutong.events.orders import OrderIssued
from hutong.events.topics import department_topic, handling_topic, load_topics
from hutong.kafka.send import OutRecord, send_confirmed
from hutong.local.keys import ensure_keys
from hutong.ops.failpoint import VARIABLE
from hutong.sdk.testing import example_order
from tests.fixtures.intake_process import IntakeProcess, make_topics
from tests.fixtures.names import unique_topic
from tests.fixtures.router_process import Places
from tests.fixtures.sdk_app import KEY
from tests.fixtures.sdk_department import WATER, OwnDatabase

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[2]
ORDERS = 12


@pytest.fixture(scope="module")
def intake(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeProcess]:
    make_topics(kafka)
    folder = tmp_path_factory.mktemp("intake")
    ensure_keys(folder, [WATER])
    running = IntakeProcess(kafka, folder).start()
    yield running
    running.stop()


def send(kafka: str, orders: list[OrderIssued]) -> None:
    """As the router does."""
    codec = default_codec()
    send_confirmed(
        kafka,
        [
            OutRecord(
                department_topic(WATER),
                order.head.issue_id.encode(),
                codec.encode(order),
                {CE_TYPE: order.avro_name},
            )
            for order in orders
        ],
    )


class System:
    """`tests.fixtures.sdk_department` as a process."""

    def __init__(self, way: str, folder: Path, secret: str) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "tests.fixtures.sdk_department", way, str(folder)]
        self._command = [*command, unique_topic("dept")]
        self._environment = {**os.environ, KEY: secret, "PYTHONPATH": str(ROOT)}

    def run(self, failpoint: str = "") -> int:
        """Its exit code."""
        environment = {**self._environment, **({VARIABLE: failpoint} if failpoint else {})}
        return subprocess.run(
            self._command, env=environment, cwd=ROOT, check=False, timeout=120
        ).returncode

    def marks(self, orders: list[OrderIssued]) -> list[str]:
        """The lines of what the handler saw of these orders."""
        ids = {order.order_id for order in orders}
        lines = (self.folder / "seen.txt").read_text().splitlines()
        return [line for line in lines if line.split()[0] in ids]


@pytest.mark.parametrize("way", ["kafka", "http"])
@pytest.mark.parametrize("failpoint", ["begun:3", "handled:3", "finished:3", "committed:3"])
def test_killed_anywhere_each_order_is_worked_on_once(
    kafka: str, intake: IntakeProcess, tmp_path: Path, way: str, failpoint: str
) -> None:
    secret = intake.secrets[f"dept:{WATER}"]
    system = System(f"kafka:{kafka}" if way == "kafka" else intake.url, tmp_path, secret)
    assert system.run() == 0  # what other tests have left there
    before = OwnDatabase(tmp_path / "own.db").work()
    places = Places(kafka, load_topics(load_city().departments))
    orders = [example_order(WATER) for _ in range(ORDERS)]
    send(kafka, orders)
    send(kafka, orders[:4])  # the router repeats itself after a crash

    assert system.run(failpoint) == -signal.SIGKILL
    assert system.run() == 0
    worked = OwnDatabase(tmp_path / "own.db").work()[len(before) :]
    assert worked == [order.order_id for order in orders]
    again = [mark for mark in system.marks(orders) if mark.endswith("True")]
    assert len(again) == (1 if failpoint.startswith("begun") else 0)
    answered = {
        reply.event_id: reply.body["head"]["causation_id"]
        for reply in places.written(handling_topic(WATER))
    }
    assert sorted(answered.values()) == sorted(str(o.head.causation_id) for o in orders)
