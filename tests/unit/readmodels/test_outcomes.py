"""Given a case, then its clocks and opinions count like this."""

from __future__ import annotations

import pytest

from hutong.readmodels.outcomes import due_at, is_at_fault, outcome, satisfied, solved
from tests.fixtures.cases import DAY, HOUR, Case, accepted_case, dispatched_case, resolved_case
from tests.fixtures.lives import OLDER

#: Dispatched at minute 10: due at 70 (accept), 130 (respond), 1450 (resolve).
RESOLVE_DUE = 1450


def suspended(*, at: int) -> Case:
    case = accepted_case().at(at)
    return case.does("IssueSuspended", review_at=case.ms(9 * DAY), reason="season")


def merged() -> Case:
    case = dispatched_case().at(60)
    return case.does("IssueMerged", master_id=OLDER, master_reported_at=case.start - 1)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (dispatched_case(), "open"),
        (resolved_case(), "on_time"),
        (accepted_case().at(RESOLVE_DUE).resolved(), "on_time"),
        (accepted_case().at(RESOLVE_DUE + 1).resolved(), "late"),
        (accepted_case().at(RESOLVE_DUE + 1).does("IssueWithdrawn"), "late"),
        (accepted_case().at(100).does("IssueWithdrawn"), None),
        (accepted_case().does("IssueDeclaredUnresolvable"), None),
        (merged(), None),
        (merged().does("IssueUnmerged", other_id=OLDER), "open"),
        (suspended(at=100), "open"),
        (suspended(at=100).at(5 * DAY).does("IssueResumed").at(6 * DAY - 90).resolved(), "on_time"),
        (suspended(at=100).at(5 * DAY).does("IssueResumed").at(6 * DAY - 89).resolved(), "late"),
        (resolved_case().at(DAY).does("IssueReopened", reason="false-result"), "open"),
        (
            resolved_case().at(2 * DAY).does("IssueReopened", reason="false-result").resolved(),
            "late",
        ),
        (
            resolved_case().at(2 * DAY).does("IssueReopened", reason="recurred").resolved(),
            "on_time",
        ),
        (Case().reported(), None),
    ],
)
def test_the_promise_to_resolve(case: Case, expected: str | None) -> None:
    assert outcome(case.is_, "resolve") == expected


def test_an_import_knows_no_answers_so_nothing_of_it_is_late() -> None:
    case = dispatched_case()
    imported = case.is_.but({"origin": "imported"})
    assert outcome(imported, "resolve") is None
    assert due_at(imported, "resolve") is None


def test_a_paused_clock_makes_nobody_late_unless_it_was_late() -> None:
    assert due_at(dispatched_case().is_, "resolve") == Case().ms(RESOLVE_DUE)
    assert due_at(suspended(at=100).is_, "resolve") is None
    late = suspended(at=2 * DAY)
    assert due_at(late.is_, "resolve") == late.ms(RESOLVE_DUE)
    assert due_at(resolved_case().is_, "resolve") is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [("very", True), ("yes", True), ("fair", False), ("no", False), ("very-no", False)],
)
def test_what_the_call_heard(said: str, expected: bool) -> None:
    case = resolved_case().at(4 * DAY).does("FollowUpCalled", satisfied=said, solved="partly")
    assert (satisfied(case.is_), solved(case.is_)) == (expected, False)


def test_the_reporter_s_own_rating_wins_over_the_call() -> None:
    case = resolved_case().at(4 * DAY).does("FollowUpCalled", satisfied="no", solved="no")
    case.does("IssueRated", satisfied=True, resolved=None, by="channel:app")
    assert (satisfied(case.is_), solved(case.is_)) == (True, False)


def test_nobody_asked_is_not_known() -> None:
    assert satisfied(resolved_case().is_) is None
    case = resolved_case().at(4 * DAY).does("FollowUpCalled", satisfied=None, solved="unknown")
    assert (satisfied(case.is_), solved(case.is_)) == (None, None)


def displeased(case: Case, cause: str) -> Case:
    return case.does("FollowUpCalled", satisfied="no", cause=cause)


@pytest.mark.parametrize(
    ("case", "at_fault"),
    [
        (displeased(resolved_case(), "result"), True),
        (displeased(resolved_case(), "attitude"), True),
        (displeased(resolved_case(), "speed"), False),
        (displeased(accepted_case().at(9 * HOUR).resolved(), "speed"), True),
        (displeased(accepted_case().does("IssueDeclaredUnresolvable"), "result"), False),
    ],
)
def test_whose_fault_a_bad_opinion_is(case: Case, at_fault: bool) -> None:
    assert is_at_fault(case.is_) is at_fault
