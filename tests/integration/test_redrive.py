"""Dead letters sent again on a real broker, through a real router and projector."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from hutong_router.deadletter import dead_letter_record
from hutong_router.records import DeadLetter, Fault, InputRecord
from typer.testing import CliRunner

from hutong.city import load_city
from hutong.cli.main import build_app
from hutong.deadletters.redrive import send as send_again
from hutong.deadletters.topic import all_letters
from hutong.events.codec import default_codec
from hutong.events.ids import new_id
from hutong.events.topics import REDRIVEN, load_topics
from hutong.kafka import producer_config
from hutong.readmodels.issue_timeline.queries import of_issue
from hutong.store import connect, migrate
from tests.fixtures.city_broker import city_broker
from tests.fixtures.names import unique_topic
from tests.fixtures.projectors import Place
from tests.fixtures.router_process import Kept, Places, RouterProcess, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

CATALOGUE = load_topics(load_city(None).departments)
REPORT = "hutong.issue.IssueReported"
TYPE = ("ce_type", REPORT.encode())
TOPIC = "reports-hotline"
#: Ends as kill -9 does when the broker has confirmed the first: before anything else can happen.
KILLED = """
import os, signal
from hutong.deadletters import redrive
send = redrive.send
redrive.send = lambda kafka, letters, **_: send(
    kafka, letters[:1], on_sent=lambda _: os.kill(os.getpid(), signal.SIGKILL)
)
from hutong.cli.main import main
import sys
sys.argv = ["hutong", "dead-letters", "redrive", "--all"]
main()
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of this module's own with all topics: the router reads them by their real names."""
    with city_broker(tmp_path_factory.mktemp("redrive")) as kafka:
        yield kafka


Command = Callable[..., dict[str, Any]]


@pytest.fixture
def redrive(broker: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`hutong dead-letters redrive … --json` on this broker: what it says."""
    monkeypatch.setenv("HUTONG_KAFKA", broker)

    def run(*arguments: str) -> dict[str, Any]:
        result = CliRunner().invoke(build_app(), ["dead-letters", "redrive", *arguments, "--json"])
        assert result.exit_code == 0, result.output
        told: dict[str, Any] = json.loads(result.output)
        return told

    return run


def report() -> tuple[bytes, bytes]:
    """Key and value of a report with an id of its own."""
    file = files("hutong_schemas") / "examples" / "issue" / "IssueReported" / "1.json"
    body: dict[str, Any] = json.loads(file.read_text("utf-8"))
    issue_id = new_id()
    body |= {"head": body["head"] | {"event_id": issue_id, "issue_id": issue_id}}
    return issue_id.encode(), default_codec().encode_body(REPORT, body)


def write(kafka: str, topic: str, key: bytes | None, value: bytes | None, *headers: Any) -> None:
    producer = Producer(producer_config(kafka))
    producer.produce(topic, key=key, value=value, headers=list(headers))
    assert producer.flush(30) == 0


def bury(kafka: str, kept: Kept) -> None:
    """As a router did that did not know the schema yet."""
    given = InputRecord(
        kept.topic, kept.partition, kept.offset, kept.appended, kept.key, kept.value, (TYPE,)
    )
    out = dead_letter_record(given, DeadLetter(Fault.UNKNOWN_SCHEMA, "an older router"), "0.0.9")
    write(kafka, out.topic, out.key, out.value, *out.headers)


def test_each_goes_in_once_with_the_time_at_which_it_was_received(
    broker: str, redrive: Command, fresh_database: str, tmp_path: Path
) -> None:
    places = Places(broker, CATALOGUE)
    first, second = report(), report()
    for key, value in (first, second, (first[0], b'{"subject": "x"}')):
        write(broker, TOPIC, key, value, TYPE)
    inputs = places.written(TOPIC)
    for kept in (*inputs, inputs[0]):  # a chunk that was read twice is buried twice
        bury(broker, kept)
    group = unique_topic("router")
    places.start_group(group, CATALOGUE.routed)  # the router has been past them

    tried = redrive("--all", "--dry-run")
    assert (len(tried["send"]), len(tried["done"])) == (3, 1)
    assert places.written(REDRIVEN) == []

    killed = subprocess.run([sys.executable, "-c", KILLED], env=dict(os.environ), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(places.written(REDRIVEN)) == 1
    assert len(redrive("--reason", "unknown-schema", "--topic", TOPIC)["send"]) == 2
    assert len(redrive("--all")["done"]) == 4
    assert len(places.written(REDRIVEN)) == 3

    # Two people at the same moment: the only way to a double.
    double = next(letter for letter in all_letters(broker) if letter.value == first[1])
    send_again(broker, [double])

    router = RouterProcess(broker, group, tmp_path)
    logs = tmp_path / "logs"
    logs.mkdir()
    migrate(fresh_database)
    projections = Place(broker, "issues", fresh_database, unique_topic("projections"), logs)
    try:
        router.wait_ready()
        wait_until(lambda: places.lag(group, CATALOGUE.routed) == 0, 60, router.log_text)
        log = places.written("issues")
        by_key = {kept.key: kept for kept in inputs if kept.value != b'{"subject": "x"}'}
        assert {kept.key for kept in log} == {first[0], second[0]}
        for kept in log:
            was = by_key[kept.key]
            assert kept.headers["received"] == str(was.appended)
            assert kept.headers["source"] == f"{TOPIC}/{was.partition}/{was.offset}"
            assert kept.headers["redriven"].startswith("redriven/0/")
        assert {kept.headers["principal"] for kept in log} == {"channel:hotline", "router"}

        # What is still wrong came back, marked, at its own place; it is not taken again by itself.
        [back] = [k for k in places.written("dead-letters") if k.headers["dl_redriven"]]
        assert (back.headers["dl_reason"], back.headers["dl_topic"]) == ("bad-magic", TOPIC)
        told = redrive("--all")
        assert (told["send"], len(told["back"])) == ([], 1)
        assert redrive("--all", "--again")["send"] == [f"0/{back.offset}"]
        assert redrive("--all")["send"] == []

        with projections.projector(), connect(fresh_database, autocommit=True) as connection:
            projections.wait(4)
            for key, _ in (first, second):
                entries = of_issue(connection, key.decode())
                assert [entry.verdict for entry in entries] == ["applied", "applied"]
                assert entries[0].received_at == by_key[key].appended
    finally:
        router.kill()

    receipt_place = by_key[first[0]]
    traced = CliRunner().invoke(build_app(), ["replay", "trace", first[0].decode(), "--json"])
    assert traced.exit_code == 0, traced.output
    links = json.loads(traced.output)
    assert [link["verdict"] for link in links] == ["applied", "applied", "repeat", "repeat"]
    assert all(link["redriven"].startswith("redriven/0/") for link in links)
    assert links[0]["received_at"] == receipt_place.appended
    assert links[0]["recorded_at"] > receipt_place.appended
    shown = CliRunner().invoke(build_app(), ["replay", "trace", first[0].decode()])
    assert "redriven/0/" in shown.output
    assert ": it was a dead letter at first" in shown.output


def test_a_record_of_another_hand_in_redriven_stops_nothing(
    broker: str, redrive: Command, tmp_path: Path
) -> None:
    places = Places(broker, CATALOGUE)
    group = unique_topic("router")
    places.start_group(group, CATALOGUE.routed)
    key, value = report()
    write(broker, REDRIVEN, key, value, TYPE)
    router = RouterProcess(broker, group, tmp_path)
    try:
        router.wait_ready()
        wait_until(lambda: places.lag(group, CATALOGUE.routed) == 0, 60, router.log_text)
    finally:
        router.kill()
    [letter] = places.written("dead-letters")
    assert (letter.headers["dl_reason"], letter.headers["dl_topic"]) == ("bad-redrive", REDRIVEN)
    assert places.written("issues") == []
    assert redrive("--reason", "bad-redrive")["hopeless"] == [f"0/{letter.offset}"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((), "say which"), (("elsewhere",), "is no place"), (("0/99999",), "no such dead letter")],
)
def test_nothing_chosen(
    broker: str, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.setenv("HUTONG_KAFKA", broker)
    result = CliRunner().invoke(build_app(), ["dead-letters", "redrive", *arguments])
    assert (result.exit_code, says in result.output) == (2, True)
