"""Rows in PostgreSQL equal one plain fold of the same records, whatever the size of batches."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from hutong.city import load_city
from hutong.events.ids import derived_id
from hutong.issue.record import Record
from hutong.readmodels import Ground, all_models
from hutong.readmodels.projection import Projection
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


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_the_size_of_batches_makes_no_difference(
    fresh_database: str, records: list[Record], size: int
) -> None:
    ground = Ground.of(load_city())
    some = records if size > 1 else [r for r in records if r.issue_id in _FEW]
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        projection = Projection(connection, all_models(), ground)
        for start in range(0, len(some), size):
            projection.apply(some[start : start + size])
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
