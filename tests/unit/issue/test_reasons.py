"""Every reason for a refusal can be met, and has words in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from hutong.events.catalogue import event_classes
from hutong.events.headers import Source
from hutong.issue import v1
from hutong.issue.fold import MOST_WAITING, Outcome, evolve
from hutong.issue.rules import REASONS, Rules, UnknownRulesError
from hutong.issue.state import Status
from hutong.issue.table import Table
from tests.fixtures.cases import DAY, Case, accepted_case, dispatched_case, resolved_case
from tests.fixtures.histories import History
from tests.fixtures.lifecycle import RULES

OTHER = History(2).issue_id


def _altered() -> str:
    case = accepted_case()
    last = case.records[-1]
    step = case.tell(replace(last, body={**last.body, "handler": "somebody else"}))
    return step.verdict.reason


def _answers_a_repeat() -> str:
    case = Case().reported()
    record = case.make("IssueDispatched", by="router", hop=1)
    return case.tell(replace(record, source=Source("reports-app", 1, 99))).verdict.reason


def _unseen() -> str:
    case = dispatched_case()
    return case.tell(case.make("IssueAccepted", answers=OTHER)).verdict.reason


def _too_many() -> str:
    """Given 64 notes that answer events nobody saw, when one more comes, then it is refused."""
    case = dispatched_case()
    for _ in range(MOST_WAITING):
        step = case.tell(case.make("ProgressNoted", answers=OTHER))
        assert step.verdict.outcome is Outcome.WAITING
    return case.tell(case.make("ProgressNoted", answers=OTHER)).verdict.reason


def _too_much() -> str:
    """Given few notes of half a megabyte, then the bytes decide before the number does."""
    case = dispatched_case()
    for _ in range(2):
        record = case.make("ProgressNoted", answers=OTHER)
        step = case.tell(replace(record, body={**record.body, "text": "x" * 600_000}))
    return step.verdict.reason


def _no_rule() -> str:
    case = Case().reported()
    return case.tell(replace(case.make("IssueAmended"), name="IssueFramed")).verdict.reason


def _reported_again(case: Case) -> str:
    record = case.make("IssueReported")
    head = {**record.body["head"], "event_id": OTHER}
    return case.tell(replace(record, body={**record.body, "head": head})).verdict.reason


def _merge(**changes: object) -> Callable[[], str]:
    case = Case().reported()
    return lambda: case.refuses("IssueMerged", master_id=OTHER, **changes)


def _absorbed_twice() -> str:
    case = Case().reported()
    child = {"child_id": OTHER, "child_reported_at": case.start + 1}
    return case.does("IssueAbsorbed", **child).refuses("IssueAbsorbed", **child)


def _due_final() -> str:
    case = accepted_case()
    due = case.clock("resolve").due_at
    return case.refuses("DueRevised", clock="resolve", due_at=due + 1, ground="calendar-announced")


def _excused_twice() -> str:
    case = accepted_case()
    due = case.clock("resolve").due_at
    case.does("DueRevised", clock="resolve", due_at=due + 1)
    return case.refuses("DueRevised", clock="resolve", due_at=due + 2)


def _excuse(**changes: object) -> Callable[[], str]:
    def refused() -> str:
        case = Case().reported()
        length = [{"clock": "resolve", "minutes": 420, "calendar": "working"}]
        case.dispatched(clocks=length)
        return case.refuses("DueRevised", **{"clock": "resolve", **changes})

    return refused


def _notice(name: str, minute: int, *, stopped: bool = False, **changes: object) -> str:
    case = accepted_case()
    if stopped:
        case.at(100).resolved()
    due = case.clock("resolve").due_at
    body: dict[str, object] = {"clock": "resolve"}
    if name != "IssueEscalated":
        body["due_at"] = due
    return case.at(minute).refuses(name, **{**body, **changes})


def _supervised() -> Case:
    return accepted_case().does("SupervisionOpened", level="district")


def _long_after() -> str:
    case = accepted_case().does("IssueWithdrawn", by="desk").at(91 * DAY)
    return case.refuses("IdentityRevealed", by="desk")


CASES: Mapping[str, Callable[[], str]] = {
    "already-reported": lambda: _reported_again(Case().reported()),
    "altered-repeat": _altered,
    "answers-a-repeat": _answers_a_repeat,
    "cause-not-seen": _unseen,
    "too-many-waiting": _too_many,
    "not-the-channel": lambda: Case().reported().refuses("IssueWithdrawn", by="channel:sensor"),
    "no-rule": _no_rule,
    "ended-long-ago": _long_after,
    "not-now": lambda: Case().reported().refuses("IssueClosed"),
    "not-the-lead": lambda: dispatched_case().refuses("IssueAccepted", by="dept:parks"),
    "not-an-owner": lambda: dispatched_case().refuses("ProgressNoted", by="dept:parks"),
    "wrong-hop": lambda: dispatched_case().refuses("IssueAccepted", hop=2),
    "not-as-ruled": lambda: (
        dispatched_case()
        .returned()
        .return_accepted("water")
        .refuses("IssueDispatched", lead="parks", hop=2)
    ),
    "accepted-before": lambda: accepted_case().does("IssueResponded").refuses("IssueAccepted"),
    "unknown-reason": lambda: dispatched_case().refuses("IssueReturned", reason="tired"),
    "no-evidence": lambda: dispatched_case().refuses("IssueReturned", media=[]),
    "bad-clock": lambda: (
        Case()
        .reported()
        .refuses(
            "IssueDispatched",
            hop=1,
            clocks=[{"clock": "resolve", "minutes": 5, "calendar": "lunar"}],
        )
    ),
    "return-too-late": lambda: dispatched_case().at(DAY).refuses("IssueReturned"),
    "ruled-already": lambda: (
        dispatched_case()
        .returned()
        .does("DutyAdjudicated", lead="water")
        .dispatched("water")
        .refuses("IssueReturned")
    ),
    "decision-unclear": lambda: (
        dispatched_case().returned().refuses("ReturnDecided", accepted=False)
    ),
    "no-next-owner": lambda: dispatched_case().returned().refuses("ReturnDecided", next_owner=None),
    "extended-before": lambda: (
        accepted_case()
        .does("ExtensionRequested")
        .does("ExtensionDecided")
        .refuses("ExtensionRequested")
    ),
    "already-asked": lambda: (
        accepted_case().does("ExtensionRequested").refuses("ExtensionRequested")
    ),
    "asked-too-late": lambda: accepted_case().at(2 * DAY).refuses("ExtensionRequested"),
    "nothing-asked": lambda: accepted_case().refuses("ExtensionDecided"),
    "extension-too-long": lambda: (
        accepted_case()
        .does("ExtensionRequested")
        .refuses("ExtensionDecided", minutes=15 * DAY, level="district")
    ),
    "no-condition": lambda: accepted_case().refuses("IssueSuspended", condition=" "),
    "review-not-ahead": lambda: accepted_case().refuses("IssueSuspended", review_at=0),
    "no-file-number": lambda: accepted_case().refuses("IssueResolved", result="enforced"),
    "no-explanation": lambda: accepted_case().refuses("IssueDeclaredUnresolvable", explanation=""),
    "checker-is-handler": lambda: resolved_case().refuses(
        "SiteCheckPassed", checker="dept:water-co:someone"
    ),
    "ground-not-met": lambda: resolved_case().refuses("IssueClosed", ground="verified"),
    "rated-before": lambda: resolved_case().does("IssueRated").refuses("IssueRated"),
    "unknown-clock": lambda: accepted_case().refuses("ClockDue", clock="lunch"),
    "answered-in-time": lambda: _notice("ClockDue", 2 * DAY, stopped=True),
    "clock-stands": lambda: _notice("ReminderSent", 200, stopped=True),
    "due-moved": lambda: _notice("ClockDue", 2 * DAY, due_at=1),
    "not-due-yet": lambda: _notice("ClockDue", 200),
    "not-higher": lambda: _notice("IssueEscalated", 2 * DAY, level="roof"),
    "unknown-ground": lambda: accepted_case().refuses("DueRevised", clock="resolve", ground="x"),
    "due-is-final": _due_final,
    "excused-before": _excused_twice,
    "due-not-later": _excuse(due_at=1),
    "not-working-time": _excuse(due_at=1_780_272_000_000 + 5 * DAY * 60_000),
    "supervised-already": lambda: _supervised().refuses("SupervisionOpened", level="district"),
    "not-supervised": lambda: _supervised().refuses("SupervisionClosed", level="leader"),
    "not-the-older": _merge(master_reported_at=1_999_999_999_999),
    "absorbed-before": _absorbed_twice,
    "not-suspected": lambda: accepted_case().refuses("DuplicateDismissed", other_id=OTHER),
    "not-merged": lambda: accepted_case().refuses("IssueUnmerged", other_id=OTHER),
}


@pytest.mark.parametrize("reason", CASES)
def test_each_reason_can_be_met(reason: str) -> None:
    assert CASES[reason]() == reason


def test_few_large_records_are_too_many_too() -> None:
    assert _too_much() == "too-many-waiting"


def test_the_table_of_reasons_is_whole() -> None:
    guards = {guard.code for row in v1.TABLE.rows.values() for guard in row.guards}
    assert set(REASONS) == set(CASES) >= guards
    for zh, en in REASONS.values():
        assert re.search(r"[\u4e00-\u9fff]", zh)
        assert not re.search(r"[\u4e00-\u9fff]", en)


def test_every_event_of_the_life_cycle_has_a_row() -> None:
    names = {name for name in event_classes() if name.startswith("hutong.issue.")}
    assert {f"hutong.issue.{name}" for name in v1.TABLE.rows} == names
    assert v1.TABLE.clocks.keys() <= v1.TABLE.rows.keys()


def test_every_status_can_be_left_or_is_an_end() -> None:
    for status in set(Status) - {Status.AWAITED, Status.WITHDRAWN, Status.TRANSFERRED}:
        assert any(status in row.allowed and row.to for row in v1.TABLE.rows.values()), status


def test_rules_of_a_version_that_is_not_known_stop_the_reader() -> None:
    record = replace(History(1).reported(), rules="99")
    with pytest.raises(UnknownRulesError, match="99"):
        evolve(None, record, RULES)


def test_a_record_is_judged_by_the_version_that_it_names() -> None:
    strict = Table("2", {"IssueReported": v1.TABLE.rows["IssueReported"]}, {}, v1.TABLE.move_clocks)
    rules = Rules([RULES.pack(0)], {"1": v1.TABLE, "2": strict})
    case = Case(rules=rules).reported()
    amended = case.make("IssueAmended")
    [old] = evolve(case.state, amended, rules)
    [new] = evolve(case.state, replace(amended, rules="2"), rules)
    assert (old.verdict.outcome, new.verdict.reason) == (Outcome.APPLIED, "no-rule")
