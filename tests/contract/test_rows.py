"""Rows in PostgreSQL equal one plain fold of the same records, whatever the size of batches."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from random import Random

import pytest
from hutong_projections.log import Batch
from hutong_projections.sink import Sink

from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.events.ids import derived_id
from hutong.issue.record import Record
from hutong.ops.failpoint import Failpoints
from hutong.readmodels import Ground, all_models
from hutong.readmodels import projection as projection_module
from hutong.readmodels.projection import Projection, load_states
from hutong.readmodels.status_count import queries as status_count
from hutong.store import connect, migrate
from tests.fixtures.histories import interleaved, whole_life
from tests.fixtures.lives import LEADS, NAMES, Act, live
from tests.fixtures.tables import live_tables, tables_of

_LIVES = 150
_FEW = {derived_id("issue", str(number)) for number in range(60)}


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Many lives at once: random ones and whole ones, with every kind of event in them."""
    random = Random(5)
    waits = (0, 1, 30, 120, 540, 1440, 5760)
    told = []
    for number in range(_LIVES):
        script = [
            Act(
                random.choice(NAMES),
                random.choice(waits),
                random.random() < 0.5,
                random.choice(LEADS),
                random.randrange(21),
            )
            for _ in range(random.randrange(25))
        ]
        told.append(live(script, number=number).records)
    told += [whole_life(number) for number in range(_LIVES, _LIVES + 20)]
    return [replace(record, offset=n) for n, record in enumerate(interleaved(told))]


@pytest.mark.parametrize(
    ("size", "lap", "kept"),
    [(1, 1, 20_000), (7, 1, 5), (100, 1, 20_000), (100, 3, 0), (50, 9, 20), (10_000, 1, 20_000)],
)
def test_the_size_of_batches_makes_no_difference(
    fresh_database: str,
    records: list[Record],
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    lap: int,
    kept: int,
) -> None:
    """Nor how many of them are written at once, nor how many states are remembered."""
    monkeypatch.setattr(projection_module, "KEPT", kept)
    ground = Ground.of(load_city())
    some = records if size > 1 else [r for r in records if r.issue_id in _FEW]
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        projection = Projection(connection, all_models(), ground)
        for number, start in enumerate(range(0, len(some), size), 1):
            projection.take(some[start : start + size])
            if number % lap == 0:
                projection.write()
                connection.commit()
        projection.write()
        connection.commit()
        found = live_tables(connection)
        statuses = connection.execute(
            "SELECT origin, status, count(*), count(dispatched_at) FROM issue_current GROUP BY 1, 2"
        ).fetchall()
        counted = status_count.all(connection)
    for name, rows in tables_of(some, ground.facts).items():
        assert rows, f"nothing in {name}: the histories do not reach it"
        assert found[name] == rows, name
    assert sorted(statuses) == sorted(
        (row.origin, row.status, row.issues, row.dispatched) for row in counted
    )


def test_states_of_a_table_that_was_swapped_in_are_read_anew(fresh_database: str) -> None:
    """As a rebuild does it, which may put right what was remembered wrongly."""
    migrate(fresh_database)
    life = whole_life(1)
    with connect(fresh_database) as connection, connect(fresh_database) as other:
        projection = Projection(connection, all_models(), Ground.of(load_city()))
        projection.apply(life[:3])
        connection.commit()
        other.execute("CREATE TABLE anew (LIKE issue_state INCLUDING ALL)")
        other.execute(
            "INSERT INTO anew SELECT issue_id, partition, fold_version,"
            " jsonb_set(state, '{subject}', '\"another\"') FROM issue_state"
        )
        other.execute("DROP TABLE issue_state")
        other.execute("ALTER TABLE anew RENAME TO issue_state")
        other.commit()
        projection.apply(life[3:])
        connection.commit()
        assert load_states(connection, [life[0].issue_id])[life[0].issue_id].subject == "another"


def test_what_was_taken_and_is_forgotten_leaves_nothing(fresh_database: str) -> None:
    migrate(fresh_database)
    life = whole_life(1)
    with connect(fresh_database) as connection:
        projection = Projection(connection, all_models(), Ground.of(load_city()))
        projection.take(life[:3])
        connection.rollback()
        projection.forget()
        projection.apply(life[:2])
        connection.commit()
        assert load_states(connection, [life[0].issue_id])[life[0].issue_id].applied == 2
        assert connection.execute("SELECT count(*) FROM issue_timeline").fetchone() == (2,)


def test_what_another_projector_wrote_meanwhile_is_read_anew(fresh_database: str) -> None:
    """A partition that went to another and came back: its offset is asked for, as always then."""
    migrate(fresh_database)
    life = whole_life(1)
    partition = life[0].partition
    with closing(sink(fresh_database)) as one, closing(sink(fresh_database)) as other:
        for projector, part in ((one, life[:2]), (other, life[2:4]), (one, life[4:])):
            at = projector.offsets().get(partition, 0)
            tally = projector.write(Batch(tuple(part), {partition: (at, at + len(part))}))
            assert dict(tally) == {"applied": len(part)}
    with connect(fresh_database) as connection:
        found = load_states(connection, [life[0].issue_id])[life[0].issue_id]
    assert found.applied == len(life)


def sink(url: str) -> Sink:
    """As a projector has it."""
    ground = Ground.of(load_city())
    return Sink(lambda: connect(url), all_models(), ground, default_codec(), Failpoints())
