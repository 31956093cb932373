"""How many reports a second one router routes, on a real broker: the whole job.

Decode, validate, classify, write `IssueReported` and `IssueDispatched` (or `IssueQueued`) to
`issues` and the orders to `dept-*`, every write confirmed. Broker, router and this script share the
machine. Usage: ``python bench/router_speed.py [reports]`` (20,000 by default).
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hutong.city import load_city, read_pack
from hutong.events.codec import default_codec
from hutong.events.ids import new_id
from hutong.events.topics import load_topics
from hutong.kafka.admin import create_topics
from hutong.kafka.send import OutRecord, send_confirmed
from hutong.local.ports import choose_ports
from hutong.local.stack import Stack
from hutong.promotions.promote import promote_base

NAME = "hutong.issue.IssueReported"
CHANNELS = ("grid", "hotline", "app")
#: Made up; about as long as real ones, each with other words.
TEXTS = (
    ("路灯不亮", "槐荫路井巷口的路灯不亮已有三天，晚上太黑，老人出门不便，请尽快修理。"),
    (
        "小区停水",
        "东街道槐荫里小区今天早上开始停水，没有通知，自来水公司电话打不通，何时恢复？",
    ),
    ("暴露垃圾", "北巷尽头堆放生活垃圾无人清运，天热异味很大，希望环卫部门处理。"),
    ("工地夜间施工", "南门工地夜里十一点还在施工，噪声扰民，孩子无法入睡，已持续一周。"),
    ("想问一件事", "请问有没有办法把这个问题反映上去，谢谢。"),
    ("拖欠工资", "在某工地干活三个月，老板拖欠工资不发，农民工等钱回家，请劳动部门帮助。"),
)


def report(number: int) -> tuple[str, bytes, bytes]:
    """Topic, key and value of a made-up report."""
    subject, body = TEXTS[number % len(TEXTS)]
    channel = CHANNELS[number % len(CHANNELS)]
    event_id = new_id()
    fields: dict[str, Any] = {
        "head": {
            "event_id": event_id,
            "issue_id": event_id,
            "occurred_at": 1_780_272_000_000 + number,
            "actor": "bench",
            "area": "east-01-03",
            "causation_id": None,
        },
        "channel": channel,
        "reference": None,
        "place": None,
        "contact": None,
        "intent": None,
        "media": [],
        "handled_on_the_spot": None,
        "reporter": None,
        "subject": subject,
        "body": body,
    }
    return f"reports-{channel}", event_id.encode(), default_codec().encode_body(NAME, fields)


def measure(kafka: str, reports: int) -> tuple[float, Mapping[str, float]]:
    """Seconds from the first routed record to the last confirmation, and the router's counts."""
    create_topics(kafka, load_topics(load_city(None).departments))
    now = time.time_ns() // 1_000_000
    promote_base(kafka, default_codec(), read_pack(), lead_ms=60_000, now=now)
    made = (report(number) for number in range(reports))
    send_confirmed(kafka, (OutRecord(t, key, value, {"ce_type": NAME}) for t, key, value in made))
    port = choose_ports(["router"], given={}, remembered={}, preferred={})["router"]
    environment = {**os.environ, "HUTONG_KAFKA": kafka, "HUTONG_ROUTER_PORT": str(port)}
    router = subprocess.Popen([sys.executable, "-m", "hutong_router.main"], env=environment)
    try:
        return _watch(f"http://127.0.0.1:{port}/metrics", reports)
    finally:
        router.send_signal(signal.SIGTERM)
        router.wait(20)


def _watch(address: str, reports: int) -> tuple[float, Mapping[str, float]]:
    started = 0.0
    while True:
        time.sleep(0.02)
        try:
            counts = _counts(address)
        except OSError:
            continue
        routed = sum(n for name, n in counts.items() if name.startswith("records_total"))
        if routed and not started:
            started = time.monotonic()
            before = routed
        if routed >= reports and counts["chunks_in_flight"] == 0:
            seconds = time.monotonic() - started
            return seconds * reports / (reports - before), counts


def _counts(address: str) -> dict[str, float]:
    with urllib.request.urlopen(address, timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line.startswith("hutong_router_"))
    return {name.removeprefix("hutong_router_"): float(value) for name, value in pairs}


def main() -> None:
    """Print reports and output records a second."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("reports", type=int, nargs="?", default=20_000)
    reports = parser.parse_args().reports
    with tempfile.TemporaryDirectory(prefix="hutong-bench-") as folder:
        stack = Stack(Path(folder) / "data", only=("kafka",))
        stack.start()
        try:
            seconds, counts = measure(stack.kafka, reports)
        finally:
            stack.stop()
    outcomes = {n: int(c) for n, c in counts.items() if n.startswith("records_total")}
    chunks = counts["chunk_seconds_count"]
    print(f"{reports} reports in {seconds:.2f} s: {reports / seconds:,.0f} reports/s")
    print(f"{outcomes}, {chunks:.0f} chunks, mean {counts['chunk_seconds_sum'] / chunks:.3f} s")


if __name__ == "__main__":
    main()
