"""The SDK against the real intake and broker: processes are killed, nothing is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import Producer

from hutong.city import load_city
from hutong.events.topics import load_topics
from hutong.kafka import producer_config
from hutong.ops.failpoint import VARIABLE
from hutong.sdk import Client, KafkaTransport, Outbox, State
from tests.fixtures.intake_process import IntakeProcess, make_topics
from tests.fixtures.names import unique_topic
from tests.fixtures.router_process import Kept, Places
from tests.fixtures.sdk_app import KEY, event_id_of

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[2]
SEED = int(os.environ.get("HUTONG_TEST_SEED", "20261122"))


@pytest.fixture(scope="module")
def intake(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeProcess]:
    make_topics(kafka)
    running = IntakeProcess(kafka, tmp_path_factory.mktemp("intake")).start()
    yield running
    running.stop()


@pytest.fixture
def places(kafka: str) -> Places:
    return Places(kafka, load_topics(load_city().departments))


class App:
    """`tests.fixtures.sdk_app` as a process."""

    def __init__(
        self, way: str, outbox: Path, secret: str, count: int, failpoint: str = ""
    ) -> None:
        self.name = unique_topic("app")
        self.count = count
        self._command = [sys.executable, "-m", "tests.fixtures.sdk_app", way, str(outbox)]
        self._environment = {**os.environ, KEY: secret, "PYTHONPATH": str(ROOT)}
        self.said: set[str] = set()
        self.process: subprocess.Popen[str] | None = None
        self._failpoint = failpoint

    @property
    def ids(self) -> set[str]:
        return {event_id_of(self.name, number) for number in range(self.count)}

    def start(self) -> App:
        environment = dict(self._environment)
        if self._failpoint:
            environment[VARIABLE] = self._failpoint
        command = [*self._command, self.name, str(self.count)]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        return self

    def end(self) -> int:
        """Its exit code; what it said is kept."""
        assert self.process is not None
        said, _ = self.process.communicate(timeout=90)
        self.said |= {line for line in said.splitlines() if len(line) == 36}
        return self.process.returncode

    def kill(self) -> int:
        assert self.process is not None
        self.process.kill()
        return self.end()

    def without_failpoint(self) -> App:
        self._failpoint = ""
        return self.start()


def by_id(records: list[Kept]) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = defaultdict(list)
    for record in records:
        found[record.event_id].append(record)
    return found


def assert_each_once(records: list[Kept], expected: set[str]) -> None:
    """All are there, nothing else is, and a repeat says the very same, on the same partition."""
    found = by_id(records)
    assert found.keys() == expected
    for repeats in found.values():
        assert len({(record.partition, record.value) for record in repeats}) == 1


@pytest.mark.parametrize(
    "failpoint", ["keeping:7", "kept:7", "claimed", "claimed:3", "sent", "sent:3", "settled:2"]
)
def test_killed_anywhere_it_loses_and_doubles_nothing(
    intake: IntakeProcess, places: Places, tmp_path: Path, failpoint: str
) -> None:
    app = App(intake.url, tmp_path / "o.db", intake.secrets["app"], 60, failpoint).start()
    assert app.end() == -signal.SIGKILL
    kept = {receipt.event_id for receipt in Outbox(tmp_path / "o.db").receipts()}
    assert app.said <= kept
    assert app.without_failpoint().end() == 0
    assert_each_once(places.written("reports-app"), app.ids)


def test_what_was_kept_is_sent_by_whoever_opens_the_outbox_next(
    intake: IntakeProcess, places: Places, tmp_path: Path
) -> None:
    app = App(intake.url, tmp_path / "o.db", intake.secrets["app"], 40, "sent").start()
    assert app.end() == -signal.SIGKILL
    outbox = Outbox(tmp_path / "o.db", lease_seconds=2)
    kept = {receipt.event_id for receipt in outbox.receipts()}
    assert app.said <= kept
    with Client(intake.url, intake.secrets["app"], outbox=outbox) as client:
        assert client.flush(timeout=60) == 0
        assert {r.state for r in outbox.receipts()} == {State.ACCEPTED}
    assert_each_once(places.written("reports-app"), kept)


def test_two_apps_on_one_outbox_and_a_bad_network_killed_at_random_while_intake_dies_too(
    intake: IntakeProcess, places: Places, tmp_path: Path
) -> None:
    print("seed", SEED)  # noqa: T201 - to repeat what failed
    drawn = random.Random(SEED)
    secret = intake.secrets["app"]
    apps = [App(f"bad:{intake.url}", tmp_path / "o.db", secret, 250).start() for _ in range(2)]
    done: set[str] = set()
    for round_ in range(12):
        time.sleep(drawn.uniform(0.2, 0.9))
        app = drawn.choice(apps)
        assert app.process is not None
        if app.process.poll() is None and app.kill() == 0:
            done.add(app.name)
        if round_ % 4 == 2:
            intake.kill()
            intake.start()
        app.start()
    for app in apps:
        if app.end() != 0:
            assert app.start().end() == 0
    ids = set().union(*(app.ids for app in apps))
    assert_each_once(places.written("reports-app"), ids)


def test_over_kafka_a_gateway_writes_its_own_topic(
    kafka: str, intake: IntakeProcess, places: Places, tmp_path: Path
) -> None:
    app = App(f"kafka:{kafka}", tmp_path / "o.db", "", 60, "sent").start()
    assert app.end() == -signal.SIGKILL
    assert app.without_failpoint().end() == 0
    records = places.written("reports-hotline")
    assert_each_once(records, app.ids)
    receipts = {r.event_id: r for r in Outbox(tmp_path / "o.db").receipts()}
    for event_id, repeats in by_id(records).items():
        receipt = receipts[event_id]
        assert receipt.place in {f"{r.topic}/{r.partition}/{r.offset}" for r in repeats}
        assert receipt.number is not None
        assert receipt.number.startswith("02-")


def test_keys_go_where_every_other_client_puts_them(
    kafka: str,
    intake: IntakeProcess,
    places: Places,
    make_topic: Callable[..., str],
    tmp_path: Path,
) -> None:
    transport = KafkaTransport(kafka, "channel:hotline")
    with Client(outbox=tmp_path / "o.db", transport=transport) as client:
        ids = [client.report_issue(body="路灯不亮").event_id for _ in range(30)]
        assert client.flush(timeout=30) == 0
    topic = make_topic("keys", 12)
    elsewhere: dict[bytes | None, int] = {}
    producer = Producer(producer_config(kafka))
    for event_id in ids:
        producer.produce(
            topic,
            key=event_id.encode(),
            on_delivery=lambda _, record: elsewhere.update({record.key(): record.partition()}),
        )
    producer.flush(30)
    written = places.written("reports-hotline")
    assert {record.key: record.partition for record in written} == elsewhere


def test_kafka_takes_only_what_may_be_on_the_topic(
    kafka: str, intake: IntakeProcess, tmp_path: Path
) -> None:
    transport = KafkaTransport(kafka, "dept:water-co")
    with Client(outbox=tmp_path / "o.db", transport=transport) as client:
        issue_id = event_id_of("issue", 1)
        bad = [
            client.accept(issue_id, hop=1),  # does not say what it answers
            client.suspend(
                event_id_of("issue", 2),
                reason="weather",
                condition="雨停",
                review_at=datetime(2026, 12, 1, tzinfo=UTC),
                answers=issue_id,
            ),
        ]
        assert client.flush(timeout=30) == 0
        codes = [client.wait(receipt, timeout=1).problem for receipt in bad]
    assert [problem.code for problem in codes if problem] == ["no-cause", "forbidden"]
