"""Given a case, then these are its clocks."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from hutong.issue.notices import DESK, next_at
from hutong.readmodels import CityFacts
from hutong.readmodels.clock_due import MODEL
from hutong.readmodels.clock_due.tables import CLOCK_DUE
from hutong.readmodels.facts import Places
from hutong.readmodels.writer import merge
from tests.fixtures.cases import DAY, HOUR, Case, accepted_case, dispatched_case, resolved_case
from tests.fixtures.histories import History
from tests.fixtures.lifecycle import RULES, fold_all
from tests.fixtures.lives import OLDER, Act, live, scripts

PLACES = Places(streets={"east-canal-01": "east"}, timezone="Asia/Shanghai")
FACTS = CityFacts({0: PLACES}, rules=RULES, channels={"app": 3, "simulator": 9})
Rows = dict[str, dict[str, Any]]


def rows_of(case: Case) -> Rows:
    """Clock -> row, after all that happened to the case."""
    changes = [c for step in case.steps for c in MODEL.changes(step, FACTS)]
    rows = merge(changes, {CLOCK_DUE.name: CLOCK_DUE.mode}).get(CLOCK_DUE.name, {})
    return {
        clock: dict(zip(CLOCK_DUE.values, row, strict=True))
        for (_, clock), row in rows.items()
        if row is not None
    }


def test_a_clock_says_whose_it_is_and_what_it_brings_next() -> None:
    case = dispatched_case()
    row = rows_of(case)["resolve"]
    assert (row["department"], row["street"], row["tier"]) == ("water-co", "east", "general")
    assert (row["started_at"], row["due_at"]) == (case.ms(10), case.ms(10 + DAY))
    assert row["next_at"] == case.ms(10 + DAY * 4 // 5)
    assert rows_of(case)["dispatch"]["department"] == DESK


def test_what_was_said_moves_on_to_what_comes_next() -> None:
    case = dispatched_case().at(DAY)
    due = case.clock("resolve").due_at
    case.does("ReminderSent", clock="resolve", due_at=due)
    assert rows_of(case)["resolve"]["next_at"] == due
    case.at(DAY + 20).does("ClockDue", clock="resolve", due_at=due, attempt=1)
    case.does("IssueEscalated", clock="resolve", level="community")
    row = rows_of(case)["resolve"]
    assert (row["level"], row["next_at"]) == ("community", due + 4 * HOUR * 60_000)


def test_an_answered_clock_brings_nothing_and_says_whether_it_was_late() -> None:
    rows = rows_of(resolved_case())
    assert [rows[name]["late"] for name in ("accept", "respond", "resolve")] == [False] * 3
    assert rows["resolve"]["next_at"] is None
    assert not rows["resolve"]["runs"]
    late = rows_of(accepted_case().at(3 * DAY).resolved())["resolve"]
    assert (late["late"], late["next_at"]) == (True, None)


def test_it_changes_hands_with_the_issue() -> None:
    case = accepted_case().returned().return_accepted("housing")
    assert rows_of(case)["resolve"]["department"] == DESK
    assert rows_of(case.dispatched("housing"))["resolve"]["department"] == "housing"


def test_a_merged_issue_expects_no_answer() -> None:
    case = accepted_case()
    case.does("IssueMerged", master_id=OLDER, master_reported_at=case.start - 1)
    row = rows_of(case)["resolve"]
    assert (row["runs"], row["next_at"], row["stopped_at"]) == (False, None, None)
    case.does("IssueUnmerged", other_id=OLDER)
    assert rows_of(case)["resolve"]["runs"]


def test_an_assignment_that_was_dropped_has_no_row() -> None:
    case = accepted_case()
    case.does("IssueAssigned", due=case.ms(DAY))
    assert rows_of(case)["assignment:water-co"]["due_at"] == case.ms(DAY)
    case.dispatched("housing")
    assert "assignment:water-co" not in rows_of(case)


def test_only_of_live_issues_anything_comes_by_itself() -> None:
    history = History(1, origin="simulated")
    steps = fold_all(history.reported(), history.dispatched())
    changes = [c for step in steps for c in MODEL.changes(step, FACTS)]
    assert {c.values[-1] for c in changes if c.values is not None} == {None}


@settings(max_examples=200, deadline=None)
@given(scripts)
def test_the_rows_are_the_clocks_whatever_happened(script: list[Act]) -> None:
    case = live(script)
    state, rows = case.is_, rows_of(case)
    assert rows.keys() == state.clocks.keys()
    for name, row in rows.items():
        clock = state.clocks[name]
        assert row["due_at"] == clock.due_at
        assert row["stopped_at"] == clock.stopped_at
        assert row["late"] == clock.is_late()
        assert row["level"] == clock.level
        assert row["next_at"] == next_at(state, name, RULES.pack(0))
