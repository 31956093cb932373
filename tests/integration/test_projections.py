"""The projector on a real Kafka and PostgreSQL."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from hutong.city import load_city, read_pack
from hutong.city.archive import read_archive
from hutong.kafka.send import send_confirmed
from hutong.readmodels import CityFacts
from hutong.readmodels.issue_current.queries import by_receipt
from hutong.readmodels.issue_timeline.queries import of_issue
from hutong.store import connect, kept_pack, migrate
from tests.fixtures.histories import (
    MINUTE,
    History,
    append,
    interleaved,
    produce,
    sent_on,
    whole_life,
)
from tests.fixtures.names import unique_topic
from tests.fixtures.projectors import Place, assert_as_the_log_says, rebuild
from tests.fixtures.promoted import new_city_topic, promotion
from tests.fixtures.tables import live_outbox, live_tables, outbox_of, read_all

USAGE = 2
STOPPED = 3


@pytest.fixture
def place(kafka: str, fresh_database: str, make_topic: Callable[..., str], tmp_path: Path) -> Place:
    migrate(fresh_database)
    return Place(kafka, make_topic("issues", 3), fresh_database, unique_topic("group"), tmp_path)


def test_records_become_rows(place: Place) -> None:
    history = History(1)
    records = [history.reported(), history.dispatched(), history.by_lead("IssueAccepted", hop=1)]
    append(place.kafka, place.topic, records)
    with place.projector():
        place.wait(3)
    with connect(place.url) as connection:
        issue = by_receipt(connection, CityFacts.of(load_city()).receipt(str(records[0].source)))
        assert issue is not None
        assert (issue.issue_id, issue.status, issue.street) == (
            history.issue_id,
            "accepted",
            "east",
        )
        entries = of_issue(connection, history.issue_id)
        assert [entry.name for entry in entries] == [record.name for record in records]
        assert "reporter" not in entries[0].data
    assert_as_the_log_says(place)


@pytest.mark.parametrize("point", ["before-sql", "in-sql", "before-commit", "after-commit"])
def test_f09_killed_at_a_failpoint_nothing_is_lost_or_doubled(place: Place, point: str) -> None:
    count = append(place.kafka, place.topic, interleaved(whole_life(n) for n in range(200)))
    with place.projector(HUTONG_FAILPOINT=f"{point}:2") as first:
        assert first.wait(30) == -signal.SIGKILL
    with place.projector():
        place.wait(count)
    assert_as_the_log_says(place)


@pytest.mark.parametrize("point", ["in-sql", "before-commit", "after-commit"])
def test_f09_what_must_leave_is_in_the_outbox_once_and_in_order(place: Place, point: str) -> None:
    lives = [sent_on(n) for n in range(200)]
    count = append(place.kafka, place.topic, interleaved(lives))
    with place.projector(HUTONG_FAILPOINT=f"{point}:2") as first:
        assert first.wait(30) == -signal.SIGKILL
    with place.projector():
        place.wait(count)
    facts = CityFacts.of(load_city())
    with connect(place.url) as connection:
        waiting = live_outbox(connection)
    assert waiting == outbox_of(read_all(place.kafka, place.topic), facts)
    # The refused signature, three owners who lose it, two who get it.
    assert {len(orders) for orders in waiting.values()} == {6}
    assert len(waiting) == len(lives)


def test_f09_killed_in_the_middle_of_thousands(place: Place) -> None:
    count = append(place.kafka, place.topic, interleaved(whole_life(n) for n in range(1000)))
    for part in (0.2, 0.5):
        with place.projector() as process:
            place.wait(int(count * part))
            process.kill()
            process.wait()
    with place.projector():
        place.wait(count)
    assert_as_the_log_says(place)


def test_f11_two_projectors_share_the_partitions_while_one_comes_and_goes(place: Place) -> None:
    histories = [whole_life(n) for n in range(600)]
    records = list(interleaved(histories))
    half = len(records) // 2
    with place.projector():
        append(place.kafka, place.topic, records[:half])
        place.wait(200)
        with place.projector():
            append(place.kafka, place.topic, records[half:])
            place.wait(half + 100)
        place.wait(len(records))
    assert_as_the_log_says(place)


def test_f11_a_projector_that_slept_while_another_took_over_stops(place: Place) -> None:
    records = list(interleaved(whole_life(n) for n in range(60)))
    append(place.kafka, place.topic, records[:120])
    with place.projector() as sleeper:
        place.wait(120)
        sleeper.send_signal(signal.SIGSTOP)
        append(place.kafka, place.topic, records[120:])
        with place.projector():
            place.wait(len(records))  # its session ends after 6 s
            sleeper.send_signal(signal.SIGCONT)
            time.sleep(2)
    assert_as_the_log_says(place)


def test_f11_a_projector_whose_partition_was_moved_by_another_stops(place: Place) -> None:
    records = list(interleaved(whole_life(n) for n in range(60)))
    append(place.kafka, place.topic, records[:120])
    with place.projector() as zombie:
        place.wait(120)
        with connect(place.url) as connection:
            connection.execute("UPDATE projection_offset SET next_offset = next_offset + 1")
            before = live_tables(connection)
        append(place.kafka, place.topic, records[120:])
        assert zombie.wait(30) == STOPPED
    assert "another projector has taken it over" in place.said()
    with connect(place.url) as connection:
        assert live_tables(connection) == before


def test_f13_postgresql_goes_away_and_comes_back(place: Place, postgres_server: str) -> None:
    records = list(interleaved(whole_life(n) for n in range(300)))
    half = len(records) // 2
    append(place.kafka, place.topic, records[:half])
    with place.projector() as process:
        place.wait(half)
        name = conninfo_to_dict(place.url)["dbname"]
        with connect(postgres_server, autocommit=True) as other:
            allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            database = sql.Identifier(str(name))
            other.execute(allow.format(database, sql.SQL("false")))
            killed = other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            ).fetchall()
            assert killed
            append(place.kafka, place.topic, records[half:])
            time.sleep(3)
            other.execute(allow.format(database, sql.SQL("true")))
        place.wait(len(records))
        assert process.poll() is None
    assert "PostgreSQL: OperationalError, trying again" in place.said()
    assert_as_the_log_says(place)


def test_a_record_that_cannot_be_read_stops_it_with_the_place_named(place: Place) -> None:
    history = History(1)
    good, bad = history.reported(), history.dispatched()
    append(place.kafka, place.topic, [good])
    producer = Producer({"bootstrap.servers": place.kafka, "partitioner": "murmur2_random"})
    producer.produce(place.topic, key=bad.issue_id.encode(), value=b"\x00\x00")
    producer.flush()
    with place.projector() as process:
        assert process.wait(30) == STOPPED
    assert f"cannot read {place.topic}, partition" in place.said()
    place.wait(1, 1)  # what came before it is there


def test_it_refuses_a_database_without_tables(
    kafka: str, fresh_database: str, make_topic: Callable[..., str], tmp_path: Path
) -> None:
    place = Place(kafka, make_topic("issues"), fresh_database, unique_topic("group"), tmp_path)
    with place.projector() as process:
        assert process.wait(30) == 2
    assert "hutong migrate" in place.said()


def test_it_refuses_states_of_another_fold(place: Place) -> None:
    with connect(place.url) as connection:
        connection.execute("INSERT INTO projection_built VALUES ('fold', '0')")
    with place.projector() as process:
        assert process.wait(30) == 2
    assert "hutong replay rebuild --all" in place.said()


def test_a_log_that_lost_its_start_stops_it(place: Place) -> None:
    append(place.kafka, place.topic, whole_life(1))
    admin = AdminClient({"bootstrap.servers": place.kafka})
    futures = admin.delete_records([TopicPartition(place.topic, p, -1) for p in range(3)])
    for future in futures.values():
        future.result(30)
    with place.projector() as process:
        assert process.wait(30) == STOPPED
    assert "part of the log is gone" in place.said()


def test_gaps_in_the_offsets_are_normal(place: Place) -> None:
    """Given transactions, one given up: control records take offsets that no record has."""
    producer = Producer(
        {
            "bootstrap.servers": place.kafka,
            "partitioner": "murmur2_random",
            "transactional.id": unique_topic("tx"),
        }
    )
    producer.init_transactions(30)
    first, given_up, second = whole_life(1), whole_life(2), whole_life(3)
    for records, keep in ((first, True), (given_up, False), (second, True)):
        producer.begin_transaction()
        produce(producer, place.topic, records)
        producer.flush()
        if keep:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    with place.projector():
        place.wait(len(first) + len(second))
        append(place.kafka, place.topic, whole_life(4))
        place.wait(len(first) * 3)
    assert_as_the_log_says(place)


def test_a_record_is_judged_by_the_pack_in_force_when_it_was_received(place: Place) -> None:
    place.city = new_city_topic(place.kafka)
    files_now = read_pack()
    without = files_now["reasons.csv"].replace(b"return,info-missing,", b"return,info-lacking,")
    send_confirmed(place.kafka, [replace(promotion(files_now), topic=place.city)])
    change = time.time_ns() // 1_000_000 + 10 * MINUTE  # ahead: nothing came after it yet
    old, new = History(1, start=change - 5 * MINUTE), History(2, start=change)
    records = [
        record
        for life in (old, new)
        for record in (
            life.reported(),
            life.dispatched(),
            life.by_lead("IssueReturned", hop=1, reason="info-missing"),
        )
    ]
    with place.projector():
        append(place.kafka, place.topic, records[:3])
        place.wait(3)
        changed = promotion(files_now | {"reasons.csv": without}, effective_at=change)
        send_confirmed(place.kafka, [replace(changed, topic=place.city)])
        wait_until_said(place, "packs in force")
        append(place.kafka, place.topic, records[3:])
        place.wait(6)
    with connect(place.url) as connection:
        verdicts = [of_issue(connection, life.issue_id)[-1].reason for life in (old, new)]
        assert verdicts == ["", "unknown-reason"]
        before = live_tables(connection)
        for at, reasons in ((change - 1, files_now["reasons.csv"]), (change, without)):
            shown = kept_pack(connection, at)
            assert shown is not None
            assert read_archive(shown.archive, shown.pack)["reasons.csv"] == reasons
    with place.projector():  # it accepts what an earlier one made with the packs of that time
        append(place.kafka, place.topic, [History(3, start=change).reported()])
        place.wait(7)
    code, report, said = rebuild(place, "--all")
    assert (code, report["swapped"]) == (0, True), said
    with connect(place.url) as connection:
        assert set(before["issue_timeline"]) <= set(live_tables(connection)["issue_timeline"])


def test_without_a_promotion_it_does_not_start(place: Place) -> None:
    place.city = new_city_topic(place.kafka)
    with place.projector() as process:
        assert process.wait(30) == USAGE
    assert "hutong topics create" in place.said()


def wait_until_said(place: Place, words: str) -> None:
    until = time.monotonic() + 30
    while words not in place.said():
        assert time.monotonic() < until, place.said()
        time.sleep(0.05)
