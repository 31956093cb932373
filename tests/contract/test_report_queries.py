"""Scorecards, workers, returns and duplicates asked of PostgreSQL by period."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hutong.city import load_city
from hutong.readmodels import Ground, all_models
from hutong.readmodels.area_weekly import queries as area_weekly
from hutong.readmodels.department_scorecard import queries as scorecards
from hutong.readmodels.duplicates import queries as duplicates
from hutong.readmodels.issue_current import queries as current
from hutong.readmodels.periods import Period
from hutong.readmodels.projection import Projection
from hutong.readmodels.return_reasons import queries as returns
from hutong.readmodels.worker_assessment import queries as workers
from hutong.store import Connection, connect, migrate
from tests.fixtures.cases import DAY, Case
from tests.fixtures.database import database
from tests.fixtures.histories import MINUTE, START

WEEK = 7 * DAY * MINUTE
W23, JUNE = Period.parse("2026-W23"), Period.parse("2026-06")


def suspect(case: Case) -> dict[str, object]:
    issue_id = case.is_.issue_id
    return {"issue_id": issue_id, "metres": 12, "minutes": 30, "text_score": 80}


def master_of(number: int) -> Case:
    return Case(number, start=START - 1000).reported()


def merged(child: Case, master: Case) -> None:
    reported_at = master.is_.reported_at
    child.does("IssueMerged", master_id=master.is_.issue_id, master_reported_at=reported_at)


def cases() -> list[Case]:
    returned = Case(1).reported().at(10).dispatched().at(30).returned(reason="needs-other-lead")
    returned.return_accepted("housing").at(40).dispatched("housing")
    later = Case(2, start=START + WEEK).reported().at(10).dispatched("housing").accepted().at(60)
    later.does("IssueAssigned", assignee="gw-0103", due=later.ms(600)).at(90).resolved()
    patrol = Case(3).reported(channel="grid", area="west-bell-01", handled_on_the_spot=None)
    open_pair, its_other = Case(4).reported(), master_of(5)
    open_pair.does("DuplicateSuspected", suspects=[suspect(its_other)])
    child, master = Case(6).reported(), master_of(7)
    child.does("DuplicateSuspected", suspects=[suspect(master)])
    merged(child, master)
    undone, old = Case(8).reported(), master_of(9)
    undone.does("DuplicateSuspected", suspects=[suspect(old)])
    merged(undone, old)
    undone.does("IssueUnmerged", other_id=old.is_.issue_id)
    gone, last = Case(10).reported(), master_of(11)
    gone.does("DuplicateSuspected", suspects=[suspect(last)]).does("IssueWithdrawn")
    two, matters = Case(12).reported(body="请联系13800138000，井口漏水"), master_of(13)
    two.does("DuplicateSuspected", suspects=[suspect(matters)])
    two.does("DuplicateDismissed", other_id=matters.is_.issue_id)
    two.does("DuplicateSuspected", suspects=[suspect(matters)])
    pairs = [two, matters, open_pair, its_other, child, master, undone, old, gone, last]
    return [returned, later, patrol, *pairs]


@pytest.fixture(scope="module")
def connection(postgres_server: str) -> Iterator[Connection]:
    records = [record for case in cases() for record in case.records]
    with database(postgres_server) as url:
        migrate(url)
        with connect(url) as connection:
            Projection(connection, all_models(), Ground.of(load_city())).apply(records)
            connection.commit()
            yield connection


def test_scorecards_of_a_week_and_of_a_month(connection: Connection) -> None:
    week = {row.department: row for row in scorecards.of_period(connection, W23)}
    assert (week["water-co"].returns_upheld, week["housing"].hops) == (1, 1)
    month = {row.department: row for row in scorecards.of_period(connection, JUNE)}
    assert (month["housing"].hops, month["housing"].resolve_on_time) == (2, 1)
    [only] = scorecards.of_period(connection, JUNE, department="housing", origin="live")
    assert only == month["housing"]


def test_return_reasons_of_a_period(connection: Connection) -> None:
    assert returns.of_period(connection, JUNE) == [
        returns.ReturnReason("needs-other-lead", "water-co", "live", 1, 1, 0, 0, 1)
    ]
    assert returns.of_period(connection, W23.after) == []


def test_workers_of_a_period(connection: Connection) -> None:
    found = {row.worker: row for row in workers.of_period(connection, JUNE)}
    assert set(found) == {"someone", "gw-0103"}
    assert (found["someone"].days, found["someone"].areas, found["someone"].reported) == (1, 1, 1)
    assert found["gw-0103"].assignment_on_time == 1
    assert {row.worker for row in workers.of_period(connection, W23)} == {"someone"}


def test_what_became_of_suspected_pairs(connection: Connection) -> None:
    found = {pair.fate: pair for pair in duplicates.pairs(connection, limit=10)}
    assert set(found) == {"open", "merged", "unmerged", "dismissed", "overtaken"}
    assert found["merged"].half  # the master has not absorbed it yet
    assert found["open"].other_receipt is not None
    [one] = duplicates.pairs(connection, limit=10, fate="open")
    assert duplicates.pairs(connection, limit=10, issue_id=one.other_id) == [one]


def test_a_pair_is_read_side_by_side_without_numbers_of_people(connection: Connection) -> None:
    [pair] = duplicates.pairs(connection, limit=10, fate="dismissed")
    found = duplicates.texts(connection, [pair.issue_id, pair.other_id])
    assert found.keys() == {pair.issue_id, pair.other_id}
    assert "井口漏水" in found[pair.issue_id]
    assert "13800138000" not in found[pair.issue_id]
    assert found[pair.other_id]


def test_a_master_knows_its_children(connection: Connection) -> None:
    [pair] = duplicates.pairs(connection, limit=10, fate="merged")
    [child] = duplicates.children(connection, pair.other_id)
    assert (child.issue_id, child.half) == (pair.issue_id, True)
    assert duplicates.children(connection, pair.issue_id) == []


def test_overdue_at_an_instant_and_reports_by_area(connection: Connection) -> None:
    span = W23.span("Asia/Shanghai")
    assert current.overdue(connection, span, START + 100 * MINUTE) == []
    [late] = current.overdue(connection, span, START + 131 * MINUTE)
    assert (late.lead, late.issues, late.respond, late.resolve) == ("housing", 1, 1, 0)
    areas = {row.area: row.reported for row in area_weekly.of_period(connection, W23)}
    assert areas == {"east-canal-01": 11, "west-bell-01": 1}
