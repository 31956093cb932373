"""The lists of work in PostgreSQL: the same as those that the pages' tests make in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hutong_web.database import DatabaseSource

from hutong.city import City, load_city
from hutong.issue.record import Record
from hutong.readmodels import Ground, all_models
from hutong.readmodels.projection import Projection
from hutong.store import connect, migrate
from tests.fixtures.cases import HOUR
from tests.fixtures.database import database
from tests.fixtures.histories import MINUTE, START
from tests.unit.web import cases
from tests.unit.web.memory import MemorySource

NOW = START + 10 * HOUR * MINUTE


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def _records() -> list[Record]:
    return [r for case in (*cases.every_case(), *cases.suspected()) for r in case.records]


@pytest.fixture(scope="module")
def memory(city: City) -> MemorySource:
    source = MemorySource(city)
    return source.add(_records())


@pytest.fixture(scope="module")
def rows(postgres_server: str, city: City) -> Iterator[DatabaseSource]:
    with database(postgres_server) as url:
        migrate(url)
        with connect(url) as connection:
            projection = Projection(connection, all_models(), Ground.of(city))
            projection.apply(_records())
            connection.commit()
        with DatabaseSource(url) as source:
            yield source


@pytest.mark.parametrize("kind", ["", "queued", "return", "dispute", "extension", "close"])
def test_the_desk(rows: DatabaseSource, memory: MemorySource, kind: str) -> None:
    found, expected = (each.desk(kind, now=NOW, limit=3) for each in (rows, memory))

    assert [(row.issue_id, row.kind) for row in found.rows] == [
        (row.issue_id, row.kind) for row in expected.rows
    ]
    assert (found.counts, found.has_more) == (expected.counts, expected.has_more)


def test_suspected_pairs(rows: DatabaseSource, memory: MemorySource) -> None:
    found, expected = (each.desk("suspects", now=NOW, limit=3) for each in (rows, memory))

    assert found.pairs == expected.pairs != []
    assert found.texts == expected.texts != {}
    assert (found.rows, rows.desk("", now=NOW, limit=3).texts) == ([], {})


def test_an_inbox_puts_first_what_must_be_answered_first(
    rows: DatabaseSource, memory: MemorySource
) -> None:
    found, expected = (each.inbox("water-co", 100) for each in (rows, memory))
    firsts = [found.states[issue.issue_id].clocks for issue in found.open[:5]]
    dues = [min(c.due_at for c in clocks.values() if c.is_running) for clocks in firsts]

    assert {issue.issue_id for issue in found.open} == {issue.issue_id for issue in expected.open}
    assert dues == sorted(dues)
    assert found.given == expected.given
    assert not found.has_more
    assert rows.inbox("water-co", 2).has_more


def test_a_co_owner_has_what_it_helps_with(rows: DatabaseSource) -> None:
    assert {issue.lead for issue in rows.inbox("water", 100).open} == {"water-co"}


def test_a_grid_worker_has_what_was_given_and_what_is_to_be_checked(
    rows: DatabaseSource, memory: MemorySource
) -> None:
    found, expected = (each.grid("李巡", ["east-canal-01"], 10) for each in (rows, memory))

    assert found.given == expected.given != []
    assert found.to_check == expected.to_check != []
    assert rows.grid("", [], 10).given == []
