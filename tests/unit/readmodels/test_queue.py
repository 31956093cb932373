"""Given a case, then these decisions lie at the desk."""

from __future__ import annotations

from typing import Any

import pytest

from hutong.readmodels.queue import MODEL
from tests.fixtures.cases import DAY, Case, accepted_case, dispatched_case, resolved_case
from tests.fixtures.lives import OLDER
from tests.fixtures.model_rows import rows_of


def owed(case: Case) -> dict[str, dict[str, Any]]:
    """Kind -> row, after all that happened to the case."""
    return {kind: row for (_, kind), row in rows_of(MODEL, case).items()}


def queued_case() -> Case:
    case = Case().reported()
    return case.at(1).does("IssueQueued", by="router", source=case.records[0].source)


def suspended_case() -> Case:
    case = accepted_case().at(200)
    return case.does("IssueSuspended", review_at=case.ms(10 * DAY), reason="season")


def merged_case() -> Case:
    case = queued_case()
    return case.does("IssueMerged", master_id=OLDER, master_reported_at=case.start - 1)


@pytest.mark.parametrize(
    ("case", "kinds"),
    [
        (Case().reported(), set()),
        (queued_case(), {"queued"}),
        (queued_case().dispatched(), set()),
        (queued_case().does("IssueWithdrawn"), set()),
        (merged_case(), set()),
        (merged_case().does("IssueUnmerged", other_id=OLDER), {"queued"}),
        (dispatched_case(), set()),
        (dispatched_case().returned(), {"return"}),
        (dispatched_case().returned().return_refused(), set()),
        (dispatched_case().returned().return_refused().returned(), {"dispute"}),
        (
            dispatched_case().returned().return_refused().returned().does("DutyAdjudicated"),
            {"queued"},
        ),
        (dispatched_case().returned().return_accepted("housing"), {"queued"}),
        (accepted_case().does("ExtensionRequested"), {"extension"}),
        (accepted_case().does("ExtensionRequested").returned(), {"return"}),
        (accepted_case().does("ExtensionRequested").does("ExtensionDecided"), set()),
        (suspended_case(), {"review"}),
        (suspended_case().does("IssueResumed"), set()),
        (resolved_case(), {"follow-up", "close"}),
        (resolved_case().does("IssueClosed", ground="policy"), {"follow-up"}),
        (resolved_case().at(4 * DAY).does("FollowUpCalled", reached="reached"), {"close"}),
        (resolved_case().does("IssueReopened", reason="recurred"), set()),
        (accepted_case().does("IssueDeclaredUnresolvable"), {"follow-up", "close"}),
    ],
)
def test_what_lies_at_the_desk(case: Case, kinds: set[str]) -> None:
    assert set(owed(case)) == kinds


def test_a_queued_issue_waits_since_its_report_until_its_dispatch_is_due() -> None:
    case = queued_case()
    assert owed(case)["queued"] == {
        "since": case.ms(0),
        "due_at": case.clock("dispatch").due_at,
        "department": None,
        "reason": None,
        "street": "east",
        "category": None,
        "tier": None,
        "origin": "live",
    }


def test_a_return_names_who_gives_it_back_and_why() -> None:
    case = dispatched_case().at(30).returned(reason="needs-other-lead")
    row = owed(case)["return"]
    assert (row["department"], row["reason"]) == ("water-co", "needs-other-lead")
    assert (row["since"], row["due_at"]) == (case.ms(30), case.clock("resolve").due_at)


def test_an_upheld_return_waits_for_its_new_owner_since_it_was_returned() -> None:
    row = owed(dispatched_case().at(30).returned().at(90).return_accepted("housing"))["queued"]
    assert (row["department"], row["since"]) == ("housing", Case().ms(30))


def test_a_review_and_a_call_are_owed_from_their_day_on() -> None:
    case = suspended_case()
    assert owed(case)["review"]["since"] == case.ms(10 * DAY)
    case = resolved_case()
    assert owed(case)["follow-up"]["since"] == case.clock("follow-up").opens_at
