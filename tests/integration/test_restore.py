"""The drill: a city is filled, kept in an archive, wiped, and brought back. Real processes only."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Producer

from hutong.circular.making import make_edition
from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.events.headers import RESTORED
from hutong.events.ids import new_id
from hutong.events.topics import CITY, DEAD_LETTERS, ISSUES, REDRIVEN, load_topics
from hutong.kafka import producer_config
from hutong.kafka.admin import create_topics
from hutong.kafka.lag import topic_ends
from hutong.local.errors import LocalStackError
from hutong.local.stack import Stack
from hutong.media.folder import FolderStore
from hutong.readmodels.periods import Period
from hutong.replay.archive import Archive
from hutong.store import connect, migrate
from tests.fixtures.commands import run_cli
from tests.fixtures.histories import START, append, interleaved, sent_on, whole_life
from tests.fixtures.names import unique_topic
from tests.fixtures.projectors import Place
from tests.fixtures.router_process import Places, RouterProcess, wait_until
from tests.fixtures.rules import promote_default
from tests.fixtures.sources import missing

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

CATALOGUE = load_topics(load_city(None).departments)
REPORT = "hutong.issue.IssueReported"
TOPIC = "reports-hotline"
PHOTO = b"\xff\xd8\xff a photo"
PHOTO_NAME = hashlib.sha256(PHOTO).hexdigest()
MARGIN = 50
WEEK = Period.week_of(datetime.fromtimestamp(START / 1000, UTC).date())


@pytest.fixture
def new_broker(tmp_path: Path) -> Iterator[Callable[[], Stack]]:
    """Make a broker with nothing on it; the one before it is wiped."""
    stacks: list[Stack] = []

    def make() -> Stack:
        for old in stacks:
            old.stop()
            shutil.rmtree(old.data)
        stack = Stack(tmp_path / f"broker-{len(stacks)}", only=("kafka",))
        try:
            stack.start()
        except LocalStackError as error:
            missing("Kafka broker of its own", "hutong[local]", error)
        stacks[:] = [stack]
        return stack

    yield make
    for stack in stacks:
        stack.stop()


def report(kafka: str, *, good: bool = True) -> str:
    """Send one; its issue id."""
    file = files("hutong_schemas") / "examples" / "issue" / "IssueReported" / "1.json"
    body: dict[str, Any] = json.loads(file.read_text("utf-8"))
    issue_id = new_id()
    body |= {"head": body["head"] | {"event_id": issue_id, "issue_id": issue_id}}
    value = default_codec().encode_body(REPORT, body) if good else b"{}"
    producer = Producer(producer_config(kafka))
    producer.produce(TOPIC, key=issue_id, value=value, headers=[("ce_type", REPORT.encode())])
    assert producer.flush(30) == 0
    return issue_id


def routed(kafka: str, folder: Path, count: int) -> list[str]:
    """So many reports through a real router, and one that becomes a dead letter."""
    places, group = Places(kafka, CATALOGUE), unique_topic("router")
    issues = [report(kafka) for _ in range(count)]
    report(kafka, good=False)
    router = RouterProcess(kafka, group, folder)
    try:
        router.wait_ready()
        # Not by its lag: it commits nothing where there is nothing to read.
        wanted = 2 * count + 1
        wait_until(lambda: len(places.written(ISSUES, DEAD_LETTERS)) == wanted, 60, router.log_text)
    finally:
        router.kill()
    return issues


class Kept:
    """All of a city that must be the same afterwards."""

    def __init__(self, place: Place, issue_id: str, at: int, folder: Path) -> None:
        def ask(*arguments: str) -> str:
            code, output, said = run_cli("replay", *arguments, environment=place.environment())
            assert code == 0, said
            return output

        ask("verify")
        ask("dump", str(folder))
        self.dump = {file.name: file.read_bytes() for file in folder.iterdir()}
        self.trace = ask("trace", issue_id, "--json")
        with connect(place.url) as connection:
            self.circular = make_edition(connection, load_city(), WEEK, at).to_text()


def test_a_wiped_city_comes_back_as_it_was(
    new_broker: Callable[[], Stack], fresh_database: str, tmp_path: Path
) -> None:
    at = time.time_ns() // 1_000_000
    kafka = new_broker().kafka
    create_topics(kafka, CATALOGUE)
    promote_default(kafka)
    ids = routed(kafka, tmp_path, 12)
    lives = [whole_life(n) for n in range(100, 120)] + [sent_on(n) for n in range(130, 136)]
    append(kafka, ISSUES, interleaved(lives))
    media = tmp_path / "media"
    FolderStore(media).put(PHOTO_NAME, PHOTO)
    count = 12 * 2 + 20 * 6 + 6 * 5
    logs = tmp_path / "logs"
    logs.mkdir()
    migrate(fresh_database)
    place = Place(kafka, ISSUES, fresh_database, unique_topic("projections"), logs, CITY)
    with place.projector():
        place.wait(count)
    before = Kept(place, ids[0], at, tmp_path / "dump-before")
    archive = tmp_path / "kept"
    environment = place.environment(HUTONG_MEDIA_DIR=str(media))
    code, _, said = run_cli("replay", "export", str(archive), environment=environment)
    assert code == 0, said
    ends = topic_ends(kafka, [TOPIC, ISSUES, CITY, DEAD_LETTERS, "reports-app", REDRIVEN])

    # Wiped: broker, read models, photos.
    kafka = new_broker().kafka
    shutil.rmtree(media)
    with connect(fresh_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA hutong CASCADE")
    migrate(fresh_database)

    restore = ("restore", str(archive), "--margin", str(MARGIN))
    environment = {"HUTONG_KAFKA": kafka}
    code, _, said = run_cli(*restore, environment=environment)
    assert (code, "holds 1 photos: set HUTONG_MEDIA_DIR" in said) == (2, True), said
    environment["HUTONG_MEDIA_DIR"] = str(media)
    code, output, said = run_cli(*restore, environment=environment)
    assert code == 0, said
    assert "and 1 photos are back" in output
    code, _, said = run_cli(*restore, environment=environment)
    assert (code, "a city is restored into empty topics only" in said) == (2, True), said

    place = Place(kafka, ISSUES, fresh_database, unique_topic("projections"), logs, CITY)
    with place.projector():
        place.wait(count)
    after = Kept(place, ids[0], at, tmp_path / "dump-after")
    assert after.trace == before.trace
    assert after.circular == before.circular
    assert after.dump == before.dump
    assert FolderStore(media).get(PHOTO_NAME) == PHOTO
    again = tmp_path / "kept-again"
    environment = place.environment(HUTONG_MEDIA_DIR=str(media))
    assert run_cli("replay", "export", str(again), environment=environment)[0] == 0
    assert _records(again) == _records(archive)

    # Life goes on: no place is given out twice, and what is new is in append time again.
    restored = topic_ends(kafka, list({topic for topic, _ in ends}))
    for (topic, partition), (_, end) in ends.items():
        kept_whole = topic in (ISSUES, CITY, DEAD_LETTERS)
        assert restored[topic, partition][1] >= end + (0 if kept_whole else MARGIN)
    [late] = routed(kafka, tmp_path, 1)
    with place.projector():
        place.wait(count + 2)
    code, output, said = run_cli("replay", "trace", late, "--json", environment=place.environment())
    assert code == 0, said
    [first, answer] = json.loads(output)
    assert (first["verdict"], answer["verdict"]) == ("applied", "applied")
    topic, partition, offset = first["source"].split("/")
    assert int(offset) >= ends[topic, int(partition)][1] + MARGIN
    assert run_cli("replay", "verify", environment=place.environment())[0] == 0
    last = tmp_path / "kept-last"
    assert run_cli("replay", "export", str(last), environment=environment)[0] == 0
    stamps = [kept.stamp for kept in Archive.open(last, default_codec()).records(ISSUES)]
    assert stamps.count(TIMESTAMP_LOG_APPEND_TIME) == 2


def test_what_cannot_be_restored_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    environment = {"HUTONG_KAFKA": "127.0.0.1:1"}
    code, _, said = run_cli("restore", str(tmp_path / "no"), environment=environment)
    assert (code, "is it an archive?" in said) == (1, True), said


def _records(folder: Path) -> list[tuple[Any, ...]]:
    """All that a record is, but for Kafka's word for its time and the mark of a restored one."""
    archive = Archive.open(folder, default_codec())
    return [
        (topic, kept.partition, kept.offset, kept.timestamp, kept.key, kept.value,
         [header for header in kept.headers if header[0] != RESTORED])
        for topic in (ISSUES, CITY, DEAD_LETTERS)
        for kept in archive.records(topic)
    ]  # fmt: skip
