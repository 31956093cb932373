"""Rebuilds beside live projections on a real Kafka and PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from psycopg.errors import InsufficientPrivilege

from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.kafka import consumer_config
from hutong.local.stack import Stack
from hutong.readmodels import Ground, all_models
from hutong.readmodels.projection import STATES
from hutong.replay.copy import How
from hutong.replay.log import Replayer
from hutong.replay.rebuild import rebuild as make_anew
from hutong.replay.rights import Rights
from hutong.store import SCHEMA, Connection, connect, migrate, one_moment, read_offsets
from tests.fixtures.histories import append, interleaved, whole_life
from tests.fixtures.names import unique_schema, unique_topic
from tests.fixtures.projectors import Place, assert_as_the_log_says, rebuild
from tests.fixtures.tables import live_tables


@pytest.fixture
def place(kafka: str, fresh_database: str, make_topic: Callable[..., str], tmp_path: Path) -> Place:
    migrate(fresh_database)
    return Place(kafka, make_topic("issues", 3), fresh_database, unique_topic("group"), tmp_path)


def projected(place: Place, histories: int) -> None:
    """Live tables with so many whole histories, and no projector running."""
    count = append(place.kafka, place.topic, interleaved(whole_life(n) for n in range(histories)))
    with place.projector():
        place.wait(count)


def test_a_rebuild_equals_live_and_is_swapped_in(place: Place) -> None:
    projected(place, 100)
    before = indexes(place)
    code, report, said = rebuild(place, "--all")
    assert code == 0, said
    assert indexes(place) == before
    assert report["equal"]
    assert report["swapped"]
    assert 0 < report["still_seconds"] < 60
    assert {c["table"]: c["rebuilt"] for c in report["comparisons"]}["issue_current"] == 100
    assert_as_the_log_says(place)
    with place.projector():  # and live goes on from there
        append(place.kafka, place.topic, whole_life(200))
        place.wait(606)
    assert_as_the_log_says(place)


def indexes(place: Place) -> list[tuple[str, ...]]:
    """Every index of the live tables, as PostgreSQL would make it again."""
    with connect(place.url) as connection:
        return connection.execute(
            "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY 1, 2",
            [SCHEMA],
        ).fetchall()


class Reader(threading.Thread):
    """Reads live tables over and over, each time what they were at one moment.

    The timeline must hold exactly the records that the offsets beside it stand for, whichever of
    two copies of the tables it is.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._done = threading.Event()
        self.reads = 0
        self.fault = ""

    def run(self) -> None:
        with connect(self._url) as connection:
            while not (self._done.is_set() or self.fault):
                with one_moment(connection):
                    rows = connection.execute(
                        "SELECT partition, count(*) FROM issue_timeline GROUP BY partition"
                    ).fetchall()
                    offsets = {p: after for p, after in read_offsets(connection).items() if after}
                if dict(rows) != offsets:
                    self.fault = f"rows {dict(rows)}, offsets {offsets}"
                self.reads += 1

    def end(self) -> None:
        self._done.set()
        self.join(60)


def test_a_rebuild_while_live_writes_and_reads_go_on(place: Place) -> None:
    histories = [whole_life(n) for n in range(800)]
    records = list(interleaved(histories))
    with place.projector():
        append(place.kafka, place.topic, records[:1500])
        place.wait(1000)
        writer = threading.Thread(target=append, args=(place.kafka, place.topic, records[1500:]))
        writer.start()
        reader = Reader(place.url)
        reader.start()
        code, report, said = rebuild(place, "--all")
        reads = reader.reads
        writer.join()
        reader.end()
        assert code == 0, said
        assert report["swapped"]
        place.wait(len(records))
    assert not reader.fault
    assert 10 < reads < reader.reads, "it read on, before the swap and after"
    assert_as_the_log_says(place)


def test_a_reader_that_goes_from_table_to_table_does_not_end_a_rebuild(place: Place) -> None:
    """As the processes read: a list, then the states, in one transaction (fault F24)."""
    projected(place, 20)
    stop, failures = threading.Event(), list[Exception]()

    def read_on() -> None:
        with connect(place.url) as connection:
            while not stop.is_set():
                try:
                    connection.execute("SELECT count(*) FROM issue_current")
                    time.sleep(0.05)
                    connection.execute("SELECT count(*) FROM issue_state")
                    connection.commit()
                    time.sleep(0.01)
                except Exception as error:  # noqa: BLE001 - told below
                    failures.append(error)
                    return

    reader = threading.Thread(target=read_on)
    reader.start()
    codes = [rebuild(place, "--all")[0] for _ in range(3)]
    stop.set()
    reader.join(10)
    assert (codes, failures) == ([0, 0, 0], [])


def test_a_falsified_row_is_found_and_put_right(place: Place) -> None:
    projected(place, 20)
    with connect(place.url) as connection:
        connection.execute("UPDATE category_weekly SET resolved = resolved + 1")
        connection.execute("DELETE FROM issue_current WHERE receipt LIKE '%-00000003-_'")
    code, report, _ = rebuild(place, "--all", "--dry-run")
    assert code == 1
    assert not report["swapped"]
    found = {c["table"]: c for c in report["comparisons"]}
    assert found["issue_current"]["differing"] == 1
    assert found["issue_current"]["first"][0]["live"] is None
    assert found["category_weekly"]["differing"] == 1
    assert found["issue_timeline"]["differing"] == 0

    code, report, _ = rebuild(place, "--all", "--only-if-equal")
    assert (code, report["swapped"]) == (1, False)

    code, report, _ = rebuild(place, "category_weekly")
    assert (code, report["swapped"]) == (1, True)
    assert [c["table"] for c in report["comparisons"]] == ["category_weekly"]

    code, report, _ = rebuild(place, "--all")
    assert (code, report["swapped"]) == (1, True)
    assert_as_the_log_says(place)
    assert rebuild(place, "--all")[0] == 0


@pytest.fixture
def roles(fresh_database: str) -> Iterator[tuple[str, str]]:
    """Two roles more: one may own, one may read."""
    owner, reader = unique_schema("owner"), unique_schema("reader")
    with connect(fresh_database, autocommit=True) as connection:
        for role in (owner, reader):
            connection.execute(f"CREATE ROLE {role}")
        yield owner, reader
        for role in (owner, reader):
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


def test_who_may_read_the_tables_and_whose_they_are_stays(
    place: Place, roles: tuple[str, str]
) -> None:
    projected(place, 2)
    owner, reader = roles
    with connect(place.url, autocommit=True) as connection:
        for statement in (
            f"GRANT USAGE, CREATE ON SCHEMA hutong TO {owner}",
            f"ALTER TABLE department_load OWNER TO {owner}",
            f"GRANT USAGE ON SCHEMA hutong TO {reader}",
            f"GRANT SELECT ON issue_current, department_load TO {reader} WITH GRANT OPTION",
            f"GRANT SELECT (issue_id), UPDATE (fold_version) ON issue_state TO {reader}",
            "GRANT SELECT ON category_weekly TO PUBLIC",
            f"REVOKE DELETE ON department_load FROM {owner}",
            # What new tables get by themselves must not come on top.
            f"ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO {reader}",
        ):
            connection.execute(statement)
        before = rights_of_all(connection)
        connection.execute("CREATE VIEW ours AS SELECT issue_id FROM issue_current")
    code, _, said = rebuild(place, "--all")
    assert (code, "view ours depends on table issue_current" in said) == (2, True)

    with connect(place.url, autocommit=True) as connection:
        connection.execute("DROP VIEW ours")
    assert rebuild(place, "--all")[0] == 0
    with connect(place.url, autocommit=True) as connection:
        assert rights_of_all(connection) == before
        assert before["department_load"].owner == owner
        connection.execute(f"SET ROLE {reader}")
        assert connection.execute("SELECT count(*) FROM issue_current").fetchone() == (2,)
        with pytest.raises(InsufficientPrivilege):
            connection.execute("SELECT state FROM issue_state")


def rights_of_all(connection: Connection) -> dict[str, Rights]:
    tables = [STATES, *(table for model in all_models() for table in model.tables)]
    return {table.name: Rights.of(connection, SCHEMA, table.name) for table in tables}


def test_a_broker_that_dies_in_the_last_lap_gives_the_lock_back(
    fresh_database: str, tmp_path: Path
) -> None:
    """Given live that stands still for the rebuild, when Kafka is gone, live can go on again."""
    migrate(fresh_database)
    (tmp_path / "logs").mkdir()
    with Stack(tmp_path / "data", only=("kafka",)) as stack:
        place = Place(stack.kafka, "issues-3", fresh_database, "g", tmp_path / "logs")
        admin = AdminClient({"bootstrap.servers": stack.kafka})  # kept while it is asked
        topic = NewTopic(place.topic, 3, config={"message.timestamp.type": "LogAppendTime"})
        admin.create_topics([topic])[place.topic].result(30)
        projected(place, 20)
        with connect(place.url) as connection:
            before = live_tables(connection)
        replayer = Replayer(place.kafka, place.topic, default_codec(), silent_seconds=2)

        ground = Ground.of(load_city())

        def say(line: str) -> None:
            if line.startswith("live stands still"):
                stack.restart_allowed("kafka-1", False)
                stack.kill("kafka-1")

        with pytest.raises(KafkaException, match="nothing was heard for 2 s"):
            make_anew(place.url, replayer, lambda: ground, how=How(say=say))
        replayer.close()
    with connect(place.url) as connection:
        connection.execute("SET LOCAL lock_timeout = '1s'")
        moved = connection.execute("UPDATE projection_offset SET next_offset = next_offset")
        assert moved.rowcount == 3
        connection.rollback()
        assert live_tables(connection) == before


def test_states_of_an_old_fold_are_made_anew(place: Place) -> None:
    projected(place, 5)
    with connect(place.url) as connection:
        connection.execute("UPDATE projection_built SET version = '0' WHERE part = 'fold'")
        connection.execute("UPDATE issue_state SET fold_version = 0")
    code, _, said = rebuild(place, "issue_current")
    assert code == 2
    assert "use --all" in said
    assert rebuild(place, "--all")[0] == 1
    with place.projector():
        append(place.kafka, place.topic, whole_life(9))
        place.wait(36)
    assert_as_the_log_says(place)


def test_row_85_a_missing_start_is_refused_with_the_offsets(place: Place) -> None:
    """A log whose beginning was removed, by retention or by hand.

    Gets: exit code 2 that names the offsets which are gone, from every command that folds the
    whole log; live as it was. Never a result that looks whole.
    """
    projected(place, 5)
    with connect(place.url) as connection:
        before = live_tables(connection)
    admin = AdminClient({"bootstrap.servers": place.kafka})
    ends = admin.delete_records([TopicPartition(place.topic, 0, 1)])
    for end in ends.values():
        end.result(30)
    code, _, said = rebuild(place, "--all")
    assert code == 2
    assert "partition 0: offsets 0 to 0 are gone" in said
    with connect(place.url) as connection:
        assert live_tables(connection) == before


def test_it_commits_nobody_s_offsets_and_leaves_no_schema(place: Place) -> None:
    projected(place, 5)
    assert rebuild(place, "--all")[0] == 0
    consumer = Consumer(consumer_config(place.kafka, place.group))
    [committed] = consumer.committed([TopicPartition(place.topic, 0)], timeout=30)
    consumer.close()
    assert committed.offset < 0
    with connect(place.url) as connection:
        schemas = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'hutong_%'")
        assert schemas.fetchall() == []


def test_an_unknown_model_or_none_is_a_usage_error(place: Place) -> None:
    code, _, said = rebuild(place, "isue_current")
    assert code == 2
    assert "there are issue_current" in said
    assert rebuild(place)[0] == 2
