"""FAULTS.md rows 81 to 89 on a real log: what a replay refuses, and that its result is one."""

from __future__ import annotations

import functools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import confluent_kafka
import pytest
from confluent_kafka import Producer
from psycopg.errors import UndefinedTable

from hutong.city import load_city
from hutong.cli.replay_source import opened_source
from hutong.events.codec import default_codec
from hutong.kafka import producer_config
from hutong.kafka.lag import topic_ends
from hutong.readmodels import Ground, all_models
from hutong.replay.copy import How
from hutong.replay.dump import dump_log
from hutong.replay.log import Replayer
from hutong.replay.progress import Progress
from hutong.replay.rebuild import rebuild as make_anew
from hutong.replay.staging import made_of, make_staging
from hutong.replay.workers import WorkerFailedError, fold_in_processes
from hutong.store import Connection, connect, migrate
from tests.fixtures.commands import run_cli
from tests.fixtures.histories import append, headers_for, interleaved, sent_on, whole_life
from tests.fixtures.names import unique_topic
from tests.fixtures.projectors import Place
from tests.fixtures.small_disk import small_disk
from tests.fixtures.tables import live_outbox, live_tables

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

#: More than two batches of a replay, so that it can be stopped between them, and than one, so that
#: it is worth a second process.
LIVES = 4_500


@pytest.fixture(scope="module")
def long_log(kafka: str, make_topic: Callable[..., str]) -> str:
    """27,000 records in three partitions."""
    name = make_topic("issues", 3)
    append(kafka, name, interleaved(whole_life(number) for number in range(LIVES)))
    return name


@pytest.fixture(scope="module")
def short_log(kafka: str, make_topic: Callable[..., str]) -> str:
    """A few lives, some of them sent on, with sums that several partitions add to."""
    name = make_topic("issues", 3)
    lives = [whole_life(number) for number in range(40)] + [sent_on(n) for n in range(50, 60)]
    append(kafka, name, interleaved(lives))
    return name


@pytest.fixture
def place(kafka: str, short_log: str, fresh_database: str, tmp_path: Path) -> Place:
    migrate(fresh_database)
    return Place(kafka, short_log, fresh_database, unique_topic("group"), tmp_path)


@pytest.fixture
def long_place(place: Place, long_log: str) -> Place:
    place.topic = long_log
    return place


def run(place: Place, *arguments: str, **more: str) -> tuple[int, str, str]:
    return run_cli("replay", *arguments, environment=place.environment(**more))


def dumped(place: Place, name: str, *arguments: str, **more: str) -> dict[str, bytes]:
    """File -> content of a dump that succeeded."""
    folder = place.logs / name
    code, output, said = run(place, "dump", str(folder), *arguments, **more)
    assert code == 0, said
    assert "manifest.json" in output
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_row_81_ends_that_the_log_does_not_have_are_refused_with_those_it_has(
    place: Place,
) -> None:
    """Ends for `replay dump` that the log does not have: beyond it, below 0, empty, no offsets.

    Gets: exit code 2, the offsets that may be named, and no folder.

    Why: There is no `--from` here: a fold begins at 0, else its states would be wrong.
    """
    ends = Replayer(place.kafka, place.topic, default_codec()).ends()
    valid = ", ".join(f"{p}:0 to {p}:{end}" for p, end in sorted(ends.items()))
    for wrong, why in {
        f"0:{ends[0] + 1}": valid,
        "0:-1": valid,
        "7:1": f"no partition 7: there are {valid}",
        "0:0,1:0": f"an empty range: the log has {valid}",
        "0:1,0:2": "names a partition twice",
        "yesterday": "wants PARTITION:OFFSET pairs",
    }.items():
        code, _, said = run(place, "dump", str(place.logs / "no"), "--rebuilt", "--to", wrong)
        assert (code, why in said) == (2, True), (wrong, said)
    code, _, said = run(place, "dump", str(place.logs / "no"), "--to", "0:1")
    assert (code, "say --rebuilt too" in said) == (2, True)
    assert not list(place.logs.glob("no*"))


def test_row_83_a_replay_sends_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild of a log whose events once went to departments, reporters and other topics.

    Gets: nothing is sent: no producer is made, no order waits in the outbox, no topic grows and
    no offset is committed. What follows from a step is made by the live projector alone.
    """
    with place.projector():
        place.wait(40 * 6 + 10 * 5)
    with connect(place.url) as connection:
        waiting = live_outbox(connection)
        assert waiting, "the live projector has orders of the desk to send"
    before = topic_ends(place.kafka, [place.topic])

    def refuse(*_: object) -> None:
        raise AssertionError("a replay made a producer")

    monkeypatch.setattr(confluent_kafka, "Producer", refuse)
    ground = Ground.of(load_city())
    replayer = Replayer(place.kafka, place.topic, default_codec())
    report = make_anew(place.url, replayer, lambda: ground)
    assert report.swapped
    dump_log(place.url, replayer, lambda: ground, place.logs / "dump", how=How())
    replayer.close()
    with connect(place.url) as connection:
        assert live_outbox(connection) == waiting
    assert topic_ends(place.kafka, [place.topic]) == before


def test_row_84_the_end_is_fixed_at_the_start(
    kafka: str, make_topic: Callable[..., str], fresh_database: str, tmp_path: Path
) -> None:
    """A dump of the log while live writes go on.

    Gets: the log as it ended when the command began; its offsets stand in the manifest, and
    `--to` them gives the same bytes later.
    """
    migrate(fresh_database)
    topic = make_topic("issues", 3)
    place = Place(kafka, topic, fresh_database, unique_topic("group"), tmp_path)
    append(kafka, topic, interleaved(whole_life(n) for n in range(20)))
    replayer = Replayer(kafka, topic, default_codec())
    ends = replayer.ends()
    ground = Ground.of(load_city())

    def more(_: Progress) -> None:
        append(kafka, topic, whole_life(random.randrange(1_000, 10**6)))

    first = dump_log(place.url, replayer, lambda: ground, tmp_path / "first", how=How(watch=more))
    assert dict(first.offsets) == ends
    assert sum(replayer.ends().values()) > sum(ends.values())
    replayer.restart()
    second = dump_log(place.url, replayer, lambda: ground, tmp_path / "second", to=ends)
    replayer.close()
    assert second == first
    assert first.tables["issue_current"][0] == 20


def test_row_87_what_was_killed_goes_on_or_begins_anew_to_the_same_result(
    long_place: Place,
) -> None:
    """A replay that is killed half-way, by `kill -9`, Ctrl-C or SIGTERM.

    Gets: live as it was. With `--resume` it goes on from what its copy holds, without it begins
    anew; the result has the same digest. Ctrl-C and SIGTERM end it with 130, and it says so.
    """
    place = long_place
    whole = dumped(place, "whole", "--rebuilt")
    for name, number, code in (("9", signal.SIGKILL, -9), ("15", signal.SIGTERM, 130)):
        folder = place.logs / f"killed-{name}"
        ended, said = killed_half_way(place, number, "dump", str(folder), "--rebuilt")
        assert ended == code, said
        if number is signal.SIGTERM:
            assert "stopped, live is as it was" in said
            assert "the same command with --resume goes on" in said
        assert not folder.exists()
        folder = place.logs / f"resumed-{name}"
        done, _, said = run(place, "dump", str(folder), "--rebuilt", "--resume")
        assert done == 0, said
        assert "goes on from" in said
        assert content(folder) == whole
    ended, said = killed_half_way(
        place, signal.SIGINT, "dump", str(place.logs / "x"), "--rebuilt", "--workers", "2"
    )
    assert ended == 130, said
    assert "Traceback" not in said, said
    assert "the same command with --resume goes on" in said
    with connect(place.url) as connection:
        connection.execute(
            "UPDATE hutong_rebuild.projection_built SET version = '0' WHERE part = 'queue'"
        )
    code, _, said = run(place, "dump", str(place.logs / "anew"), "--rebuilt", "--resume")
    assert code == 0, said
    assert "begins anew: what is kept in hutong_rebuild was made with other queue" in said
    assert content(place.logs / "anew") == whole
    with connect(place.url) as connection:
        assert not any(live_tables(connection).values())


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def killed_half_way(place: Place, number: signal.Signals, *arguments: str) -> tuple[int, str]:
    """Exit code and words of a replay that was sent a signal once a batch was committed."""
    log = place.logs / f"{time.monotonic_ns()}.said"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "hutong.cli.main", "replay", *arguments],
            env={**os.environ, **place.environment()},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
    with connect(place.url, autocommit=True) as connection:
        until = time.monotonic() + 60
        while not _begun(connection):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.01)
    process.send_signal(number)
    return process.wait(30), log.read_text()


def _begun(connection: Connection) -> bool:
    there = connection.execute(
        "SELECT to_regclass('hutong_rebuild.projection_offset') IS NOT NULL"
    ).fetchone()
    if not there or not there[0]:
        return False
    try:
        found = connection.execute("SELECT 1 FROM hutong_rebuild.projection_offset")
    except UndefinedTable:  # the copy of an earlier run, which it throws away first
        return False
    return found.fetchone() is not None


def test_row_88_run_twice_it_gives_the_same_bytes_and_live_gives_them_too(place: Place) -> None:
    """The same log dumped twice, and the live rows at the same offsets.

    Gets: the same bytes, file by file, three times.
    """
    first = dumped(place, "first", "--rebuilt")
    assert dumped(place, "second", "--rebuilt") == first
    with place.projector():
        place.wait(40 * 6 + 10 * 5)
    assert dumped(place, "live") == first
    manifest = json.loads(first["manifest.json"])
    assert manifest["tables"]["issue_current"]["rows"] == 50
    assert set(first) == {"manifest.json", *(f"{t}.ndjson" for t in manifest["tables"])}
    only = dumped(place, "one", "queue")
    assert set(only) == {"manifest.json", "issue_state.ndjson", "queue.ndjson"}
    assert only["queue.ndjson"] == first["queue.ndjson"]


def test_row_89_workers_hash_seed_time_zone_and_locale_change_no_byte(long_place: Place) -> None:
    """The same log dumped with 1, 2 and 3 workers, another hash seed, time zone and locale.

    Gets: the same bytes, file by file.
    """
    first = dumped(long_place, "1", "--rebuilt", PYTHONHASHSEED="1")
    for workers, more in {
        "2": {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "C"},
        "3": {"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "LC_ALL": "tr_TR.UTF-8"},
    }.items():
        assert dumped(long_place, workers, "--rebuilt", "--workers", workers, **more) == first


def test_a_rebuild_by_two_workers_is_swapped_in_and_is_what_the_log_says(
    long_place: Place,
) -> None:
    with long_place.projector(HUTONG_PROJECTIONS_BATCH="5000"):
        long_place.wait(LIVES * 6)
    with connect(long_place.url) as connection:
        before = live_tables(connection)
        connection.execute("UPDATE category_weekly SET resolved = resolved + 1")
    code, output, said = run(long_place, "rebuild", "--all", "--workers", "2", "--json")
    report = json.loads(output)
    assert (code, report["swapped"]) == (1, True), said
    [wrong] = [c for c in report["comparisons"] if c["differing"]]
    assert wrong["table"] == "category_weekly"
    assert {tuple(found["columns"]) for found in wrong["first"]} == {("resolved",)}
    with connect(long_place.url) as connection:
        assert live_tables(connection) == before


def test_row_86_a_record_whose_schema_the_program_lacks_is_named(
    kafka: str,
    make_topic: Callable[..., str],
    fresh_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A record in `issues` of a schema that this program does not have, e.g. an older program's.

    Gets: exit code 1 that names the record's place and its schema id; live as it was. There is no
    registry to lack a schema: every released one is kept in the program for good, and in each
    archive under its hash.
    """
    migrate(fresh_database)
    topic = make_topic("issues", 2)
    place = Place(kafka, topic, fresh_database, unique_topic("group"), tmp_path)
    append(kafka, topic, interleaved(whole_life(n) for n in range(20)))
    record = whole_life(99)[0]
    producer = Producer(producer_config(kafka))
    unknown = bytes([0]) + (999_999).to_bytes(4, "big") + b"{}"
    key = record.issue_id.encode()
    producer.produce(topic, partition=1, key=key, value=unknown, headers=headers_for(record))
    assert producer.flush(30) == 0
    source = Replayer(kafka, topic, default_codec())
    ends = source.ends()
    where = f"cannot read {topic}, partition 1, offset {ends[1] - 1}: "
    code, _, said = run(place, "dump", str(tmp_path / "no"), "--rebuilt")
    assert code == 1
    assert where in said
    assert "999999" in said
    assert not (tmp_path / "no").exists()

    # The same from a process of its own.
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    ground = Ground.of(load_city())
    with connect(place.url) as live:
        make_staging(live, all_models(), made_of(source.identity, all_models(), ground))
    source.close()
    opened, dealt = functools.partial(opened_source, None), [{0}, {1}]
    with pytest.raises(WorkerFailedError, match=where):
        fold_in_processes(place.url, opened, all_models(), ends, dealt, lambda: None)


def test_row_93_nothing_is_left_of_a_dump_that_failed(place: Place) -> None:
    """No room, or a folder that is there already, when a dump is written.

    Gets: exit code 2, and nothing under the final name.
    """
    folder = place.logs / "there"
    folder.mkdir()
    for arguments in ([str(folder)], [str(folder), "--rebuilt"]):
        code, _, said = run(place, "dump", *arguments)
        assert (code, "is there already" in said) == (2, True)
    code, _, said = run(place, "dump", "/dev/full/dump")
    assert (code, "cannot be written" in said) == (2, True)
    assert not list(folder.iterdir())


def test_row_93_nothing_is_left_of_a_dump_that_filled_the_disk(
    place: Place, tmp_path: Path
) -> None:
    """A disk that is full when half of a dump, of live rows or of the log's, is written.

    Gets: exit code 2 that says so, and nothing is left of it; with room, the whole dump.
    """
    whole = dumped(place, "whole", "--rebuilt")
    with place.projector():
        place.wait(40 * 6 + 10 * 5)
    size = sum(map(len, whole.values()))
    assert len(whole["issue_state.ndjson"]) < size // 2, "it is written before the disk is full"
    with small_disk("tmpfs", tmp_path, 4) as disk:
        folder = disk.path / "dump"
        for arguments in ([], ["--rebuilt"]):
            disk.fill(but=size // 2)
            code, _, said = run(place, "dump", str(folder), *arguments)
            assert (code, f"{folder} cannot be written: No space left" in said) == (2, True), said
            assert [each.name for each in disk.path.iterdir()] == ["ballast"]
            disk.clear()
            assert run(place, "dump", str(folder), *arguments)[0] == 0
            assert content(folder) == whole
            shutil.rmtree(folder)
