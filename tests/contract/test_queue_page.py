"""The desk's list in PostgreSQL: order, pages, counts, and what asked for each decision."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hutong.city import load_city
from hutong.readmodels import Ground, all_models
from hutong.readmodels.projection import Projection
from hutong.readmodels.queue import queries
from hutong.store import Connection, connect, migrate
from tests.fixtures.cases import DAY, Case
from tests.fixtures.database import database

RETURNED = Case(10).reported().at(5).dispatched().at(30).returned(proposed="housing")


@pytest.fixture(scope="module")
def connection(postgres_server: str) -> Iterator[Connection]:
    """Six queued issues, a return with a proposal, an answered issue."""
    queued = []
    for number in range(6):
        case = Case(number).at(number).reported()
        queued.append(case.does("IssueQueued", by="router", source=case.records[0].source))
    answered = Case(11).reported().at(5).dispatched().accepted().at(60).resolved()
    records = [r for case in (*queued, RETURNED, answered) for r in case.records]
    with database(postgres_server) as url:
        migrate(url)
        with connect(url) as connection:
            Projection(connection, all_models(), Ground.of(load_city())).apply(records)
            connection.commit()
            yield connection


def test_the_first_due_comes_first_and_what_has_no_limit_last(connection: Connection) -> None:
    rows = queries.page(connection, limit=100)
    assert [row.kind for row in rows] == [*["queued"] * 6, "return", "follow-up", "close"]
    assert [row.due_at for row in rows[:6]] == sorted(row.due_at or 0 for row in rows[:6])
    assert rows[-1].due_at is None


def test_it_is_leafed_through_without_losing_or_doubling(connection: Connection) -> None:
    whole = queries.page(connection, limit=100)
    found: list[queries.QueueEntry] = []
    while rows := queries.page(connection, limit=2, after=found[-1].cursor if found else None):
        found += rows
    assert found == whole


def test_a_row_has_what_asked_for_the_decision(connection: Connection) -> None:
    [row] = queries.page(connection, limit=10, kinds=["return"])
    assert (row.proposed, row.department, row.asked) == ("housing", "water-co", "IssueReturned")
    assert row.asked_by == RETURNED.records[-1].event_id
    assert row.candidates is None
    row = queries.page(connection, limit=1, kinds=["queued"])[0]
    assert row.candidates is not None
    assert {"item", "category", "department", "score"} <= set(row.candidates[0])


def test_filters_narrow_the_list(connection: Connection) -> None:
    def kinds(**filters: object) -> set[str]:
        return {row.kind for row in queries.page(connection, limit=100, **filters)}  # type: ignore[arg-type]

    assert kinds(department="water-co") == {"return", "follow-up", "close"}
    assert kinds(street="nowhere") == set()
    assert kinds(since_before=Case().ms(DAY)) == {"queued", "return", "close"}
    assert kinds(due_before=Case().ms(100)) == {"queued"}


def test_counts_tell_waiting_overdue_and_ahead(connection: Connection) -> None:
    found = queries.counts(connection, Case().ms(62))
    assert found["queued"] == queries.KindCount("queued", waiting=6, overdue=2, ahead=0)
    assert found["follow-up"] == queries.KindCount("follow-up", waiting=0, overdue=0, ahead=1)
    assert queries.counts(connection, Case().ms(62), origin="simulated") == {}
