"""The router as a process on a real broker: nothing lost, nothing unknown, whatever kills it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.events.ids import derived_id, new_id
from hutong.events.topics import TopicCatalogue, load_topics
from hutong.kafka import client_config, producer_config
from hutong.kafka.admin import create_topics
from hutong.kafka.send import OutRecord, send_confirmed
from hutong.local.stack import Stack
from tests.fixtures.names import unique_topic
from tests.fixtures.router_process import Kept, Places, RouterProcess, wait_until
from tests.fixtures.rules import promote_default
from tests.fixtures.started import started

pytestmark = pytest.mark.kafka

REPORT = "hutong.issue.IssueReported"
CHANNELS = ("grid", "hotline", "app")
TEXTS = (
    ("路灯不亮", "井巷口的路灯不亮已有三天，请尽快修理。"),
    ("小区停水", "今天早上开始停水，没有任何通知，何时来水？"),
    ("想问一件事", "请问有没有办法，谢谢。"),
)


@pytest.fixture(scope="module")
def bare_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of this module's own: the router reads topics by their real names."""
    with started(
        Stack(tmp_path_factory.mktemp("router-kafka") / "data", only=("kafka",)),
        "Kafka broker of its own",
    ) as stack:
        yield stack.kafka


@pytest.fixture(scope="module")
def catalogue() -> TopicCatalogue:
    return load_topics(load_city(None).departments)


@pytest.fixture(scope="module")
def broker(bare_broker: str, catalogue: TopicCatalogue) -> str:
    create_topics(bare_broker, catalogue)
    promote_default(bare_broker)
    return bare_broker


@pytest.fixture
def places(broker: str, catalogue: TopicCatalogue) -> Places:
    return Places(broker, catalogue)


@pytest.fixture
def group(places: Places, catalogue: TopicCatalogue) -> str:
    name = unique_topic("router")
    places.start_group(name, catalogue.routed)
    return name


Start = Callable[..., RouterProcess]


@pytest.fixture
def start(broker: str, group: str, tmp_path: Path) -> Iterator[Start]:
    """Start a router; all are killed at the end of the test."""
    started: list[RouterProcess] = []

    def begin(**environment: str) -> RouterProcess:
        started.append(RouterProcess(broker, group, tmp_path, **environment))
        return started[-1]

    yield begin
    for router in started:
        router.kill()


def report(number: int) -> OutRecord:
    subject, body = TEXTS[number % len(TEXTS)]
    channel = CHANNELS[number % len(CHANNELS)]
    event_id = new_id()
    fields: dict[str, Any] = {
        "head": {
            "event_id": event_id,
            "issue_id": event_id,
            "occurred_at": number,
            "actor": "test",
            "area": "east-01-03",
            "causation_id": None,
        },
        **dict.fromkeys(("reference", "place", "contact", "intent", "reporter")),
        "handled_on_the_spot": None,
        "channel": channel,
        "media": [],
        "subject": subject,
        "body": body,
    }
    value = default_codec().encode_body(REPORT, fields)
    return OutRecord(f"reports-{channel}", event_id.encode(), value, {"ce_type": REPORT})


def reports(count: int) -> list[OutRecord]:
    return [report(number) for number in range(count)]


def check_all(sent: list[OutRecord], places: Places, catalogue: TopicCatalogue) -> dict[str, int]:
    """All invariants of a run without bad records; counts of repeats by topic."""
    departments = [topic.name for topic in catalogue if topic.name.startswith("dept-")]
    log, orders = places.written("issues"), places.written(*departments)
    assert places.written("dead-letters") == []

    first = firsts(log)
    ids = {record.key.decode() for record in sent}
    answers = {derived_id(i, kind): i for i in ids for kind in ("IssueDispatched", "IssueQueued")}
    assert ids <= set(first), "a report is lost"
    assert set(first) <= ids | set(answers), "an id that nobody made"
    assert sorted(answers[i] for i in first if i in answers) == sorted(ids), "one answer each"

    wanted: dict[str, str] = {}
    for event_id, kept in first.items():
        if kept.headers["ce_type"] == "hutong.issue.IssueDispatched":
            for owner in (kept.body["lead"], *kept.body["co_owners"]):
                wanted[derived_id(event_id, "order", owner)] = f"dept-{owner}"
    ordered = firsts(orders)
    assert {event_id: kept.topic for event_id, kept in ordered.items()} == wanted
    for kept in ordered.values():
        cause = first[kept.body["head"]["causation_id"]]
        assert cause.appended <= kept.appended, "an order before its place in the log"
    return {"issues": len(log) - len(first), "orders": len(orders) - len(ordered)}


def firsts(records: list[Kept]) -> dict[str, Kept]:
    """The first copy by event id; every further copy must say the same, byte for byte."""
    found: dict[str, Kept] = {}
    for kept in records:
        copy = found.setdefault(kept.event_id, kept)
        assert (copy.value, copy.headers) == (kept.value, kept.headers)
    return found


def wait_done(places: Places, group: str, catalogue: TopicCatalogue, router: RouterProcess) -> None:
    wait_until(lambda: places.lag(group, catalogue.routed) == 0, 60, router.log_text)


def test_refuses_to_start_without_its_topics(bare_broker: str, tmp_path: Path) -> None:
    router = RouterProcess(bare_broker, "early", tmp_path)
    try:
        assert router.wait_end(30) == 2
        assert "`hutong topics create`" in router.log_text()
        assert "reports-grid" in router.log_text()
    finally:
        router.kill()


def test_a_new_group_begins_at_the_beginning(
    broker: str, places: Places, catalogue: TopicCatalogue, tmp_path: Path
) -> None:
    sent = reports(60)
    send_confirmed(broker, sent)
    group = unique_topic("router")
    router = RouterProcess(broker, group, tmp_path).wait_ready()
    try:
        wait_done(places, group, catalogue, router)
        assert router.terminate() == 0
    finally:
        router.kill()
    assert check_all(sent, places, catalogue) == {"issues": 0, "orders": 0}


def test_killed_twice_in_the_middle_it_loses_nothing_and_invents_nothing(
    broker: str, start: Start, places: Places, group: str, catalogue: TopicCatalogue
) -> None:
    sent = reports(2_000)
    for part in range(2):
        router = start().wait_ready()
        before = len(places.written("issues"))
        send_confirmed(broker, sent[part * 700 : part * 700 + 700])
        wait_until(lambda n=before: len(places.written("issues")) > n, 30, router.log_text)  # type: ignore[misc]
        router.kill()
    send_confirmed(broker, sent[1_400:])
    router = start().wait_ready()
    wait_done(places, group, catalogue, router)
    assert router.terminate() == 0
    check_all(sent, places, catalogue)


def test_f08_killed_at_every_point_it_loses_nothing(
    broker: str, start: Start, places: Places, group: str, catalogue: TopicCatalogue
) -> None:
    points = (
        "after-read",
        "after-route",
        "after-log-send",
        "after-log-confirmed",
        "after-orders-confirmed",
    )
    sent = reports(50 * len(points))
    for number, point in enumerate(points):
        send_confirmed(broker, sent[number * 50 : number * 50 + 50])
        assert start(HUTONG_FAILPOINT=f"{point}:2").wait_end(40) == -9
    router = start().wait_ready()
    wait_done(places, group, catalogue, router)
    check_all(sent, places, catalogue)


def test_two_routers_share_the_work_and_take_over_from_each_other(
    broker: str, start: Start, places: Places, group: str, catalogue: TopicCatalogue
) -> None:
    sent = reports(1_500)
    first = start().wait_ready()
    send_confirmed(broker, sent[:300])
    second = start()
    send_confirmed(broker, sent[300:600])  # while the group rebalances
    second.wait_ready()
    wait_until(lambda: _shares(first, second) == (True, True), 30, second.log_text)
    send_confirmed(broker, sent[600:900])
    assert first.terminate() == 0
    send_confirmed(broker, sent[900:1_200])
    third = start().wait_ready()
    send_confirmed(broker, sent[1_200:])
    second.kill()
    wait_done(places, group, catalogue, third)
    check_all(sent, places, catalogue)
    for router in (first, third):
        assert "TornError" not in router.log_text()


def _shares(*routers: RouterProcess) -> tuple[bool, ...]:
    counts = [router.probe("/readyz")[1].get("partitions", 0) for router in routers]
    return tuple(0 < count < 127 for count in counts)


def bad(number: int) -> OutRecord:
    return OutRecord("reports-app", b"key", b"no event %d" % number, {"ce_type": REPORT})


def test_a_bad_record_becomes_a_dead_letter_and_the_others_go_on(
    broker: str, start: Start, places: Places, group: str, catalogue: TopicCatalogue
) -> None:
    sent = reports(30)
    send_confirmed(broker, [*sent[:15], bad(1), *sent[15:]])
    router = start().wait_ready()
    wait_done(places, group, catalogue, router)

    [letter] = places.written("dead-letters")
    assert (letter.key, letter.value) == (b"key", b"no event 1")
    assert letter.headers["dl_topic"] == "reports-app"
    assert letter.headers["dl_reason"] == "bad-magic"
    assert letter.headers["ce_type"] == REPORT
    assert len(firsts(places.written("issues"))) == 60


def test_a_value_too_large_for_a_dead_letter_is_left_where_it_is(
    broker: str, start: Start, places: Places, group: str, catalogue: TopicCatalogue
) -> None:
    # The broker's limit is of what goes over the wire: compressed, a small record may be large.
    more = {"compression_type": "gzip", "message_max_bytes": 5_000_000}
    producer = Producer(producer_config(broker, **more))
    producer.produce("reports-app", key=b"k", value=b"\0" * 4_000_000)
    assert producer.flush(30) == 0
    router = start().wait_ready()
    wait_done(places, group, catalogue, router)
    [letter] = places.written("dead-letters")
    assert letter.value is None
    assert letter.headers["dl_left_out"].startswith("4000000 sha256:")


def test_row_75_nothing_but_dead_letters_stops_it_with_status_3(
    broker: str, start: Start, places: Places, group: str, catalogue: TopicCatalogue
) -> None:
    send_confirmed(broker, [bad(number) for number in range(150)])
    router = start(HUTONG_ROUTER_DEAD_LETTERS_IN_A_ROW="20")
    assert router.wait_end(30) == 3
    assert "TooManyDeadLettersError" in router.log_text()
    assert len(places.written("dead-letters")) <= 20
    assert places.lag(group, catalogue.routed) >= 130


def limit_size(broker: str, topic: str, size: int) -> None:
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient(client_config(broker))
    admin.incremental_alter_configs([resource])[resource].result(30)


def test_a_write_that_the_broker_refuses_stops_it_and_nothing_of_it_is_committed(
    broker: str, start: Start, places: Places, group: str, catalogue: TopicCatalogue
) -> None:
    """Stock Faust logs a failed send and commits all the same: events lost."""
    sent = [report(number * 3) for number in range(40)]  # all for one department
    limit_size(broker, "dept-urban-mgmt", 100)
    try:
        send_confirmed(broker, sent)
        router = start()
        assert router.wait_end(40) == 3
        assert "dept-urban-mgmt took no record" in router.log_text()
        assert places.lag(group, catalogue.routed) == len(sent)
    finally:
        limit_size(broker, "dept-urban-mgmt", 1_048_588)
    router = start().wait_ready()
    wait_done(places, group, catalogue, router)
    check_all(sent, places, catalogue)


def test_a_worker_that_cannot_join_its_group_is_not_healthy(start: Start) -> None:
    """Below the broker's least session timeout the join fails for good; Faust then sits idle."""
    router = start(HUTONG_ROUTER_SESSION_SECONDS="1", HUTONG_ROUTER_IDLE_SECONDS="4")
    wait_until(lambda: router.probe("/healthz")[0] == 200, 20, router.log_text)
    wait_until(lambda: router.probe("/healthz")[0] == 503, 20, router.log_text)
    assert router.probe("/healthz")[1]["troubles"] == ["no partitions are assigned"]
    assert router.probe("/readyz")[0] == 503
    assert router.process.poll() is None


def test_an_order_takes_little_time_on_its_way(
    broker: str, start: Start, places: Places, group: str, catalogue: TopicCatalogue
) -> None:
    router = start().wait_ready()
    send_confirmed(broker, reports(3))  # connections, first metadata
    wait_done(places, group, catalogue, router)
    for number in range(10):
        send_confirmed(broker, [report(number * 3)])
        time.sleep(0.1 + secrets.randbelow(50) / 1000)
    wait_done(places, group, catalogue, router)
    orders = places.written("dept-urban-mgmt", "dept-power-co")
    delays = [order.appended - int(order.headers["received"]) for order in orders]
    assert len(delays) >= 10
    assert sorted(delays)[len(delays) // 2] < 200, delays
