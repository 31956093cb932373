"""Given cases, then the scorecards of their departments."""

from __future__ import annotations

from typing import Any

from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from hutong.readmodels.department_scorecard import MODEL
from hutong.readmodels.department_scorecard.changes import tally
from tests.fixtures.cases import DAY, Case, accepted_case, dispatched_case, resolved_case
from tests.fixtures.histories import MINUTE
from tests.fixtures.lives import Act, live, scripts
from tests.fixtures.model_rows import FACTS, rows_of
from tests.fixtures.model_rows import told as what


def cards(*cases: Case) -> dict[str, dict[str, int]]:
    """Department -> what is not zero, all weeks together."""
    found: dict[str, dict[str, int]] = {}
    for (department, *_), row in rows_of(MODEL, *cases).items():
        mine = found.setdefault(department, dict.fromkeys(row, 0))
        for name, value in row.items():
            mine[name] += value
    return {department: what(row) for department, row in found.items()}


def test_an_order_that_was_kept() -> None:
    case = resolved_case().at(4 * DAY).does("FollowUpCalled", satisfied="yes", solved="yes")
    assert cards(case) == {
        "water-co": {
            "issues": 1,
            "hops": 1,
            "accept_on_time": 1,
            "respond_on_time": 1,
            "resolve_on_time": 1,
            "resolved": 1,
            "dwell_hops": 1,
            "dwell_ms": 90 * MINUTE,
            "asked_solved": 1,
            "solved": 1,
            "asked_satisfied": 1,
            "satisfied": 1,
            "net_asked_satisfied": 1,
            "net_satisfied": 1,
        }
    }


def test_it_counts_in_the_week_in_which_the_turn_began() -> None:
    case = dispatched_case().at(20).accepted().at(8 * DAY).resolved()
    [(department, week, month, origin)] = rows_of(MODEL, case)
    assert (department, week, month, origin) == ("water-co", "2026-W23", "2026-06", "live")


def test_an_upheld_return_moves_the_open_promises_to_the_next_owner() -> None:
    case = dispatched_case().at(30).returned().at(90).return_accepted("housing")
    assert cards(case) == {
        "water-co": {
            "issues": 1,
            "hops": 1,
            "returns": 1,
            "returns_upheld": 1,
            "dwell_hops": 1,
            "dwell_ms": 20 * MINUTE,
        }
    }
    case.at(100).dispatched("housing").at(DAY).accepted().at(2 * DAY).resolved()
    assert cards(case)["housing"] == {
        "issues": 1,
        "hops": 1,
        "accept_late": 1,
        "respond_late": 1,
        "resolve_late": 1,
        "resolved": 1,
        "dwell_hops": 1,
        "dwell_ms": (2 * DAY - 100) * MINUTE,
    }


def test_a_refused_return_stays_with_its_department_and_the_desk_s_time_is_not_its() -> None:
    case = dispatched_case().at(30).returned()
    assert cards(case)["water-co"]["returns_open"] == 1
    case.at(90).return_refused().at(100).accepted().at(200).resolved()
    card = cards(case)["water-co"]
    assert (card["returns"], card["returns_refused"]) == (1, 1)
    assert "returns_open" not in card
    assert card["dwell_ms"] == (190 - 60) * MINUTE


def test_a_ruling_upholds_or_refuses_a_return() -> None:
    for lead, column in (("housing", "returns_upheld"), ("water-co", "returns_refused")):
        case = dispatched_case().at(30).returned().at(40).return_refused().at(50).returned()
        case.at(60).does("DutyAdjudicated", lead=lead)
        assert cards(case)["water-co"][column] == 1 + (column == "returns_refused")
        case.at(70).dispatched(lead)
        assert cards(case)["water-co"][column] == 1 + (column == "returns_refused")


def test_a_result_that_did_not_last_is_rework_of_a_turn_that_ended_with_the_claim() -> None:
    case = resolved_case().at(3 * DAY).does("SiteCheckFailed")
    card = cards(case)["water-co"]
    assert (card["issues"], card["hops"], card["reworked"]) == (1, 2, 1)
    assert (card["dwell_hops"], card["dwell_ms"]) == (1, 90 * MINUTE)
    assert card["resolve_open"] == 1
    assert "resolved" not in card


def test_unresolvable_is_counted_apart_and_its_rating_is_not_net() -> None:
    case = accepted_case().at(100).does("IssueDeclaredUnresolvable")
    case.at(4 * DAY).does("FollowUpCalled", satisfied="very-no", cause="result")
    card = cards(case)["water-co"]
    assert card["unresolvable"] == 1
    assert card["asked_satisfied"] == 1
    assert not {"resolved", "resolve_on_time", "satisfied", "net_asked_satisfied"} & set(card)


def test_an_issue_that_nobody_leads_is_open_with_nobody() -> None:
    case = dispatched_case().at(30).returned().at(90).return_accepted("housing")
    assert not any(name.endswith("_open") for card in cards(case).values() for name in card)


@settings(max_examples=200, deadline=None)
@given_any(st.lists(scripts, min_size=1, max_size=3))
def test_summed_changes_equal_a_count_of_the_final_states(told: list[list[Act]]) -> None:
    cases = [live(script, number=n) for n, script in enumerate(told)]
    expected: dict[tuple[Any, ...], dict[str, int]] = {}
    for case in cases:
        for key, values in tally(case.is_, FACTS).items():
            row = expected.setdefault(key, dict.fromkeys(MODEL.tables[0].values, 0))
            for name, value in zip(row, values, strict=True):
                row[name] += value
    found = rows_of(MODEL, *cases)
    assert found == {key: row for key, row in expected.items() if any(row.values())}
    for row in found.values():
        assert min(row.values()) >= 0
        parts = row["returns_upheld"] + row["returns_refused"] + row["returns_open"]
        assert parts <= row["returns"]
        assert row["net_asked_satisfied"] <= row["asked_satisfied"] <= row["hops"]
