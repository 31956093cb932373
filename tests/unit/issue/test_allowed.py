"""What may be done now, told before it is said."""

from __future__ import annotations

import pytest

from hutong.issue.allowed import may_now
from tests.fixtures.cases import Case, accepted_case, dispatched_case, resolved_case
from tests.fixtures.lifecycle import RULES

RETURNED = dispatched_case().at(30).returned()
RULED = (
    dispatched_case()
    .at(30)
    .returned()
    .does("DutyAdjudicated", lead="water-co")
    .dispatched("water-co")
)
ASKED = accepted_case().at(40).does("ExtensionRequested")


@pytest.mark.parametrize(
    ("case", "event", "principal", "allowed"),
    [
        (dispatched_case(), "IssueAccepted", "dept:water-co", True),
        (dispatched_case(), "IssueAccepted", "dept:water", False),
        (accepted_case(), "IssueAccepted", "dept:water-co", False),
        (dispatched_case(), "IssueReturned", "dept:water-co", True),
        (RULED, "IssueReturned", "dept:water-co", False),
        (dispatched_case(), "ProgressNoted", "dept:water", True),
        (accepted_case(), "IssueResolved", "dept:water-co", True),
        (dispatched_case(), "IssueResolved", "dept:water-co", False),
        (RETURNED, "ReturnDecided", "desk", True),
        (ASKED, "ExtensionDecided", "desk", True),
        (ASKED, "ExtensionRequested", "dept:water-co", False),
        (resolved_case(), "SiteCheckPassed", "channel:grid", True),
        (resolved_case(), "IssueClosed", "desk", True),
    ],
)
def test_what_may_be_done_is_known_beforehand(
    case: Case, event: str, principal: str, allowed: bool
) -> None:
    assert may_now(case.is_, event, principal, RULES, case.ms(case.now)) is allowed


def test_a_window_that_is_over_closes_the_door() -> None:
    case = dispatched_case()
    week = case.ms(7 * 24 * 60)

    assert not may_now(case.is_, "IssueReturned", "dept:water-co", RULES, week)
