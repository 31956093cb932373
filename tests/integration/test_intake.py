"""Intake as a process, on a real broker: what it promises and when it does not."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from hutong_intake.log import Log
from hutong_intake.producer import KafkaLog

from hutong.events.codec import default_codec
from hutong.events.ids import derived_id, new_id
from hutong.events.receipt import Receipt
from hutong.kafka import consumer_config, producer_config
from hutong.local.ports import HOST
from hutong.local.stack import Stack
from hutong.store import migrate
from tests.fixtures.intake_process import IntakeProcess, make_topics
from tests.fixtures.log_suite import LogSuite, RunWithLog, Scenario
from tests.fixtures.names import unique_topic

REPORT = {"occurred_at": "2026-11-22T18:31:44+08:00", "body": "槐荫路自来水管爆裂"}
TOPIC = "reports-app"


@pytest.fixture(scope="module")
def intake(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeProcess]:
    make_topics(kafka)
    folder = tmp_path_factory.mktemp("intake")
    process = IntakeProcess(kafka, folder, HUTONG_INTAKE_BODY_SECONDS="1.5").start()
    yield process
    assert process.stop() == 0


def post(intake: IntakeProcess, report: dict[str, Any], key: str = "") -> httpx.Response:
    return httpx.post(
        f"{intake.url}/v1/reports", json=report, headers=intake.headers(key=key), trust_env=False
    )


def read(kafka: str, receipt: str) -> Any:
    """The record that a receipt names."""
    place = Receipt.parse(receipt)
    consumer = Consumer(consumer_config(kafka, unique_topic("reader")))
    consumer.assign([TopicPartition(TOPIC, place.partition, place.offset)])
    message = consumer.poll(10)
    consumer.close()
    assert message.offset() == place.offset
    return message


def end_of(kafka: str, topic: str = TOPIC) -> int:
    """How many records the topic holds."""
    consumer = Consumer(consumer_config(kafka, unique_topic("reader")))
    try:
        return sum(_end(consumer, TopicPartition(topic, n)) for n in range(12))
    finally:
        consumer.close()


def _end(consumer: Consumer, place: TopicPartition) -> int:
    """Where a partition ends; one that was just made has no leader for a moment."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return int(consumer.get_watermark_offsets(place, timeout=5)[1])
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class TestKafkaLog(LogSuite):
    @pytest.fixture
    def run_with_log(self, kafka: str) -> RunWithLog:
        make_topics(kafka)

        def run(scenario: Scenario, *, in_flight: int = 100) -> Any:
            async def go() -> Any:
                fatal: list[str] = []
                log = KafkaLog(
                    kafka,
                    {TOPIC: 12},
                    confirm_seconds=8,
                    in_flight=in_flight,
                    on_fatal=fatal.append,
                )
                try:
                    return await scenario(log)
                finally:
                    assert await asyncio.to_thread(log.close, 5) == 0
                    assert not fatal

            return asyncio.run(go())

        return run

    def test_it_says_what_is_wrong_with_the_topics(self, kafka: str) -> None:
        async def look(topics: dict[str, int]) -> tuple[bool, bool, str]:
            log: Log = KafkaLog(
                kafka, topics, confirm_seconds=1, in_flight=1, on_fatal=lambda _: None
            )
            assert isinstance(log, KafkaLog)
            state = await log.state()
            await asyncio.to_thread(log.close, 1)
            return state.ready, state.contradicts, state.why

        make_topics(kafka)
        ready, contradicts, why = asyncio.run(look({"reports-nowhere": 12}))
        assert (ready, contradicts) == (False, False)
        assert "hutong topics create" in why
        ready, contradicts, why = asyncio.run(look({TOPIC: 13}))
        assert (ready, contradicts) == (False, True)
        assert "12 partitions, not 13" in why


def test_the_event_in_the_topic_is_the_report(intake: IntakeProcess, kafka: str) -> None:
    key = new_id()
    before = int(time.time() * 1000)
    answer = post(intake, REPORT, key)
    assert answer.status_code == 202
    message = read(kafka, answer.json()["receipt"])
    issue_id = derived_id("report", "app", key)
    assert message.key() == issue_id.encode()
    assert message.headers() == [("ce_type", b"hutong.issue.IssueReported")]
    codec = default_codec()
    decoded = codec.decode(message.value())
    codec.check(decoded)
    assert decoded.body["body"] == REPORT["body"]
    assert decoded.body["head"]["issue_id"] == issue_id
    assert codec.encode_body(decoded.schema.name, decoded.body) == message.value()
    kind, timestamp = message.timestamp()
    assert kind == 2  # the broker's append time
    assert before - 1000 <= timestamp <= time.time() * 1000 + 1000
    shown = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(timestamp / 1000 + 8 * 3600))
    assert answer.json()["received_at"] == f"{shown}.{timestamp % 1000:03}+08:00"
    assert answer.json()["copies"]["count"] == 1


def test_row_33_two_hundred_parallel_posts_of_one_key(intake: IntakeProcess, kafka: str) -> None:
    """200 parallel posts of one key to one intake on a real broker."""
    before = end_of(kafka)
    key = new_id()
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: post(intake, REPORT, key), range(200)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert end_of(kafka) == before + 1


def test_row_43_a_batch_is_answered_in_order(intake: IntakeProcess, kafka: str) -> None:
    """A batch of 300 lines, one of them bad, on a real broker."""
    before = end_of(kafka)
    keys = [new_id() for _ in range(300)]
    lines = [json.dumps({**REPORT, "idempotency_key": key}) for key in keys]
    lines[100] = "{"
    answer = httpx.post(
        f"{intake.url}/v1/reports:batch",
        content="\n".join(lines).encode(),
        headers={**intake.headers(), "Content-Type": "application/x-ndjson"},
        trust_env=False,
    )
    assert answer.status_code == 200
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["line"] for each in found if each["status"] != 202] == [101]
    for key, each in zip(keys, found, strict=True):
        if each["status"] == 202:
            assert each["report"]["issue_id"] == derived_id("report", "app", key)
    assert end_of(kafka) == before + 299


def test_status_needs_a_database_and_posting_does_not(intake: IntakeProcess) -> None:
    receipt = post(intake, REPORT).json()["receipt"]
    path = f"{intake.url}/v1/reports/{receipt}"
    answer = httpx.get(path, headers=intake.headers(), trust_env=False)
    assert answer.status_code == 503


def test_status_with_a_database(kafka: str, fresh_database: str, tmp_path: Path) -> None:
    make_topics(kafka)
    intake = IntakeProcess(kafka, tmp_path, HUTONG_DATABASE_URL=fresh_database).start()
    try:
        sent = post(intake, REPORT).json()
        path = f"{intake.url}/v1/reports/{sent['receipt']}"
        before = httpx.get(path, headers=intake.headers(), trust_env=False)
        migrate(fresh_database)
        after = httpx.get(path, headers=intake.headers(), trust_env=False)
        other = httpx.get(path, headers=intake.headers("grid"), trust_env=False)
        ready = httpx.get(f"{intake.url}/readyz", trust_env=False).json()
    finally:
        intake.stop()
    assert before.status_code == 503
    assert (after.status_code, other.status_code) == (200, 404)
    expected = {"receipt": sent["receipt"], "issue_id": sent["issue_id"], "status": "accepted"}
    assert after.json() == expected
    assert ready["postgresql"] == "up"


def test_a_record_without_key_or_with_any_bytes_has_no_report(
    kafka: str, fresh_database: str, tmp_path: Path
) -> None:
    make_topics(kafka)
    migrate(fresh_database)
    places: list[tuple[int, int]] = []
    producer = Producer(producer_config(kafka))
    for key in (None, b"", b"\xff\xfe", b"no issue"):
        producer.produce(
            TOPIC,
            key=key,
            value=b"x",
            on_delivery=lambda _, m: places.append((m.partition() or 0, m.offset() or 0)),
        )
    assert producer.flush(30) == 0
    intake = IntakeProcess(kafka, tmp_path, HUTONG_DATABASE_URL=fresh_database).start()
    try:
        paths = [f"{intake.url}/v1/reports/{Receipt(3, *place)}" for place in places]
        answers = [httpx.get(p, headers=intake.headers(), trust_env=False) for p in paths]
    finally:
        intake.stop()
    assert [answer.status_code for answer in answers] == [404] * 4


def _head(intake: IntakeProcess, *lines: str) -> bytes:
    secret = intake.secrets["app"]
    first = ("POST /v1/reports HTTP/1.1", "Host: x", f"X-API-Key: {secret}")
    return "\r\n".join([*first, "Content-Type: application/json", *lines, "", ""]).encode()


def test_row_05_chunks_without_end(intake: IntakeProcess) -> None:
    """64 MiB in chunks."""
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    received = b""
    with socket.create_connection((HOST, intake.port), 15) as connection:
        connection.sendall(_head(intake, "Transfer-Encoding: chunked"))
        for _ in range(1_000):
            try:
                connection.sendall(chunk)
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            pytest.fail("64 MiB were taken")
        try:
            received = connection.recv(65_536)
        except ConnectionResetError:
            return  # the answer may be lost when the sender goes on regardless
    assert received.startswith(b"HTTP/1.1 413")


def test_row_06_content_length_larger_than_the_body(intake: IntakeProcess, kafka: str) -> None:
    """Content-Length larger than the body that comes.

    Gets: 400 `bad-request`, which says that the body ended too early; nothing is written.
    """
    before = end_of(kafka)
    body = json.dumps(REPORT).encode()
    head = _head(intake, f"Content-Length: {len(body) + 10}")
    answer = intake.raw(head + body, half_close=True)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Content-Length" in answer
    assert end_of(kafka) == before


def test_row_06_content_length_smaller_than_the_body(intake: IntakeProcess, kafka: str) -> None:
    """Content-Length smaller than the body.

    Gets: 400 `unreadable`: what is within the length is cut JSON; the rest is never taken for a
    part of it.
    """
    before = end_of(kafka)
    body = json.dumps(REPORT).encode()
    answer = intake.raw(_head(intake, f"Content-Length: {len(body) - 10}") + body)
    assert answer.startswith(b"HTTP/1.1 400")
    assert end_of(kafka) == before


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Content-Length: +5",),
        ("Content-Length: 5, 5",),
        ("Content-Length: 0x5",),
        ("Content-Length: 99999999999999999999999",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: xchunked",),
    ],
)
def test_row_06_two_lengths_or_none_that_is_clear(
    intake: IntakeProcess, kafka: str, lines: tuple[str, ...]
) -> None:
    """Two lengths, a length beside chunks, or one that can be read in two ways (smuggling).

    Gets: 400 or 413 and a closed connection, before any of the body is read; what follows is
    never taken for another request.
    """
    before = end_of(kafka)
    body = json.dumps(REPORT).encode()
    second = _head(intake, f"Content-Length: {len(body)}") + body
    answer = intake.raw(_head(intake, *lines) + b"0\r\n\r\n" + second, half_close=True)
    assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 413")
    assert b"HTTP/1.1 202" not in answer
    assert end_of(kafka) == before


@pytest.mark.parametrize("content", [b"\x16\x03\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"{}\r\n\r\n"])
def test_what_is_no_http(intake: IntakeProcess, content: bytes) -> None:
    answer = intake.raw(content)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answer


def test_a_head_without_end(intake: IntakeProcess) -> None:
    answer = b""
    with socket.create_connection((HOST, intake.port), 15) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        try:
            for _ in range(200):
                connection.sendall(b"X-Filler: " + b"a" * 1_000 + b"\r\n")
                time.sleep(0.001)
            answer = connection.recv(65_536)
        except (BrokenPipeError, ConnectionResetError):
            return
    assert answer.startswith(b"HTTP/1.1 431")


def test_row_07_slow_clients_do_not_hold_up_others(intake: IntakeProcess) -> None:
    """50 clients that stop in the middle of a head or a body.

    Gets: 408 `request-timeout` after 30 s and a closed connection; others are answered as usual.
    """
    body = json.dumps(REPORT).encode()
    slow = [socket.create_connection((HOST, intake.port), 15) for _ in range(50)]
    for number, connection in enumerate(slow):
        head = _head(intake, f"Content-Length: {len(body)}")
        connection.sendall(head[:30] if number % 2 else head + body[:5])
    started = time.monotonic()
    assert post(intake, REPORT).status_code == 202
    assert time.monotonic() - started < 1
    for connection in slow:
        assert connection.recv(65_536).startswith(b"HTTP/1.1 408")
        connection.close()
    assert time.monotonic() - started < 5


def test_a_sender_that_half_closes_gets_its_answer(intake: IntakeProcess) -> None:
    body = json.dumps(REPORT).encode()
    answer = intake.raw(_head(intake, f"Content-Length: {len(body)}") + body, half_close=True)
    assert answer.startswith(b"HTTP/1.1 202")


def test_row_45_a_sender_that_hangs_up_after_sending(intake: IntakeProcess, kafka: str) -> None:
    """A sender that hangs up as soon as it has sent, on a real broker."""
    before = end_of(kafka)
    key = new_id()
    body = json.dumps(REPORT).encode()
    head = _head(intake, f"Content-Length: {len(body)}", f"Idempotency-Key: {key}")
    with socket.create_connection((HOST, intake.port), 15) as connection:
        connection.sendall(head + body)
    answer = post(intake, REPORT, key)
    assert answer.status_code == 202
    assert end_of(kafka) == before + 1


def test_nothing_of_a_report_is_logged(intake: IntakeProcess) -> None:
    report = {**REPORT, "reporter": {"name": "陈安", "phone": "13800138000"}}
    assert post(intake, report).status_code == 202
    post(intake, {**report, "reporter": {"name": "11010519491231002X"}})
    log = intake.log.read_text()
    for secret in (*intake.secrets.values(), "陈安", "13800138000", "11010519491231002", "槐荫路"):
        assert secret not in log


def test_row_44_a_stopped_broker(tmp_path: Path) -> None:
    """A broker that is not there.

    Gets: 503 `not-confirmed` with `Retry-After` and `outcome: unknown`; the same key later gives
    the same issue. `/readyz` says 503, `/healthz` 200.
    """
    stack = Stack(tmp_path / "data", only=("kafka",))
    stack.start()
    settings = {"HUTONG_INTAKE_CONFIRM_SECONDS": "2"}
    intake = IntakeProcess(stack.kafka, tmp_path, **settings)
    try:
        make_topics(stack.kafka)
        intake.start()
        assert post(intake, REPORT, "before").status_code == 202
        stack.stop()
        answer = post(intake, REPORT, "during")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["outcome"] == "unknown"
        assert httpx.get(f"{intake.url}/readyz", trust_env=False).status_code == 503
        assert httpx.get(f"{intake.url}/healthz", trust_env=False).status_code == 200
        stack = Stack(tmp_path / "data", only=("kafka",))
        stack.start()
        again = _until_accepted(intake, "during")
        assert again["issue_id"] == derived_id("report", "app", "during")
        started = time.monotonic()
        assert intake.stop() == 0
        assert time.monotonic() - started < 10
    finally:
        stack.stop()
        if intake.process is not None and intake.process.poll() is None:
            intake.process.kill()


def test_a_broken_key_file_stops_it_from_starting(kafka: str, tmp_path: Path) -> None:
    intake = IntakeProcess(kafka, tmp_path)
    intake.keys_file.write_text('[[key]]\nid = "app"\n')
    assert intake.exit_code() == 2
    log = intake.log.read_text()
    assert re.search(r"keys\.toml:1: key 'app': 'principal' must", log)
    assert re.search(r"keys\.toml:1: key 'app': 'sha256' must", log)


def test_missing_settings_stop_it_from_starting(kafka: str, tmp_path: Path) -> None:
    intake = IntakeProcess(kafka, tmp_path, HUTONG_INTAKE_PORT="x", HUTONG_KAFKA="")
    assert intake.exit_code() == 2
    assert "HUTONG_INTAKE_PORT" in intake.log.read_text()
    assert "HUTONG_KAFKA" in intake.log.read_text()


def _until_accepted(intake: IntakeProcess, key: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = post(intake, REPORT, key)
        if answer.status_code == 202:
            found: dict[str, Any] = answer.json()
            return found
        assert answer.status_code == 503
    raise AssertionError("not accepted again within 30 s")
