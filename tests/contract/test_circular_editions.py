"""Issued editions in PostgreSQL: numbered, kept as they are, corrected by later ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hutong.circular.edition import corrections
from hutong.circular.issued import (
    DamagedEditionError,
    NothingNewError,
    issue_edition,
    issued_editions,
)
from hutong.readmodels.periods import Period
from hutong.store import Connection, connect, migrate
from tests.unit.circular.editions import AT, WEEK, some


@pytest.fixture
def connection(fresh_database: str) -> Iterator[Connection]:
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        yield connection


def test_a_later_edition_has_the_next_number_and_changes_nothing_before_it(
    connection: Connection,
) -> None:
    first = issue_edition(connection, some(), by="王主任", at=AT)
    second = issue_edition(connection, some(reported=14), by="李主任", at=AT + 1)
    assert (first.number, second.number) == (1, 2)
    kept = issued_editions(connection, WEEK)
    assert kept == [first, second]
    assert kept[0].edition == some()
    [correction] = corrections(kept[0].edition, kept[1].edition)
    assert (correction.before, correction.after) == (12, 14)


def test_the_same_figures_are_not_issued_twice(connection: Connection) -> None:
    issue_edition(connection, some(), by="王主任", at=AT)
    later = replace(some(), at=AT + 60_000, position={0: 500})
    with pytest.raises(NothingNewError, match="edition 1 of 2026-W23"):
        issue_edition(connection, later, by="王主任", at=AT + 60_000)


def test_each_period_counts_its_own_editions(connection: Connection) -> None:
    issue_edition(connection, some(), by="王主任", at=AT)
    june = replace(some(), period=Period.parse("2026-06"))
    assert issue_edition(connection, june, by="王主任", at=AT).number == 1
    assert [each.period for each in issued_editions(connection)] == ["2026-06", "2026-W23"]


def test_one_that_somebody_changed_is_noticed(connection: Connection) -> None:
    issue_edition(connection, some(), by="王主任", at=AT)
    connection.execute("UPDATE circular_edition SET content = replace(content, '12', '13')")
    [damaged] = issued_editions(connection, WEEK)
    with pytest.raises(DamagedEditionError, match="edition 1 of 2026-W23 was changed"):
        _ = damaged.edition
