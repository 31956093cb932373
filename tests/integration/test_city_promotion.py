"""City packs promoted on a real broker, under routers that run, die and are cut off."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka.admin import AdminClient

from hutong.city import City, load_city, read_pack
from hutong.events.codec import default_codec
from hutong.events.ids import new_id
from hutong.events.topics import TopicCatalogue, load_topics
from hutong.kafka import client_config
from hutong.kafka.admin import create_topics
from hutong.kafka.send import OutRecord, send_confirmed
from hutong.local.stack import Stack
from hutong.promotions import Timeline
from hutong.promotions.log import pack_in_force, read_timeline
from hutong.promotions.promote import promote_base
from tests.fixtures.intake_process import IntakeProcess
from tests.fixtures.names import unique_topic
from tests.fixtures.router_process import Kept, Places, RouterProcess, wait_until
from tests.fixtures.started import started

LEAD = 10.0
"""Seconds; a router is cut off too long after half of it."""

REPORT = "hutong.issue.IssueReported"
DISPATCHED = "hutong.issue.IssueDispatched"
OTHER_PACK = "sha256:" + "0" * 64
LAMP = ("路灯不亮", "东街道三号院门口的路灯不亮好几天了，晚上太黑。")

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A broker of this module's own: packs on `city` are for everybody on a broker."""
    with started(
        Stack(tmp_path_factory.mktemp("city") / "data", only=("kafka",)), "Kafka broker of its own"
    ) as stack:
        create_topics(stack.kafka, load_topics(load_city().departments))
        promote_base(
            stack.kafka, default_codec(), read_pack(), lead_ms=int(LEAD * 1000), now=_now()
        )
        yield stack


@pytest.fixture
def catalogue() -> TopicCatalogue:
    return load_topics(load_city().departments)


@pytest.fixture
def places(stack: Stack, catalogue: TopicCatalogue) -> Places:
    return Places(stack.kafka, catalogue)


@pytest.fixture
def group(places: Places, catalogue: TopicCatalogue) -> str:
    name = unique_topic("router")
    places.start_group(name, catalogue.routed)
    return name


Start = Callable[..., RouterProcess]


@pytest.fixture
def start(stack: Stack, group: str, tmp_path: Path) -> Iterator[Start]:
    started: list[RouterProcess] = []

    def begin(name: str = "") -> RouterProcess:
        lead = {"HUTONG_CITY_LEAD_SECONDS": str(LEAD)}
        started.append(RouterProcess(stack.kafka, name or group, tmp_path, **lead))
        return started[-1]

    yield begin
    for router in started:
        router.kill()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    shutil.copytree(str(files("hutong.city") / "default"), folder)
    return folder


def _now() -> int:
    return time.time_ns() // 1_000_000


def hutong(stack: Stack, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", *map(str, arguments)],
        env={
            **os.environ,
            "HUTONG_KAFKA": stack.kafka,
            "HUTONG_CITY_LEAD_SECONDS": str(LEAD),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def timeline_of(stack: Stack) -> Timeline:
    return read_timeline(stack.kafka, default_codec(), int(LEAD * 1000))


def report(channel: str = "app") -> OutRecord:
    event_id = new_id()
    fields: dict[str, Any] = {
        "head": {
            "event_id": event_id,
            "issue_id": event_id,
            "occurred_at": 1,
            "actor": "test",
            "area": "east-canal-01",
            "causation_id": None,
        },
        **dict.fromkeys(("reference", "place", "contact", "intent", "reporter")),
        "handled_on_the_spot": None,
        "channel": channel,
        "media": [],
        "subject": LAMP[0],
        "body": LAMP[1],
    }
    value = default_codec().encode_body(REPORT, fields)
    return OutRecord(f"reports-{channel}", event_id.encode(), value, {"ce_type": REPORT})


def lead_of(city: City) -> str:
    lead = next(item.lead for item in city.duty_list if item.code == "street-lamp")
    return "street-east" if lead == "street" else lead


def change_lead(pack: Path, lead: str) -> None:
    """Give the street lamps to another department."""
    path = pack / "duty_list.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith("street-lamp,"):
            cells = line.split(",")
            cells[4], cells[5] = lead, ""
            lines[number] = ",".join(cells)
    path.write_text("".join(lines), "utf-8")


def dispatches(records: list[Kept]) -> list[Kept]:
    return [kept for kept in records if kept.headers["ce_type"] == DISPATCHED]


def assert_as_in_force(stack: Stack, records: list[Kept]) -> dict[str, int]:
    """Each dispatch is by the pack in force when its report was received; packs and how many."""
    timeline = timeline_of(stack)
    seen: dict[str, int] = {}
    for kept in dispatches(records):
        _, city = pack_in_force(timeline, int(kept.headers["received"]))
        assert kept.body["pack"] == city.hash
        assert kept.body["lead"] == lead_of(city)
        seen[city.hash] = seen.get(city.hash, 0) + 1
    return seen


def assert_copies_agree(records: list[Kept]) -> int:
    """The number of copies; each says the same as the first, byte for byte."""
    first: dict[str, Kept] = {}
    copies = 0
    for kept in records:
        if kept.event_id in first:
            copies += 1
            other = first[kept.event_id]
            assert (other.value, other.headers) == (kept.value, kept.headers)
        first.setdefault(kept.event_id, kept)
    return copies


def test_row_97_a_pack_promoted_under_load_is_by_received_time_whoever_routes_and_how_often(
    stack: Stack,
    start: Start,
    places: Places,
    group: str,
    catalogue: TopicCatalogue,
    pack: Path,
    tmp_path: Path,
) -> None:
    """Two routers that could have different rules: one is killed around a promotion, another
    routes everything a second time afterwards.

    Gets: each report is routed by the pack in force when it was received, every copy the same byte
    for byte.
    """
    old = lead_of(load_city())
    change_lead(pack, "housing")
    router = start().wait_ready()
    sent: list[OutRecord] = []
    ending = threading.Event()

    def load() -> None:
        while not ending.is_set():
            batch = [report() for _ in range(5)]
            send_confirmed(stack.kafka, batch)
            sent.extend(batch)
            time.sleep(0.1)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        time.sleep(1.0)
        done = hutong(stack, "city", "promote", pack)
        assert done.returncode == 0, done.stderr
        promoted = list(timeline_of(stack))[-1]
        change = promoted.appended_at + int(LEAD * 1000)
        while _now() < change - 300:
            time.sleep(0.05)
        router.kill()
        time.sleep(0.6)
        start().wait_ready()
        while _now() < change + 3_000:
            time.sleep(0.05)
    finally:
        ending.set()
        thread.join()
    wait_until(lambda: places.lag(group, catalogue.routed) == 0, 60, router.log_text)

    log = places.written("issues")
    seen = assert_as_in_force(stack, log)
    assert len(seen) == 2, "reports before and after the change"
    assert min(seen.values()) > 10
    assert {kept.body["lead"] for kept in dispatches(log)} == {old, "housing"}
    assert_copies_agree(log)
    assert {record.key.decode() for record in sent} <= {kept.event_id for kept in log}

    again = unique_topic("router")
    places.start_group_at_start(again, catalogue.routed)
    second = start(again).wait_ready()
    wait_until(lambda: places.lag(again, catalogue.routed) == 0, 60, second.log_text)
    both = places.written("issues")
    assert assert_copies_agree(both) >= 2 * len(sent)
    assert_as_in_force(stack, both)


def test_a_new_department_gets_its_topics_and_is_heard_without_a_restart(
    stack: Stack, start: Start, places: Places, pack: Path
) -> None:
    change_lead(pack, "night-lights")
    with (pack / "departments.csv").open("a", encoding="utf-8") as file:
        file.write("night-lights,夜景照明中心,Night lights,always,\n")
    router = start().wait_ready()
    pid = router.process.pid
    done = hutong(stack, "city", "promote", pack)
    assert done.returncode == 0, done.stderr
    assert "created dept-night-lights" in done.stdout
    promoted = list(timeline_of(stack))[-1]
    while _now() < promoted.appended_at + int(LEAD * 1000) + 500:
        time.sleep(0.1)
    given = report()
    send_confirmed(stack.kafka, [given])

    def dispatched() -> list[Kept]:
        return [k for k in dispatches(places.written("issues")) if k.key == given.key]

    wait_until(lambda: bool(dispatched()), 30, router.log_text)
    [dispatch] = dispatched()
    assert dispatch.body["lead"] == "night-lights"

    send_confirmed(stack.kafka, [accepted(dispatch)])
    name = "hutong.issue.IssueAccepted"
    wait_until(
        lambda: any(
            k.headers["ce_type"] == name and k.key == given.key for k in places.written("issues")
        ),
        30,
        router.log_text,
    )
    assert router.process.poll() is None
    assert router.process.pid == pid


def test_intake_takes_a_code_of_a_new_pack_without_a_restart(
    stack: Stack, pack: Path, tmp_path: Path
) -> None:
    with (pack / "areas.csv").open("a", encoding="utf-8") as file:
        file.write("east-orchard-05,grid,east-orchard,果园社区第五网格,Orchard Grid 5,\n")
    intake = IntakeProcess(stack.kafka, tmp_path, HUTONG_CITY_LEAD_SECONDS=str(LEAD)).start()
    body = {"occurred_at": "2026-11-22T18:31:44+08:00", "body": LAMP[1], "area": "east-orchard-05"}

    def answer() -> httpx.Response:
        return httpx.post(
            f"{intake.url}/v1/reports", json=body, headers=intake.headers(), trust_env=False
        )

    try:
        refused = answer()
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown_area")
        done = hutong(stack, "city", "promote", pack)
        assert done.returncode == 0, done.stderr
        assert answer().status_code == 422, "it takes effect at its time, not before"
        wait_until(lambda: answer().status_code == 202, LEAD + 15, intake.log.read_text)
    finally:
        intake.stop()


def accepted(dispatch: Kept) -> OutRecord:
    name = "hutong.issue.IssueAccepted"
    example = files("hutong_schemas") / "examples" / "issue" / "IssueAccepted" / "1.json"
    body: dict[str, Any] = json.loads(example.read_text("utf-8"))
    head = dispatch.body["head"]
    body["head"] |= {
        "event_id": new_id(),
        "issue_id": head["issue_id"],
        "causation_id": head["event_id"],
    }
    value = default_codec().encode_body(name, body)
    return OutRecord("handling-night-lights", head["issue_id"].encode(), value, {"ce_type": name})


def test_row_97_a_dispatch_by_another_pack_is_named_by_doctor(stack: Stack) -> None:
    """A dispatch on `issues` by another pack than the one that was in force.

    Gets: a fault of `hutong doctor` (exit code 1) that names the pack and how many dispatches were
    by it.
    """
    assert [found for found in doctor_on_city(stack) if found["level"] == "fault"] == []
    now = _now()
    _, city = pack_in_force(timeline_of(stack), now)
    for pack in (city.hash, OTHER_PACK):
        send_confirmed(stack.kafka, [routed(pack, now)])
    [found] = [found for found in doctor_on_city(stack) if found["level"] == "fault"]
    assert "1 were not by the pack in force" in found["text"]
    assert f"{OTHER_PACK[:19]} 1" in found["text"]
    assert "a router runs other rules" in found["remedy"]


def doctor_on_city(stack: Stack) -> list[dict[str, str]]:
    """What doctor finds about the packs in force."""
    done = hutong(stack, "doctor", "--json")
    lines: list[dict[str, str]] = json.loads(done.stdout)
    assert done.returncode == any(line["level"] == "fault" for line in lines)
    found = [line for line in lines if line["subject"] == "city"]
    assert found, done.stdout
    return found


def routed(pack: str, received: int) -> OutRecord:
    """A dispatch as a router writes it."""
    example = files("hutong_schemas") / "examples" / "issue" / "IssueDispatched" / "1.json"
    body: dict[str, Any] = json.loads(example.read_text("utf-8"))
    issue_id = new_id()
    body |= {"pack": pack}
    body["head"] |= {"event_id": new_id(), "issue_id": issue_id, "causation_id": issue_id}
    headers = {
        "ce_type": DISPATCHED,
        "received": str(received),
        "source": "reports-app/0/0",
        "principal": "router",
        "rules": "1",
        "origin": "live",
    }
    value = default_codec().encode_body(DISPATCHED, body)
    return OutRecord("issues", issue_id.encode(), value, headers)


def test_row_98_a_pack_with_faults_is_not_promoted(stack: Stack, pack: Path) -> None:
    """A city pack with a fault, given to `hutong city check` or `hutong city promote`: a cycle in
    the escalation ladder, an unknown department, a length of zero or less, overlapping grids or
    hours, GBK, a byte-order mark in the middle, a pattern for a word.

    Gets: every fault with file and line, exit code 1; nothing is promoted. A pack has no patterns:
    words are looked for as they stand, so none can be invalid or slow.
    """
    before = len(timeline_of(stack))
    path = pack / "tiers.toml"
    path.write_text(path.read_text("utf-8").replace("72 hours", "-72 hours"), "utf-8")
    done = hutong(stack, "city", "promote", pack)
    assert done.returncode == 1
    assert "hard: resolve must read like" in done.stderr
    assert len(timeline_of(stack)) == before


def test_a_time_that_is_over_or_none_is_a_usage_error(stack: Stack, pack: Path) -> None:
    for when in ("2020-01-01T00:00", "tomorrow"):
        done = hutong(stack, "city", "promote", pack, "--at", when)
        assert done.returncode == 2, done.stderr


def test_shows_what_is_in_force_and_what_is_to_come(stack: Stack, pack: Path) -> None:
    change_lead(pack, "planning")
    done = hutong(stack, "city", "promote", pack, "--at", "2099-01-01T00:00", "--name", "later")
    assert "in force from 2099-01-01 00:00:00 Asia/Shanghai" in done.stdout
    shown = json.loads(hutong(stack, "city", "show", "--in-force", "--json").stdout)
    states = [row["state"] for row in shown]
    assert states.count("in force") == 1
    assert (shown[-1]["state"], shown[-1]["name"]) == ("to come", "later")
    assert "in force" in hutong(stack, "city", "show", "--in-force").stdout


def test_row_99_a_broken_promotion_changes_nothing(stack: Stack, start: Start) -> None:
    router = start().wait_ready()
    send_confirmed(
        stack.kafka, [OutRecord("city", b"sha256:no", b"\x00no event", {"ce_type": "x"})]
    )

    def refused() -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{router.port}/metrics", timeout=5) as page:
            return "hutong_router_city_refused_total 1.0" in page.read().decode()

    wait_until(refused, 20, router.log_text)
    assert "the old pack stays" in router.log_text()
    assert router.probe("/readyz")[0] == 200


def test_a_router_that_cannot_confirm_city_stops(stack: Stack, start: Start) -> None:
    router = start().wait_ready()
    stack.kill("kafka-1", signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert router.wait_end(LEAD + 20) == 3
        took = time.monotonic() - began
    finally:
        stack.kill("kafka-1", signal.SIGCONT)
    assert "the end of city was not confirmed" in router.log_text()
    assert took > LEAD / 2 - 1
    wait_until(lambda: _answers(stack), 30, lambda: "the broker did not come back")


def test_a_router_without_any_pack_refuses_to_start(tmp_path: Path) -> None:
    with Stack(tmp_path / "empty", only=("kafka",)) as bare:
        create_topics(bare.kafka, load_topics(load_city().departments))
        router = RouterProcess(bare.kafka, "none", tmp_path)
        try:
            assert router.wait_end(30) == 2
            assert "run `hutong topics create`" in router.log_text()
        finally:
            router.kill()


def _answers(stack: Stack) -> bool:
    admin = AdminClient(client_config(stack.kafka))
    return bool(admin.list_topics(timeout=5).topics)
