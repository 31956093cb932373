"""The tables that read models describe are those that the migrations make."""

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from hutong.readmodels import Table, all_models
from hutong.readmodels.category_weekly.queries import WeekRow
from hutong.readmodels.clock_due.queries import ClockRow
from hutong.readmodels.department_load.queries import DepartmentLoad
from hutong.readmodels.department_scorecard.queries import Score
from hutong.readmodels.identity.queries import SealedIdentity
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong.readmodels.projection import STATES
from hutong.readmodels.return_reasons.queries import ReturnReason
from hutong.readmodels.status_count.queries import StatusCount
from hutong.store import Connection, connect, migrate

TABLES = [STATES, *(table for model in all_models() for table in model.tables)]


@pytest.fixture(scope="module")
def connection(postgres: str) -> Iterator[Connection]:
    migrate(postgres)
    with connect(postgres) as connection:
        yield connection


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_table_is_as_described(connection: Connection, table: Table) -> None:
    rows = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [table.name],
    ).fetchall()
    assert dict(rows) == table.columns
    assert [name for name, _ in rows] == list(table.columns)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_key_is_the_primary_key(connection: Connection, table: Table) -> None:
    [(definition,)] = connection.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'p'",
        [table.name],
    ).fetchall()
    assert re.findall(r"\w+", definition)[2:] == list(table.key)


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (IssueCurrent, "issue_current"),
        (SealedIdentity, "identity"),
        (TimelineEntry, "issue_timeline"),
        (WeekRow, "category_weekly"),
        (DepartmentLoad, "department_load"),
        (StatusCount, "status_count"),
        (ClockRow, "clock_due"),
    ],
)
def test_the_query_s_row_has_the_table_s_columns(row: type, table: str) -> None:
    [described] = [t for t in TABLES if t.name == table]
    assert [field.name for field in fields(row)] == list(described.columns)


@pytest.mark.parametrize(
    ("row", "table"), [(Score, "department_scorecard"), (ReturnReason, "return_reasons")]
)
def test_a_sum_over_a_period_has_all_that_is_counted(row: type, table: str) -> None:
    [described] = [t for t in TABLES if t.name == table]
    names = [field.name for field in fields(row)]
    assert names[-len(described.values) :] == list(described.values)
    assert set(names) <= set(described.columns)
