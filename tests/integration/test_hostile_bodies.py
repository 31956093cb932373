"""Bodies without end, deep ones, slow ones: memory stays flat, and a good sender is answered."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from hutong.local.ports import HOST
from tests.fixtures.intake_process import IntakeProcess, make_topics

REPORT = {"occurred_at": "2026-11-22T18:31:44+08:00", "body": "槐荫路自来水管爆裂"}
MIB = 1024 * 1024

#: How much the process may grow, whatever is sent: the room for bodies, twice over for what JSON
#: becomes in Python, and what the allocator keeps.
MOST_GROWTH = 160 * MIB
#: Seconds that a good sender may wait on a machine of two busy cores.
LONGEST = 3.0


@pytest.fixture(scope="module")
def intake(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeProcess]:
    make_topics(kafka)
    folder = tmp_path_factory.mktemp("hostile")
    process = IntakeProcess(kafka, folder, HUTONG_INTAKE_BODY_SECONDS="3").start()
    yield process
    assert process.stop() == 0


class Watch:
    """A good sender that goes on posting, and the memory of the process meanwhile."""

    def __init__(self, intake: IntakeProcess) -> None:
        assert intake.process is not None
        self.slowest = 0.0
        self.answers: list[int] = []
        self.growth = 0
        self._intake = intake
        self._process = psutil.Process(intake.process.pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Watch:
        with httpx.Client(trust_env=False) as client:  # warm: what every process has after a while
            for _ in range(20):
                self._post(client)
        self.slowest, self.answers = 0.0, []
        self._before = self._process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Every post was taken, quickly, and memory stayed where it was."""
        assert self.answers
        assert set(self.answers) == {202}
        assert self.slowest < LONGEST
        assert self.growth < MOST_GROWTH, f"{self.growth / MIB:.0f} MiB"

    def _run(self) -> None:
        with httpx.Client(trust_env=False, timeout=30) as client:
            while not self._stop.is_set():
                self._post(client)
                self.growth = max(self.growth, self._process.memory_info().rss - self._before)
                time.sleep(0.05)

    def _post(self, client: httpx.Client) -> None:
        started = time.monotonic()
        url = f"{self._intake.url}/v1/reports"
        answer = client.post(url, json=REPORT, headers=self._intake.headers("grid"))
        self.slowest = max(self.slowest, time.monotonic() - started)
        self.answers.append(answer.status_code)


def head(intake: IntakeProcess, *lines: str, path: str = "/v1/reports", key: str = "") -> bytes:
    media = "application/x-ndjson" if path.endswith("batch") else "application/json"
    secret = key or intake.secrets["app"]
    first = (f"POST {path} HTTP/1.1", "Host: x", f"X-API-Key: {secret}", f"Content-Type: {media}")
    return "\r\n".join([*first, *lines, "", ""]).encode()


def connect(intake: IntakeProcess) -> socket.socket:
    return socket.create_connection((HOST, intake.port), 30)


def status_of(answer: bytes) -> int:
    """0 when the connection ended without an answer."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def send_all(intake: IntakeProcess, pieces: Callable[[], Iterator[bytes]]) -> tuple[int, int]:
    """Send until the other side closes; bytes that were taken, and the status of the answer."""
    taken, answer = 0, b""
    with connect(intake) as connection:
        try:
            for piece in pieces():
                connection.sendall(piece)
                taken += len(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        with contextlib.suppress(ConnectionResetError):  # the answer may be lost in the reset
            answer = connection.recv(65_536)
    return taken, status_of(answer)


CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"
FIFTY_MIB = 50 * MIB // 65_536


@pytest.mark.parametrize("key", ["", "hk_wrong"])
def test_row_05_two_hundred_chunked_bodies_of_50_mib(intake: IntakeProcess, key: str) -> None:
    """200 chunked bodies of 50 MiB, 20 at a time, with a good key and with a wrong one.

    Gets: 413 (401) and a closed connection long before the end; the process does not grow with
    them, and a good sender is answered as usual.
    """

    def pieces() -> Iterator[bytes]:
        yield head(intake, "Transfer-Encoding: chunked", key=key)
        for _ in range(FIFTY_MIB):
            yield CHUNK

    with Watch(intake) as watch, ThreadPoolExecutor(20) as threads:
        found = list(threads.map(lambda _: send_all(intake, pieces), range(200)))
    watch.check()
    statuses = {status for _, status in found}
    assert statuses <= {0, 401 if key else 413}
    # 0: cut off while it still sent, so that the answer was lost; some always get theirs.
    assert (401 if key else 413) in statuses
    # Some MiB are in the kernel's buffers on both sides when the connection is closed.
    assert max(taken for taken, _ in found) < 12 * MIB


def test_row_05_many_of_the_largest_batches_at_once(intake: IntakeProcess) -> None:
    """60 batches of 4 MiB that come in at the same time, each held open before its end.

    Gets: 503 `busy` for those that there is no room for (64 MiB in all, half of it for one key);
    other keys are served.
    """
    line = json.dumps({**REPORT, "body": "水" * 9_000}, ensure_ascii=False).encode() + b"\n"
    body = line * (4 * MIB // len(line))
    start = head(intake, f"Content-Length: {len(body)}", path="/v1/reports:batch")

    def held(_: int) -> int:
        with connect(intake) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(start + body[:-1])
                time.sleep(1)
                connection.sendall(body[-1:])
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                answer = connection.recv(12)
            return status_of(answer)

    with Watch(intake) as watch, ThreadPoolExecutor(60) as threads:
        found = list(threads.map(held, range(60)))
    watch.check()
    assert set(found) <= {0, 200, 503}
    assert 200 in found
    assert found.count(200) < 60


def test_row_08_deep_and_broken_json_by_the_hundred(intake: IntakeProcess) -> None:
    """Hundreds of bodies of 250 KB that are nothing but brackets, quotes, keys or digits.

    Gets: 400 each, at once; the process does not grow, and others are served.
    """
    bodies = [
        b"[" * 250_000,
        b'{"a":' * 50_000,
        b'["' * 125_000,
        b'"' + b"\\" * 249_998,
        b"[" + b"9" * 249_998,
        b'{"body":"' + b"\\ud800" * 40_000 + b'"}',
        b"{" + b",".join(b'"k%d":0' % n for n in range(20_000)) + b"}",
    ]
    url = f"{intake.url}/v1/reports"
    with Watch(intake) as watch, httpx.Client(trust_env=False, timeout=30) as client:
        for content in bodies * 30:
            started = time.monotonic()
            answer = client.post(url, content=content, headers=intake.headers())
            assert answer.status_code == 400
            assert len(answer.content) < 1024 * 1024
            assert time.monotonic() - started < LONGEST
    watch.check()


def test_row_07_four_hundred_slow_clients(intake: IntakeProcess) -> None:
    """400 clients that send a byte now and then: in the head, in the body, or that never read.

    Gets: 408 after the time for a request (30 s; here 3 s), whatever they still send; others are
    served as usual.
    """
    body = json.dumps(REPORT).encode()
    whole = head(intake, f"Content-Length: {len(body) + 1_000}") + body
    slow = [connect(intake) for _ in range(400)]
    started = time.monotonic()
    with Watch(intake) as watch:
        for number, connection in enumerate(slow):
            connection.sendall(whole[: 30 if number % 2 else -10])
        while time.monotonic() - started < 4:
            for connection in slow:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    connection.sendall(b"a")
            time.sleep(0.2)
        ended = 0
        for connection in slow:
            with contextlib.suppress(ConnectionResetError):
                answer = connection.recv(65_536)
                ended += status_of(answer) == 408
            connection.close()
    watch.check()
    assert ended > 200  # the others were reset while they still sent
    assert time.monotonic() - started < 15
