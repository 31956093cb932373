"""Reports confirmed by the broker per second, one by one and in batches, and how long each takes.

    python -m bench.intake_speed [--kafka HOST:PORT] [--seconds 10] [--rate 200] [--keep]

Without --kafka it starts a Kafka of its own in a temporary folder. Intake runs as the real process
and is talked to over real connections by a bare HTTP client, so that the client's own cost stays
small; all three still share the machine's cores. Four figures:

* batch: batches of 500 lines, two at a time, as fast as they are answered;
* single: 32 connections, each sending its next report when the last is answered;
* steady: --rate reports a second at fixed instants, whatever the answers do (an open loop: a slow
  answer does not slow the next sender down), with the delay counted from the planned instant;
* burst: twenty times 100 reports a second for 30 s in the same way: what was answered, and the most
  memory that intake had.
"""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.figures import Figure, command_line, keep
from hutong.city import load_city
from hutong.events.topics import load_topics
from hutong.kafka.admin import create_topics
from hutong.keys import hash_of, new_secret
from hutong.local.keys import ensure_identity_keys
from hutong.local.ports import HOST, choose_ports
from hutong.local.stack import Stack

LINES = 500
#: Reports a second in a burst, and how long it lasts.
BURST, BURST_SECONDS = 20 * 100, 30
_SERVE = "import sys; from hutong_intake.main import main; sys.exit(main())"
_TEXT = "槐荫路与井巷交叉口东侧自来水管爆裂，路面积水约十厘米，附近三栋楼停水，请尽快抢修。"


def report() -> dict[str, object]:
    """A report of usual size, some 700 bytes."""
    return {
        "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "area": "east",
        "place": {"lon": 116.0262, "lat": 36.4268, "datum": "WGS84", "address": "槐荫路东侧"},
        "contact": "c-7Q2M9X",
        "reporter": {"name": "陈安", "phone": "13000000000"},
        "intent": "help",
        "subject": "槐荫路自来水管爆裂",
        "body": _TEXT,
    }


class Connection:
    """One kept-alive HTTP connection; ``status`` is of its last answer."""

    def __init__(self, port: int, secret: str, *, any_answer: bool = False) -> None:
        self._port = port
        self._secret = secret
        self._any_answer = any_answer
        self.status = 0
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> "Connection":
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        return self

    async def post(self, path: str, media: str, body: bytes, key: str = "") -> bytes:
        """The answer's body; ends the program on anything but 2xx, unless it wants any answer."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {self._secret}\r\n"
            f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n"
        )
        head += f"Idempotency-Key: {key}\r\n" if key else ""
        self._writer.write(head.encode() + b"\r\n" + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        content = await self._reader.readexactly(length)
        self.status = int(answer.split(b" ", 2)[1])
        if self.status >= 300 and not self._any_answer:
            raise SystemExit(f"intake answered {answer!r} {content!r}")
        return content

    async def send(self, key: str) -> None:
        """Send one report."""
        await self.post("/v1/reports", "application/json", json.dumps(report()).encode(), key)


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def show(name: str, count: int, seconds: float, delays: list[float]) -> Figure:
    """One line of the result."""
    p50, p99 = (percentile(delays, share) * 1000 for share in (0.5, 0.99))
    most = max(delays) * 1000
    print(
        f"{name:<7} {count:>7,} confirmed {count / seconds:>8,.0f}/s   "
        f"p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   max {most:7.1f} ms"
    )
    note = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    return Figure(f"intake, {name}", "confirmed/s", (round(count / seconds),), note)


async def batch(port: int, secret: str, seconds: float) -> Figure:
    """Batches, two at a time."""
    delays: list[float] = []
    end = time.perf_counter() + seconds

    async def run() -> int:
        connection, confirmed = await Connection(port, secret).open(), 0
        while time.perf_counter() < end:
            body = b"\n".join(json.dumps(report()).encode() for _ in range(LINES))
            started = time.perf_counter()
            answer = await connection.post("/v1/reports:batch", "application/x-ndjson", body)
            delays.append(time.perf_counter() - started)
            confirmed += sum(json.loads(line)["status"] == 202 for line in answer.splitlines())
        return confirmed

    started = time.perf_counter()
    confirmed = sum(await asyncio.gather(run(), run()))
    return show("batch", confirmed, time.perf_counter() - started, delays)


async def single(port: int, secret: str, seconds: float) -> Figure:
    """32 senders, each waiting for its answer."""
    delays: list[float] = []
    end = time.perf_counter() + seconds

    async def run(number: int) -> None:
        connection = await Connection(port, secret).open()
        while time.perf_counter() < end:
            started = time.perf_counter()
            await connection.send(f"single-{number}-{len(delays)}-{started}")
            delays.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*map(run, range(32)))
    return show("single", len(delays), time.perf_counter() - started, delays)


async def steady(port: int, secret: str, seconds: float, rate: int) -> Figure:
    """So many a second, come what may."""
    delays: list[float] = []
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(64):
        idle.put_nowait(await Connection(port, secret).open())

    async def run(planned: float) -> None:
        connection = await idle.get()
        await connection.send(f"steady-{planned}")
        delays.append(time.perf_counter() - planned)
        idle.put_nowait(connection)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        async for planned in _instants(started, seconds, rate):
            group.create_task(run(planned))
    return show(f"{rate}/s", len(delays), time.perf_counter() - started, delays)


async def burst(running: "Running") -> list[Figure]:
    """More than it can take, and what it does then."""
    answers: Counter[int] = Counter()
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(512):
        connection = Connection(running.port, running.secret, any_answer=True)
        idle.put_nowait(await connection.open())

    async def run(planned: float) -> None:
        connection = await idle.get()
        await connection.send(f"burst-{planned}")
        answers[connection.status] += 1
        idle.put_nowait(connection)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        async for planned in _instants(started, BURST_SECONDS, BURST):
            group.create_task(run(planned))
    seconds = time.perf_counter() - started
    status = Path(f"/proc/{running.pid}/status").read_text()
    most = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    said = ", ".join(f"{count:,} × {code}" for code, count in sorted(answers.items()))
    print(f"burst   {said} in {seconds:.1f} s   intake had at most {most:.0f} MB")
    what = f"intake, a burst of {BURST:,}/s for {BURST_SECONDS} s"
    return [
        Figure(what, "confirmed/s", (round(answers[202] / seconds),), f"answers: {said}"),
        Figure(f"{what}: the most memory that it had", "MB", (round(most),), "wanted: 512"),
    ]


async def _instants(started: float, seconds: float, rate: int) -> AsyncIterator[float]:
    for number in range(int(seconds * rate)):
        planned = started + number / rate
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        yield planned


@contextlib.contextmanager
def broker(given: str | None, folder: Path) -> Iterator[str]:
    """The broker given, or one of our own."""
    if given:
        yield given
    else:
        with Stack(folder / "kafka", only=("kafka",)) as stack:
            yield stack.kafka


class Running(NamedTuple):
    """Intake: its port, the secret of a key, its process."""

    port: int
    secret: str
    pid: int


@contextlib.contextmanager
def intake(kafka: str, folder: Path) -> Iterator[Running]:
    """The real process."""
    create_topics(kafka, load_topics(load_city().departments))
    secret = new_secret()
    keys = folder / "keys.toml"
    keys.write_text(
        f'[[key]]\nid = "bench"\nprincipal = "channel:app"\nsha256 = "{hash_of(secret)}"\n'
    )
    port = choose_ports(["intake"], given={}, remembered={}, preferred={})["intake"]
    environment = {
        **os.environ,
        "HUTONG_KAFKA": kafka,
        "HUTONG_INTAKE_PORT": str(port),
        "HUTONG_INTAKE_KEY_PER_MINUTE": "100000000",
        "HUTONG_INTAKE_ADDRESS_PER_MINUTE": "100000000",
        "HUTONG_KEYS_FILE": str(keys),
        # Every report names who reports, so each is sealed: that is part of the work.
        "HUTONG_IDENTITY_KEYS_FILE": str(ensure_identity_keys(folder)),
        "HUTONG_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen([sys.executable, "-c", _SERVE], env=environment)
    try:
        _wait(port, process)
        yield Running(port, secret, process.pid)
    finally:
        process.terminate()
        process.wait(15)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    import httpx

    for _ in range(200):
        if process.poll() is not None:
            raise SystemExit(f"intake ended with {process.returncode}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://{HOST}:{port}/readyz", trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("intake was not ready within 20 s")


async def measure(running: Running, seconds: float, rate: int) -> list[Figure]:
    """All, after a second of warming up."""
    port, secret, _ = running
    await single(port, secret, 1)
    print("-- warm --")
    return [
        await batch(port, secret, seconds),
        await single(port, secret, seconds),
        await steady(port, secret, seconds, rate),
        *await burst(running),
    ]


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kafka")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--keep", action="store_true", help="Append to bench/results.")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        broker(given.kafka, Path(folder)) as kafka,
        intake(kafka, Path(folder)) as running,
    ):
        figures = asyncio.run(measure(running, given.seconds, given.rate))
    if given.keep:
        keep("intake", command_line(), figures)


if __name__ == "__main__":
    main()
