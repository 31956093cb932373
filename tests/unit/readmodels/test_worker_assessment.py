"""Given what grid workers did, then what is counted for them."""

from __future__ import annotations

from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from hutong.issue.fold import Outcome
from hutong.readmodels.worker_assessment import MODEL
from tests.fixtures.cases import DAY, Case, accepted_case
from tests.fixtures.lives import Act, live, scripts
from tests.fixtures.model_rows import rows_of, told


def work(*cases: Case) -> dict[tuple[str, str, str], dict[str, int]]:
    """(worker, day, area) -> what is not zero."""
    return {tuple(key[:3]): told(row) for key, row in rows_of(MODEL, *cases).items()}


def assigned_case(assignee: str = "gw-0103") -> Case:
    case = accepted_case().at(60)
    return case.does("IssueAssigned", assignee=assignee, due=case.ms(600))


PLACE = ("2026-06-01", "east-canal-01")


def test_a_patrol_s_reports() -> None:
    spot = {"result": "fixed", "text": "当场清理"}
    cases = [
        Case(1).reported(channel="grid", handled_on_the_spot=None),
        Case(2).reported(channel="grid", handled_on_the_spot=spot),
        Case(3).reported(channel="app"),
    ]
    assert work(*cases) == {("someone", *PLACE): {"reported": 2, "on_the_spot": 1}}
    cases[1].does("SiteCheckFailed", checker="grid-worker:gw-0900", by="desk")
    assert work(*cases)[("someone", *PLACE)]["reworked"] == 1


def test_an_assignment_is_open_then_kept_or_late() -> None:
    assert work(assigned_case()) == {("gw-0103", *PLACE): {"assigned": 1, "assignment_open": 1}}
    assert work(assigned_case().at(600).resolved()) == {
        ("gw-0103", *PLACE): {"assigned": 1, "assignment_on_time": 1}
    }
    assert work(assigned_case().at(601).resolved()) == {
        ("gw-0103", *PLACE): {"assigned": 1, "assignment_late": 1}
    }


def test_one_that_is_given_to_another_is_late_only_when_its_time_was_over() -> None:
    for minute, expected in ((500, {"assigned": 1}), (700, {"assigned": 1, "assignment_late": 1})):
        case = assigned_case().at(minute)
        case.does("IssueAssigned", assignee="gw-0207", due=case.ms(2 * DAY))
        assert work(case) == {
            ("gw-0103", *PLACE): expected,
            ("gw-0207", *PLACE): {"assigned": 1, "assignment_open": 1},
        }


def test_one_without_a_due_time_is_volume_and_takes_nobody_s_clock() -> None:
    case = assigned_case().at(100)
    case.does("IssueAssigned", assignee="gw-0207", due=None).at(5 * DAY).resolved()
    assert work(case)[("gw-0207", *PLACE)] == {"assigned": 1}


def test_checks_count_for_the_checker_and_rework_for_the_handler() -> None:
    case = assigned_case().at(100).resolved().at(2 * DAY)
    case.does("SiteCheckFailed", checker="grid-worker:gw-0900")
    assert work(case) == {
        ("gw-0103", *PLACE): {"assigned": 1, "assignment_on_time": 1, "reworked": 1},
        ("gw-0900", "2026-06-03", "east-canal-01"): {"checks_failed": 1},
    }
    case.resolved().does("SiteCheckPassed", checker="gw-0900")
    key = ("gw-0900", "2026-06-03", "east-canal-01")
    assert work(case)[key] == {"checks_failed": 1, "checks_passed": 1}


@settings(max_examples=200, deadline=None)
@given_any(st.lists(scripts, min_size=1, max_size=2))
def test_volume_is_what_was_applied_and_nothing_is_negative(scripts: list[list[Act]]) -> None:
    cases = [live(script, number=n) for n, script in enumerate(scripts)]
    rows = rows_of(MODEL, *cases).values()
    applied = [
        step.record.name
        for case in cases
        for step in case.steps
        if step.verdict.outcome is Outcome.APPLIED
    ]
    assert sum(row["assigned"] for row in rows) == applied.count("IssueAssigned")
    checks = applied.count("SiteCheckPassed") + applied.count("SiteCheckFailed")
    assert sum(row["checks_passed"] + row["checks_failed"] for row in rows) == checks
    for row in rows:
        outcomes = [row[f"assignment_{what}"] for what in ("on_time", "late", "open")]
        assert min(row.values()) >= 0
        assert sum(outcomes) <= row["assigned"]
