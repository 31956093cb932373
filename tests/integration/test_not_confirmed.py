"""A broker that is slow, asleep or short of copies, and a process that must end meanwhile."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from confluent_kafka import KafkaError, Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from hutong.city import load_city
from hutong.events.ids import derived_id, new_id
from hutong.events.receipt import Receipt
from hutong.events.topics import load_topics
from hutong.local.stack import Stack
from tests.fixtures.intake_process import IntakeProcess, make_topics
from tests.fixtures.router_process import Kept, Places
from tests.fixtures.started import started

pytestmark = pytest.mark.kafka

REPORT = {"occurred_at": "2026-11-22T18:31:44+08:00", "body": "槐荫路自来水管爆裂"}
TOPIC = "reports-app"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A broker of this module's own: it is put to sleep."""
    own = Stack(tmp_path_factory.mktemp("asleep") / "data", only=("kafka",))
    with started(own, "Kafka broker of its own") as stack:
        make_topics(stack.kafka)
        try:
            yield stack
        finally:
            stack.kill("kafka-1", signal.SIGCONT)


@pytest.fixture
def intake(stack: Stack, tmp_path: Path) -> Iterator[IntakeProcess]:
    process = IntakeProcess(stack.kafka, tmp_path, HUTONG_INTAKE_CONFIRM_SECONDS="3").start()
    yield process
    assert process.process is not None
    if process.process.poll() is None:
        assert process.stop() == 0


def post(intake: IntakeProcess, key: str) -> httpx.Response:
    headers = intake.headers(key=key)
    url = f"{intake.url}/v1/reports"
    return httpx.post(url, json=REPORT, headers=headers, trust_env=False, timeout=30)


def places(stack: Stack) -> Places:
    return Places(stack.kafka, load_topics(load_city().departments))


def at(kept: list[Kept]) -> dict[tuple[int, int], str]:
    """Place -> issue id."""
    return {(one.partition, one.offset): (one.key or b"").decode() for one in kept}


def place_of(answer: httpx.Response) -> tuple[int, int]:
    receipt = Receipt.parse(answer.json()["receipt"])
    return receipt.partition, receipt.offset


def copies_wanted(stack: Stack, count: int) -> None:
    """Set the topic's min.insync.replicas."""
    entry = ConfigEntry(
        "min.insync.replicas", str(count), incremental_operation=AlterConfigOpType.SET
    )
    resource = ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": stack.kafka})
    [future] = admin.incremental_alter_configs([resource]).values()
    future.result(10)


def assert_unknown(answer: httpx.Response, key: str) -> None:
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    problem = answer.json()
    assert (problem["type"], problem["outcome"]) == ("urn:hutong:problem:not-confirmed", "unknown")
    assert problem["issue_id"] == derived_id("report", "app", key)
    assert "幂等键" in problem["detail_zh"]
    assert "same key is safe" in problem["detail_en"]


def test_row_44_fewer_copies_than_wanted(tmp_path: Path) -> None:
    """Fewer in-sync copies than min.insync.replicas asks for: one of three brokers is killed.

    Gets: 503 `not-confirmed` with `Retry-After` and `outcome: unknown`, never 2xx, until there are
    as many copies again; then the same key gives the same issue.
    """
    stack = Stack(tmp_path / "data", brokers=3, only=("kafka",))
    stack.start()
    intake = IntakeProcess(stack.kafka, tmp_path, HUTONG_INTAKE_CONFIRM_SECONDS="2")
    try:
        make_topics(stack.kafka)
        # Not 2 with two brokers killed: they are the controllers too, and without a majority of
        # those nobody notices that copies are missing.
        copies_wanted(stack, 3)
        intake.start()
        answer = post(intake, new_id())
        assert (answer.status_code, answer.json()["copies"]["count"]) == (202, 3)
        stack.restart_allowed("kafka-3", allowed=False)
        stack.kill("kafka-3")
        key = new_id()
        found: list[str] = []
        until = time.monotonic() + 20
        while time.monotonic() < until and "NOT_ENOUGH_REPLICAS" not in "".join(found):
            assert_unknown(post(intake, key), key)
            found.append(refusal(stack))
        assert "NOT_ENOUGH_REPLICAS" in "".join(found)
        copies_wanted(stack, 2)
        until = time.monotonic() + 30
        while (answer := post(intake, key)).status_code != 202:
            assert_unknown(answer, key)
            assert time.monotonic() < until
        assert answer.json()["issue_id"] == derived_id("report", "app", key)
    finally:
        if intake.process is not None:
            intake.stop()
        # Without a majority of controllers a broker takes 20 s to give up its orderly end.
        for name in ("kafka-1", "kafka-2"):
            stack.restart_allowed(name, allowed=False)
            stack.kill(name)
        stack.stop()


def refusal(stack: Stack) -> str:
    """What the brokers say to a record of ours right now; empty when they take it."""
    found: list[KafkaError | None] = []
    producer = Producer({"bootstrap.servers": stack.kafka, "acks": "all", "retries": 0})
    producer.produce(TOPIC, b"x", on_delivery=lambda error, _: found.append(error))
    producer.flush(5)
    return " ".join(error.name() for error in found if error is not None)


def test_row_44_a_broker_that_does_not_answer_in_time(stack: Stack, intake: IntakeProcess) -> None:
    """A broker that is asleep when a report comes (delivery timeout).

    Gets: 503 after the time to confirm (8 s; here 3 s). The report may be in the log all the same,
    so the answer calls the outcome unknown; the same key later gives the same issue.
    """
    written, key = places(stack), new_id()
    assert post(intake, new_id()).status_code == 202
    stack.kill("kafka-1", signal.SIGSTOP)
    started = time.monotonic()
    try:
        assert_unknown(post(intake, key), key)
    finally:
        stack.kill("kafka-1", signal.SIGCONT)
    assert 2 < time.monotonic() - started < 8
    until = time.monotonic() + 30
    while (answer := post(intake, key)).status_code != 202:
        assert answer.status_code == 503
        assert time.monotonic() < until
    issue_id = derived_id("report", "app", key)
    assert answer.json()["issue_id"] == issue_id
    kept = [one for one in written.written(TOPIC) if one.key == issue_id.encode()]
    assert place_of(answer) in at(kept)
    assert len({one.value for one in kept}) == 1


def test_sigterm_while_reports_wait_for_the_broker(stack: Stack, intake: IntakeProcess) -> None:
    """Given 50 reports on their way, when SIGTERM comes, then all get their receipts first."""
    assert intake.process is not None
    assert post(intake, new_id()).status_code == 202
    written = places(stack)
    stack.kill("kafka-1", signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(50) as threads:
            answers: list[Future[httpx.Response]] = [
                threads.submit(post, intake, new_id()) for _ in range(50)
            ]
            time.sleep(1.2)
            assert not any(answer.done() for answer in answers)
            started = time.monotonic()
            intake.process.terminate()
            time.sleep(0.5)
            stack.kill("kafka-1", signal.SIGCONT)
            found = [answer.result() for answer in answers]
    finally:
        stack.kill("kafka-1", signal.SIGCONT)
    assert intake.process.wait(10) == 0
    assert time.monotonic() - started < 10
    assert {answer.status_code for answer in found} == {202}
    log = at(written.written(TOPIC))
    assert {place_of(answer): answer.json()["issue_id"] for answer in found} == log


def test_sigterm_while_a_sender_is_slow_and_the_broker_away(
    stack: Stack, intake: IntakeProcess
) -> None:
    """Neither a body that never ends nor a broker that never confirms holds the process up."""
    assert intake.process is not None
    stack.kill("kafka-1", signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(2) as threads:
            waiting = threads.submit(post, intake, new_id())
            head = f"POST /v1/reports HTTP/1.1\r\nHost: x\r\nX-API-Key: {intake.secrets['app']}\r\n"
            rest = "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            slow = threads.submit(intake.raw, (head + rest).encode())
            time.sleep(0.5)
            started = time.monotonic()
            intake.process.terminate()
            assert intake.process.wait(10) in (0, 3)
            assert time.monotonic() - started < 10
            assert waiting.result().status_code == 503
            slow.exception(timeout=5)
    finally:
        stack.kill("kafka-1", signal.SIGCONT)


def test_sigterm_under_load_loses_no_receipt(stack: Stack, intake: IntakeProcess) -> None:
    """Given 40 senders that never pause, every receipt that anybody got is in the log."""
    assert intake.process is not None
    written = places(stack)
    stopped = False

    def send() -> list[httpx.Response]:
        found: list[httpx.Response] = []
        url = f"{intake.url}/v1/reports"
        with httpx.Client(trust_env=False, timeout=30) as client:
            while not stopped:
                try:
                    answer = client.post(url, json=REPORT, headers=intake.headers(key=new_id()))
                except httpx.TransportError:
                    break
                found.append(answer)
        return found

    with ThreadPoolExecutor(40) as threads:
        senders = [threads.submit(send) for _ in range(40)]
        time.sleep(2)
        started = time.monotonic()
        intake.process.terminate()
        code = intake.process.wait(10)
        seconds = time.monotonic() - started
        stopped = True
        answers = [answer for sender in senders for answer in sender.result()]
    assert (code, seconds < 10) == (0, True)
    assert {answer.status_code for answer in answers} == {202}
    assert len(answers) > 100
    log = at(written.written(TOPIC))
    for answer in answers:
        assert log[place_of(answer)] == answer.json()["issue_id"]
