"""Given returns, then these reasons and what became of them."""

from __future__ import annotations

from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from hutong.issue.fold import Outcome
from hutong.readmodels.return_reasons import MODEL
from tests.fixtures.cases import Case, dispatched_case
from tests.fixtures.lives import OLDER, Act, live, scripts
from tests.fixtures.model_rows import rows_of, told


def reasons(case: Case) -> dict[tuple[str, str], dict[str, int]]:
    """(reason, department) -> what is not zero."""
    return {(reason, dept): told(row) for (reason, dept, *_), row in rows_of(MODEL, case).items()}


def returned_case() -> Case:
    return dispatched_case().at(30).returned(reason="needs-other-lead")


def test_a_return_is_open_until_the_desk_decides() -> None:
    key = ("needs-other-lead", "water-co")
    assert reasons(returned_case()) == {key: {"returns": 1, "open": 1}}
    assert reasons(returned_case().return_refused()) == {key: {"returns": 1, "refused": 1}}
    case = returned_case().return_accepted("housing")
    assert reasons(case) == {key: {"returns": 1, "upheld": 1}}
    assert reasons(case.dispatched("housing"))[key] == {
        "returns": 1,
        "upheld": 1,
        "hops_after": 1,
    }


def test_two_departments_in_a_row() -> None:
    case = returned_case().return_accepted("housing").dispatched("housing")
    case.returned(reason="info-missing").return_accepted("water").dispatched("water")
    assert reasons(case) == {
        ("needs-other-lead", "water-co"): {"returns": 1, "upheld": 1, "hops_after": 2},
        ("info-missing", "housing"): {"returns": 1, "upheld": 1, "hops_after": 1},
    }


def test_a_ruling_decides_the_second_return() -> None:
    case = returned_case().return_refused().returned(reason="info-missing")
    case.does("DutyAdjudicated", lead="water-co")
    assert reasons(case) == {
        ("needs-other-lead", "water-co"): {"returns": 1, "refused": 1},
        ("info-missing", "water-co"): {"returns": 1, "refused": 1},
    }


def test_a_return_that_was_overtaken_is_open_no_more() -> None:
    case = returned_case()
    case.does("IssueMerged", master_id=OLDER, master_reported_at=case.start - 1)
    assert reasons(case) == {("needs-other-lead", "water-co"): {"returns": 1}}
    case.does("IssueUnmerged", other_id=OLDER)
    assert reasons(case)[("needs-other-lead", "water-co")]["open"] == 1


@settings(max_examples=200, deadline=None)
@given_any(st.lists(scripts, min_size=1, max_size=2))
def test_every_return_is_counted_once(scripts: list[list[Act]]) -> None:
    cases = [live(script, number=n) for n, script in enumerate(scripts)]
    rows = rows_of(MODEL, *cases).values()
    applied = [
        step.record.name
        for case in cases
        for step in case.steps
        if step.verdict.outcome is Outcome.APPLIED
    ]
    assert sum(row["returns"] for row in rows) == applied.count("IssueReturned")
    decided = applied.count("ReturnDecided") + applied.count("DutyAdjudicated")
    assert sum(row["upheld"] + row["refused"] for row in rows) == decided
    assert sum(row["open"] for row in rows) == sum(
        case.is_.status in ("returned", "disputed") for case in cases
    )
    assert all(min(row.values()) >= 0 for row in rows)
