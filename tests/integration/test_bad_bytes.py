"""Bad records on a real broker: parked by a real router, explained by the command, or a stop."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)
from hutong_router.outlet import DeliveryError, Outlet
from hutong_router.records import Outgoing
from typer.testing import CliRunner

from hutong.city import load_city
from hutong.cli.main import build_app
from hutong.events.codec import default_codec
from hutong.events.deadletter import NAMES
from hutong.events.ids import new_id
from hutong.events.topics import load_topics
from hutong.kafka import client_config, producer_config
from hutong.readmodels.issue_timeline.queries import of_issue
from hutong.store import connect, migrate
from tests.fixtures.city_broker import city_broker
from tests.fixtures.names import unique_topic
from tests.fixtures.projectors import Place
from tests.fixtures.raw_names import raw_name, write_raw_names
from tests.fixtures.router_process import Places, RouterProcess, wait_until

pytestmark = pytest.mark.kafka

REPORT = "hutong.issue.IssueReported"
TYPE = ("ce_type", REPORT.encode())
CATALOGUE = load_topics(load_city(None).departments)
Headers = tuple[tuple[str, bytes | None], ...]
#: Key, value and headers whose names are any bytes.
Raw = tuple[bytes, bytes, tuple[tuple[bytes, bytes | None], ...]]
Start = Callable[..., RouterProcess]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of this module's own with all topics: the router reads them by their real names."""
    with city_broker(tmp_path_factory.mktemp("bad-bytes")) as kafka:
        yield kafka


@pytest.fixture
def places(broker: str) -> Places:
    return Places(broker, CATALOGUE)


@pytest.fixture
def group(places: Places) -> str:
    name = unique_topic("router")
    places.start_group(name, CATALOGUE.routed)
    return name


@pytest.fixture
def start(broker: str, group: str, tmp_path: Path) -> Iterator[Start]:
    started: list[RouterProcess] = []

    def begin(**environment: str) -> RouterProcess:
        started.append(RouterProcess(broker, group, tmp_path, **environment))
        return started[-1]

    yield begin
    for router in started:
        router.kill()


def example(**changes: Any) -> dict[str, Any]:
    """A report with an id of its own."""
    file = files("hutong_schemas") / "examples" / "issue" / "IssueReported" / "1.json"
    body: dict[str, Any] = json.loads(file.read_text("utf-8"))
    issue_id = new_id()
    return body | {"head": body["head"] | {"event_id": issue_id, "issue_id": issue_id}} | changes


def key_of(body: dict[str, Any]) -> bytes:
    key: str = body["head"]["issue_id"]
    return key.encode()


def encoded(body: dict[str, Any]) -> bytes:
    return default_codec().encode_body(REPORT, body)


def send(
    kafka: str,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: Headers = (TYPE,),
    **config: Any,
) -> None:
    producer = Producer(producer_config(kafka, **config))
    failed: list[object] = []
    producer.produce(
        topic,
        key=key,
        value=value,
        headers=list(headers),
        on_delivery=lambda error, _: failed.append(error) if error else None,
    )
    assert producer.flush(30) == 0
    assert failed == []


def wait_done(places: Places, group: str, router: RouterProcess) -> None:
    wait_until(lambda: places.lag(group, CATALOGUE.routed) == 0, 60, router.log_text)


@pytest.fixture
def command(broker: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """`hutong …` on this broker: exit status and output."""
    monkeypatch.setenv("HUTONG_KAFKA", broker)

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(build_app(), list(arguments), env={"COLUMNS": "200"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return run


def test_bad_records_are_parked_and_explained_and_the_others_go_on(
    broker: str,
    start: Start,
    places: Places,
    group: str,
    command: Callable[..., tuple[int, str]],
) -> None:
    good, again = example(), example()
    reporter = {"key": "local-1", "box": "sealed" * 18}
    unnamed = example(reporter=reporter)
    key = key_of(unnamed)
    bad: list[tuple[str, str, bytes | None, bytes | None, Headers]] = [
        ("no-value", "reports-hotline", key, None, (TYPE,)),  # row 46
        ("no-key", "reports-hotline", None, encoded(unnamed), (TYPE,)),  # row 47
        ("no-key", "reports-hotline", b"", encoded(unnamed), (TYPE,)),
        ("wrong-key", "reports-hotline", key_of(good), encoded(unnamed), (TYPE,)),
        ("bad-magic", "reports-hotline", key, b'{"subject": "x"}', (TYPE,)),  # row 49
        ("unknown-schema", "reports-hotline", key, b"\x00\x00\x00\x27\x0fbody", (TYPE,)),  # row 51
        ("bad-body", "reports-hotline", key, encoded(unnamed)[:-4], (TYPE,)),  # row 54
        ("no-type", "reports-hotline", key, encoded(unnamed), ()),  # row 77
        ("bad-headers", "reports-hotline", key, encoded(unnamed), (TYPE, TYPE)),
        ("bad-headers", "reports-hotline", key, encoded(unnamed), (TYPE, ("x", b"\xff"))),
        ("not-allowed", "desk", key, encoded(unnamed), (TYPE,)),  # row 79
        ("wrong-channel", "reports-app", key, encoded(unnamed), (TYPE,)),
    ]
    send(broker, "reports-hotline", key_of(good), encoded(good))
    for _, topic, key_, value, headers in bad:
        send(broker, topic, key_, value, headers)
    send(broker, "reports-hotline", key_of(again), encoded(again))
    router = start().wait_ready()
    wait_done(places, group, router)

    log = places.written("issues")
    assert {kept.key for kept in log} == {key_of(good), key_of(again)}
    letters = places.written("dead-letters")
    found = [(kept.headers["dl_reason"], kept.headers["dl_topic"]) for kept in letters]
    assert sorted(found) == sorted((reason, topic) for reason, topic, *_ in bad)
    assert sorted(kept.value or b"" for kept in letters) == sorted(v or b"" for *_, v, _ in bad)
    assert sorted(kept.key or b"" for kept in letters) == sorted(k or b"" for _, _, k, *_ in bad)
    assert router.log_text().count("security: dead letter") == 2

    status, output = command("dead-letters", "list", "--json")
    assert status == 0
    listed = [json.loads(line) for line in output.splitlines()]
    assert sorted((each["reason"], each["topic"]) for each in listed[-len(bad) :]) == sorted(found)
    assert {"zh", "en"} <= listed[0]["what"].keys()

    status, output = command("dead-letters", "list", "--reason", "not-allowed", "--since", "1h")
    assert (status, output.count("not-allowed")) == (0, 2)  # one line, one count
    assert "desk/0/" in output
    assert "bad-magic" not in output
    assert (
        command("dead-letters", "list", "--topic", "reports-grid")[1]
        == "没有死信 no dead letters\n"
    )

    [allowed] = [each for each in listed if each["reason"] == "not-allowed"]
    assert (allowed["writer"], allowed["body"]["reporter"]["box"]) == ("desk", "***")
    for place in (allowed["place"], allowed["place"].removeprefix("0/")):
        status, output = command("dead-letters", "show", place)
        assert status == 0
        assert "写入方 writer    desk" in output
        assert "Events of this type may not be on this topic." in output
        assert REPORT in output
        assert "王小明" not in output
    [cut] = [each for each in listed if each["reason"] == "bad-body"]
    status, output = command("dead-letters", "show", cut["place"])
    assert "00000000  00 00 00 00 " in output


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("show", "0/99999"), 1, "dead-letters holds "),
        (("show", "7/0"), 1, "no 7/0"),
        (("show", "elsewhere"), 2, "0/17 is partition 0, offset 17"),
        (("list", "--since", "yesterday"), 2, "say 30m, 2h, 7d or"),
    ],
)
def test_places_and_times_that_are_none(
    command: Callable[..., tuple[int, str]], arguments: tuple[str, ...], status: int, says: str
) -> None:
    found, output = command("dead-letters", *arguments)
    assert (found, says in output) == (status, True)


def limit(kafka: str, topic: str, most: str | None) -> None:
    """Set a topic's max.message.bytes, or give it back its default."""
    operation = AlterConfigOpType.DELETE if most is None else AlterConfigOpType.SET
    entry = ConfigEntry("max.message.bytes", most or "", incremental_operation=operation)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient(client_config(kafka))  # kept: its end would end the request
    [done] = admin.incremental_alter_configs([resource]).values()
    done.result(30)


def test_row_76_dead_letters_takes_nothing(
    broker: str, start: Start, places: Places, group: str
) -> None:
    """A `dead-letters` topic that refuses every record."""
    good = example()
    send(broker, "reports-hotline", b"key", b"no event")
    send(broker, "reports-hotline", b"key", b"no event either")
    limit(broker, "dead-letters", "10")
    try:
        router = start()
        assert router.wait_end(40) == 3
        assert "dead-letters took no record" in router.log_text()
        assert places.lag(group, CATALOGUE.routed) == 2
    finally:
        limit(broker, "dead-letters", None)
    send(broker, "reports-hotline", key_of(good), encoded(good))
    router = start().wait_ready()
    wait_done(places, group, router)
    assert len(places.written("dead-letters")) == 2
    assert {kept.key for kept in places.written("issues")} == {key_of(good)}


def test_row_67_a_broker_that_takes_less_than_we_send(
    broker: str, make_small: Callable[[], str]
) -> None:
    """A record over the broker's `max.message.bytes`, sent by a program of ours.

    Gets: an error at once that names the topic and says that it is too large; nothing is retried
    for ever. The router then stops: its own limits should have kept it smaller.
    """
    topic = make_small()
    outlet = Outlet(broker)
    started = time.monotonic()

    def put(value: bytes) -> None:
        confirmed: list[bool] = []
        outlet.send([Outgoing(topic, b"k", value, ())], lambda: confirmed.append(True))
        while not confirmed and time.monotonic() < started + 20:
            outlet.poll(0.1)

    put(b"small")
    with pytest.raises(DeliveryError, match=f"{topic} took no record: .*too large"):
        put(b"x" * 5_000)
    with pytest.raises(DeliveryError, match=f"{topic} cannot take a record: .*too large"):
        put(b"x" * 1_100_000)
    assert time.monotonic() < started + 10


@pytest.fixture
def make_small(broker: str) -> Callable[[], str]:
    """Make a topic that takes 2,000 bytes a record."""

    def make() -> str:
        name = unique_topic("small")
        topic = NewTopic(name, 1, config={"max.message.bytes": "2000"})
        admin = AdminClient(client_config(broker))
        admin.create_topics([topic])[name].result(30)
        return name

    return make


@pytest.mark.postgres
def test_row_69_a_repeat_and_a_forgery_through_router_and_projections(
    broker: str, start: Start, places: Places, group: str, fresh_database: str, tmp_path: Path
) -> None:
    """The same through a real router and projector: an honest repeat, then other words."""
    body = example()
    forged = body | {"subject": "井盖丢了", "body": "井盖丢了，危险。"}
    for each in (body, body, forged):
        send(broker, "reports-hotline", key_of(body), encoded(each))
    router = start().wait_ready()
    wait_done(places, group, router)
    assert len(places.written("issues")) == 6

    migrate(fresh_database)
    logs = tmp_path / "logs"
    logs.mkdir()
    place = Place(broker, "issues", fresh_database, unique_topic("projections"), logs)
    issue_id = body["head"]["issue_id"]
    with place.projector(), connect(fresh_database, autocommit=True) as connection:
        wait_until(
            lambda: any(e.reason == "altered-repeat" for e in of_issue(connection, issue_id)),
            60,
            place.said,
        )
        entries = of_issue(connection, issue_id)
    assert [entry.verdict for entry in entries[:3]] == ["applied", "applied", "refused"]
    assert entries[2].reason == "altered-repeat"
    assert all(entry.data["subject"] != "井盖丢了" for entry in entries[:1])
    [alert] = [line for line in place.said().splitlines() if "security: another event" in line]
    assert issue_id in alert
    assert "井盖" not in alert


async def _send_raw(kafka: str, topic: str, records: Sequence[Raw], **config: Any) -> None:
    """Send records to one partition in one batch, with names of headers that are any bytes."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=500, **config)
    await producer.start()
    try:
        sent = [
            await producer.send(
                topic,
                value,
                key=key,
                partition=0,
                headers=[(raw_name(name), told) for name, told in headers],
            )
            for key, value, headers in records
        ]
        places = await asyncio.gather(*sent)
        assert places[-1].offset - places[0].offset == len(records) - 1
    finally:
        await producer.stop()


@pytest.mark.parametrize("codec", [None, "gzip"])
def test_row_77_a_header_whose_name_is_no_utf_8(
    broker: str,
    start: Start,
    places: Places,
    group: str,
    command: Callable[..., tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
    codec: str | None,
) -> None:
    """A header whose name is no UTF-8, as only a program in C can write it.

    Gets: dead letter `bad-headers` with key, value and headers, the name percent-encoded behind
    `dl_name:`; the records before and after it go on.
    """
    first, odd, last = example(), example(), example()
    type_ = (b"ce_type", REPORT.encode())
    write_raw_names(monkeypatch)
    raw: list[Raw] = [
        (key_of(first), encoded(first), (type_,)),
        (key_of(odd), encoded(odd), (type_, (b"caf\xe9", b"\xff"), (b"a\x00b", None))),
        (b"\xff", b"\xff", ((b"\xff\xfe", b"y"),)),
        (key_of(last), encoded(last), (type_,)),
    ]
    asyncio.run(_send_raw(broker, "reports-hotline", raw, compression_type=codec))
    # A promotion that nobody can read is none, and stops nobody who reads `city`.
    asyncio.run(_send_raw(broker, "city", [(b"pack", b"x", ((b"\xff", b"y"),))]))
    router = start().wait_ready()
    wait_done(places, group, router)
    assert router.process.poll() is None

    assert {kept.key for kept in places.written("issues")} == {key_of(first), key_of(last)}
    letters = places.written("dead-letters")
    assert [(kept.key, kept.value) for kept in letters] == [raw[1][:2], raw[2][:2]]
    assert [kept.headers["dl_reason"] for kept in letters] == ["bad-headers"] * 2
    assert [list(kept.headers)[len(NAMES) :] for kept in letters] == [
        ["ce_type", "dl_name:caf%E9", "dl_name:a%00b"],
        ["dl_name:%FF%FE"],
    ]
    status, output = command("dead-letters", "list", "--json", "--limit", "2")
    assert status == 0
    [_, listed] = [json.loads(line) for line in output.splitlines()]
    assert listed["headers"] == [["dl_name:%FF%FE", "y"]]
    assert r"'\udcff\udcfe' is not UTF-8" in listed["detail"]
    status, output = command("dead-letters", "show", listed["place"])
    assert (status, "dl_name:%FF%FE: y" in output) == (0, True)


def test_a_dead_letter_of_very_many_tiny_headers_is_one_that_the_broker_takes(
    broker: str, start: Start, places: Places, group: str
) -> None:
    """Given a record as large as its topic takes one, most of it lengths of headers."""
    good = example()
    headers = (("x", b"y"),) * 24_300
    send(broker, "reports-hotline", b"k", b"{" * 951_200, headers, message_max_bytes=1_200_000)
    send(broker, "reports-hotline", key_of(good), encoded(good))
    router = start().wait_ready()
    wait_done(places, group, router)
    [letter] = places.written("dead-letters")
    assert letter.headers["dl_left_out"].startswith("951200 sha256:")
    assert {kept.key for kept in places.written("issues")} == {key_of(good)}


def test_a_sender_may_compress_as_it_likes(
    broker: str, start: Start, places: Places, group: str
) -> None:
    """Given reports compressed in each way that Kafka knows, then the router takes them all."""
    sent = {codec: example() for codec in ("gzip", "snappy", "lz4", "zstd")}
    for codec, body in sent.items():
        send(broker, "reports-app", key_of(body), encoded(body | {"channel": "app"}),
             compression_type=codec)  # fmt: skip
    router = start().wait_ready()
    wait_done(places, group, router)
    assert router.process.poll() is None
    assert {kept.key for kept in places.written("issues")} == {key_of(b) for b in sent.values()}
