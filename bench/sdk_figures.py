"""The SDK's figures: what a call costs, how fast an outbox drains, what is lost over a bad network.

    .venv/bin/python -m bench.sdk_figures [--kafka HOST:PORT] [--events 100000] [--drain 10000]
    .venv/bin/python -m bench.sdk_figures --cost

Without --kafka it starts a Kafka of its own. Intake is the real process. All shares the machine.

* cost: `report_issue` against an insert of the same bytes into a bare SQLite table with the same
  durability, a hundred of each in turn in the same run: medians, so that a slow disk hits both, and
  the fastest tenth, which is what an idle machine gives;
* drain: so many reports that wait are sent over HTTP, and straight to Kafka;
* chaos: so many reports by an app over a network that drops 30 % of the requests, cuts the answer
  of 5 % and doubles 5 %, while the app is killed with -9 at random; what is then in the log, by id.
"""

import argparse
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import Consumer, TopicPartition

from bench.intake_speed import broker, intake
from hutong.events.codec import default_codec
from hutong.events.ids import derived_id
from hutong.events.topics import load_topics, reports_topic
from hutong.kafka import consumer_config
from hutong.kafka.read import read_ranges
from hutong.local.ports import HOST
from hutong.sdk import Client, KafkaTransport, Outbox, Place
from hutong.sdk.http import Api, HttpTransport
from hutong.sdk.outcome import Message, Outcome, Transport
from hutong.sdk.testing import Chances, ChaosTransport

_TEXT = "槐荫路与井巷交叉口东侧自来水管爆裂，路面积水约十厘米，附近三栋楼停水，请尽快抢修。"
_CALLS = 3_000
_TURN = 100
_SEED = 20261122
_BAD = Chances(drop=0.3, cut=0.05, duplicate=0.05)
_KEY = "HUTONG_TEST_SDK_KEY"
#: What a killed app claimed comes back after so long.
_LEASE_SECONDS = 3.0
_PLACE = Place(lon=116.0262, lat=36.4268, address="槐荫路东侧")


class Nowhere:
    """A transport that is never asked, so that the cost of a call is that of keeping it."""

    def deliver(self, messages: list[Message]) -> list[Outcome]:
        """Never comes back while the figures are taken."""
        time.sleep(3600)
        raise AssertionError(len(messages))

    def close(self) -> None:
        """Nothing to close."""


def report(client: Client, number: int, event_id: str | None = None) -> None:
    """One report of usual size."""
    client.report_issue(
        body=_TEXT,
        subject=f"第{number}件",
        area="east",
        place=_PLACE,
        contact="c-7Q2M9X",
        intent="help",
        event_id=event_id,
    )


def cost(folder: Path) -> None:
    """A call against a bare insert, in turns."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE message (id TEXT PRIMARY KEY, body TEXT)")
    outbox = Outbox(folder / "cost.db")
    client = Client(outbox=outbox, transport=Nowhere())
    report(client, 0)
    time.sleep(0.5)  # the sender has claimed that one, and is away with it
    [[body]] = outbox.store.execute("SELECT body FROM message LIMIT 1")
    calls, inserts = [], []
    for turn in range(0, _CALLS, _TURN):
        for number in range(turn, turn + _TURN):
            started = time.perf_counter()
            bare.execute("INSERT INTO message VALUES (?, ?)", (f"{number:036d}", body))
            inserts.append(time.perf_counter() - started)
        for number in range(turn, turn + _TURN):
            started = time.perf_counter()
            report(client, number)
            calls.append(time.perf_counter() - started)
    for what, part in (("medians", 5), ("fastest tenths", 1)):
        call, insert = (statistics.quantiles(t, n=10)[part - 1] * 1e6 for t in (calls, inserts))
        print(
            f"cost    report_issue {call:.0f} µs, bare insert {insert:.0f} µs: {call / insert:.2f}×"
            f" ({what} of {_CALLS:,})"
        )
    bare.close()


def drain(name: str, transport: Transport, path: Path, count: int) -> None:
    """So many reports that wait, until the log has them."""
    with Client(outbox=path, transport=Nowhere()) as filling:
        for number in range(count):
            report(filling, number)
        filling.close(timeout=0)
    outbox = Outbox(path, clock=lambda: time.time_ns() // 1_000_000 + 120_000)  # leases are over
    started = time.perf_counter()
    with Client(outbox=outbox, transport=transport) as client:
        left = client.flush(timeout=300)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"drain   {count - left:,} over {name} in {seconds:.1f} s: {count / seconds:,.0f}/s;"
        f" peak memory of this process so far {peak:.0f} MB"
    )


def app(url: str, path: str, count: int, seed: int) -> int:
    """The app that is killed: reports what it has not reported yet, and sends."""
    outbox = Outbox(path, lease_seconds=_LEASE_SECONDS)
    network = ChaosTransport(httpx.HTTPTransport(), _BAD, seed=seed)
    transport = HttpTransport(Api(url, os.environ[_KEY], network))
    with Client(outbox=outbox, transport=transport) as client:
        [[begun]] = outbox.store.execute("SELECT count(*) FROM message")
        for number in range(begun, count):
            report(client, number, derived_id("sdk-figures", str(number)))
        left = client.flush(timeout=600)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"        app ended by itself, peak memory {peak} MB", flush=True)
    return 1 if left else 0


def chaos(kafka: str, port: int, secret: str, path: Path, count: int) -> None:
    """Kill it until it ends by itself, then look into the log."""
    before = {p: end for p, (_, end) in _ends(kafka).items()}
    drawn, kills = random.Random(_SEED), 0
    started = time.perf_counter()
    command = [sys.executable, "-m", "bench.sdk_figures", "--app", f"http://{HOST}:{port}"]
    command += ["--outbox", str(path), "--events", str(count)]
    while True:
        seed = [f"--seed={kills}"]
        process = subprocess.Popen([*command, *seed], env={**os.environ, _KEY: secret})
        try:
            code = process.wait(drawn.uniform(1.0, 12.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            continue
        if code != 0:
            raise SystemExit(f"the app ended with {code} by itself")
        break
    seconds = time.perf_counter() - started
    values: dict[str, set[bytes]] = {}
    records: Counter[str] = Counter()
    for value in _written(kafka, before):
        event_id = default_codec().decode(value).body["head"]["event_id"]
        values.setdefault(event_id, set()).add(value)
        records[event_id] += 1
    expected = {derived_id("sdk-figures", str(number)) for number in range(count)}
    lost = len(expected - values.keys())
    strange = len(values.keys() - expected)
    altered = sum(len(found) > 1 for found in values.values())
    print(
        f"chaos   {count:,} reports, {kills} × kill -9, {seconds:.0f} s: lost {lost}, doubled"
        f" {strange} (reports under another id), altered {altered}; {records.total():,} records,"
        f" of which {records.total() - len(values):,} repeats that say the very same"
    )


def _consumer(kafka: str) -> Any:
    return Consumer(consumer_config(kafka, "bench", enable_partition_eof=True))


def _ends(kafka: str) -> dict[int, tuple[int, int]]:
    topic = reports_topic("app")
    consumer = _consumer(kafka)
    found = {
        partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        for partition in range(load_topics(())[topic].partitions)
    }
    consumer.close()
    return found


def _written(kafka: str, before: dict[int, int]) -> list[bytes]:
    topic = reports_topic("app")
    ranges = {(topic, p): (before[p], end) for p, (_, end) in _ends(kafka).items()}
    consumer = _consumer(kafka)
    found = [m.value() for batch in read_ranges(consumer, ranges) for m in batch]
    consumer.close()
    return found


def main() -> int:
    """Run the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kafka")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--drain", type=int, default=10_000)
    parser.add_argument("--cost", action="store_true", help="what a call costs, and no more")
    parser.add_argument("--app", help=argparse.SUPPRESS)
    parser.add_argument("--outbox", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.app:
        return app(given.app, given.outbox, given.events, given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cost(folder)
        if given.cost:
            return 0
        with broker(given.kafka, folder) as kafka, intake(kafka, folder) as (port, secret, _):
            api = Api(f"http://{HOST}:{port}", secret)
            drain("HTTP", HttpTransport(api), folder / "http.db", given.drain)
            transport = KafkaTransport(kafka, "channel:hotline")
            drain("Kafka", transport, folder / "kafka.db", given.drain)
            chaos(kafka, port, secret, folder / "chaos.db", given.events)
    return 0


if __name__ == "__main__":
    sys.exit(main())
