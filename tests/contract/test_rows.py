"""Rows in PostgreSQL equal one plain fold of the same records, whatever the size of batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from hutong.city import load_city
from hutong.issue.record import Record
from hutong.readmodels import Ground, all_models
from hutong.readmodels.projection import STATES, Projection
from hutong.store import Connection, connect, migrate
from tests.fixtures.cases import Case
from tests.fixtures.histories import interleaved, whole_life
from tests.fixtures.lives import LEADS, NAMES, Act, live
from tests.fixtures.tables import live_tables, tables_of

_TABLES = [STATES, *(table for model in all_models() for table in model.tables)]
_LIVES = 150


@pytest.fixture(scope="module")
def connection(postgres: str) -> Iterator[Connection]:
    migrate(postgres)
    with connect(postgres) as connection:
        yield connection


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
    told += [_given_on(number) for number in range(_LIVES + 20, _LIVES + 24)]
    return [replace(record, offset=n) for n, record in enumerate(interleaved(told))]


def _given_on(number: int) -> list[Record]:
    """Somebody below the department has it, and nothing came of it yet."""
    return Case(number).reported().dispatched().does("IssueAssigned").records


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_the_size_of_batches_makes_no_difference(
    connection: Connection, records: list[Record], size: int
) -> None:
    ground = Ground.of(load_city())
    some = records if size > 1 else records[:600]
    connection.execute(f"TRUNCATE {', '.join(table.name for table in _TABLES)}")
    connection.commit()
    projection = Projection(connection, all_models(), ground)
    for start in range(0, len(some), size):
        projection.apply(some[start : start + size])
        connection.commit()
    expected = tables_of(some, ground.facts)
    found = live_tables(connection)
    for name, rows in expected.items():
        assert rows, f"nothing in {name}: the histories do not reach it"
        assert found[name] == rows, name
    # The twins are the connection's own.
    for table in _TABLES:
        connection.execute(f"DROP TABLE batch_{table.name}")
    connection.commit()
