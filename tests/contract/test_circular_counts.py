"""The figures of a circular equal a second count of the log by other code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hutong.circular.edition import Edition
from hutong.circular.making import make_edition
from hutong.city import load_city
from hutong.readmodels import Ground, all_models
from hutong.readmodels.periods import Period
from hutong.readmodels.projection import Projection
from hutong.store import Connection, connect, migrate
from tests.fixtures.cases import DAY
from tests.fixtures.database import database
from tests.fixtures.district import district, records_of
from tests.fixtures.histories import MINUTE, START
from tests.fixtures.second_count import SecondCount

CITY = load_city()
CASES = district(7, 1200)
AT = START + 18 * DAY * MINUTE
#: Counted both ways; the others are made of the same rows.
TABLES = ("total", "kind", "street", "category", "place", "department", "return")
#: Columns of returns that the second count does not keep.
NOT_KEPT = {"open", "hops_after"}


@pytest.fixture(scope="module")
def connection(postgres_server: str) -> Iterator[Connection]:
    with database(postgres_server) as url:
        migrate(url)
        with connect(url) as connection:
            projection = Projection(connection, all_models(), Ground.of(CITY))
            records = records_of(CASES)
            for start in range(0, len(records), 500):
                projection.apply(records[start : start + 500])
                connection.commit()
            yield connection


@pytest.fixture(scope="module")
def second() -> SecondCount:
    return SecondCount(CITY).read(records_of(CASES))


@pytest.mark.parametrize("name", ["2026-W23", "2026-W24", "2026-W25", "2026-06", "2026-Q2"])
def test_an_edition_equals_the_second_count(
    connection: Connection, second: SecondCount, name: str
) -> None:
    period = Period.parse(name)
    edition = make_edition(connection, CITY, period, AT)
    expected = second.figures(period.first_day.isoformat(), period.last_day.isoformat(), AT)
    for table in TABLES:
        found = {
            code: {column: n for column, n in row.items() if column not in NOT_KEPT}
            for code, row in edition.figures["live"].get(table, {}).items()
        }
        assert found == expected["live"].get(table, {}), table


def test_the_history_has_all_that_makes_counting_hard(connection: Connection) -> None:
    figures = make_edition(connection, CITY, Period.parse("2026-06"), AT).figures["live"]
    total = figures["total"][""]
    for column in (
        "respond_late",
        "resolve_late",
        "respond_overdue",
        "resolve_overdue",
        "returned",
        "reworked",
        "unresolvable",
        "on_the_spot",
        "merged",
        "queued",
        "asked_satisfied",
    ):
        assert total[column] > 10, column
    suspended = [case for case in CASES if any(r.name == "IssueSuspended" for r in case.records)]
    assert len(suspended) > 50


def test_weeks_and_months_add_up(connection: Connection) -> None:
    def reported(name: str) -> int:
        edition = make_edition(connection, CITY, Period.parse(name), AT)
        return edition.numbers("live", "total").get("reported", 0)

    weeks = sum(reported(f"2026-W{week}") for week in range(23, 28))
    assert weeks == reported("2026-06") == reported("2026-Q2") == len(CASES)


def test_the_same_moment_gives_the_same_bytes(connection: Connection) -> None:
    period = Period.parse("2026-W24")
    first = make_edition(connection, CITY, period, AT)
    assert make_edition(connection, CITY, period, AT).digest == first.digest
    assert Edition.from_text(first.to_text()) == first


def test_the_week_before_is_what_that_week_s_own_edition_says(connection: Connection) -> None:
    this = make_edition(connection, CITY, Period.parse("2026-W24"), AT)
    last = make_edition(connection, CITY, Period.parse("2026-W23"), AT)
    assert this.numbers("live", "before") == last.numbers("live", "total")
    assert this.numbers("live", "kind_week", "service/2026-W23") == {
        "reported": last.numbers("live", "kind", "service")["reported"]
    }
