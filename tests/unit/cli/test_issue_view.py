"""`hutong issue show` on 80 columns: nothing is cut."""

from __future__ import annotations

import io
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from hutong.cli.issue_view import clock_line, print_issue
from hutong.events.catalogue import event_classes
from hutong.readmodels.clock_due.queries import ClockRow
from hutong.readmodels.issue_timeline.queries import TimelineEntry

RECEIVED = 1_795_346_941_023
"""2026-11-22 19:29:01.023 in Shanghai."""

REPORTED = TimelineEntry(
    partition=1,
    offset=85,
    issue_id="7d7c3f3e-0d7c-4b8e-9c53-0a4d9be26ea1",
    event_id="7d7c3f3e-0d7c-4b8e-9c53-0a4d9be26ea1",
    name="IssueReported",
    principal="channel:hotline",
    actor="channel:hotline",
    origin="live",
    verdict="applied",
    reason="",
    detail="",
    occurred_at=RECEIVED - 25_623,
    received_at=RECEIVED,
    recorded_at=RECEIVED + 8,
    source="reports-hotline/1/7",
    causation_id=None,
    data={},
)
REFUSED = replace(
    REPORTED,
    offset=91,
    name="IssueAccepted",
    principal="dept:parks",
    actor="dept:parks:someone",
    verdict="refused",
    reason="not-the-lead",
    detail="the issue is with water-co, and only the lead can accept it; 牵头单位是水务公司",
    occurred_at=RECEIVED - 86_400_000,
    recorded_at=RECEIVED + 90_000_000,
)


def shown(*entries: TimelineEntry) -> list[str]:
    console = Console(width=80, file=io.StringIO(), highlight=False)
    print_issue(console, None, (), entries, ZoneInfo("Asia/Shanghai"))
    file = console.file
    assert isinstance(file, io.StringIO)
    return [line.rstrip() for line in file.getvalue().splitlines()][2:-2]


def test_an_entry_is_two_lines() -> None:
    assert shown(REPORTED) == [
        "2026-11-22 19:29:01.023  IssueReported                             applied",
        "    channel:hotline  occurred 19:28:35.400  recorded +8 ms  issues/1/85",
    ]


def test_a_refusal_says_why_and_other_days_have_their_date() -> None:
    lines = shown(REFUSED)
    assert lines[:3] == [
        "2026-11-22 19:29:01.023  IssueAccepted                             refused",
        "    dept:parks (dept:parks:someone)  occurred 2026-11-21 19:29:01.023",
        "    recorded 2026-11-23 20:29:01.023  issues/1/91",
    ]
    assert "".join(line.strip() + " " for line in lines[3:]).strip() == (
        "not-the-lead: the issue is with water-co, and only the lead can accept it;"
        " 牵头单位是水务公司"
    )


def test_a_claim_that_cannot_be_is_marked() -> None:
    later = replace(REPORTED, occurred_at=RECEIVED + 3_600_000)
    assert "occurred 20:29:01.023 ?" in shown(later)[1]
    assert "occurred 2026-11-21 19:29:01.023 ?" in shown(REPORTED, REFUSED)[3]


def test_the_longest_event_name_leaves_room_for_the_verdict() -> None:
    longest = max((name.rpartition(".")[2] for name in event_classes()), key=len)
    [first, *_] = shown(replace(REPORTED, name=longest, verdict="not-yet"))
    assert first.endswith("  not-yet")
    assert len(first) <= 80


CLOCK = ClockRow(
    issue_id="i",
    clock="resolve",
    origin="live",
    department="water-co",
    street="east",
    tier="general",
    calendar="natural",
    started_at=RECEIVED,
    due_at=RECEIVED + 86_400_000,
    stopped_at=None,
    paused=False,
    runs=True,
    provisional=False,
    excused_ms=0,
    late=False,
    level="",
    next_at=None,
)


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        (CLOCK, "due 2026-11-23 19:29"),
        (
            replace(CLOCK, provisional=True, excused_ms=5_400_000, level="street"),
            "due 2026-11-23 19:29 (provisional), 90 min excused, told: street",
        ),
        (
            replace(CLOCK, stopped_at=RECEIVED + 90_000_000, late=True, runs=False),
            "due 2026-11-23 19:29, answered 2026-11-23 20:29, late",
        ),
        (replace(CLOCK, paused=True, runs=False), "due 2026-11-23 19:29, paused"),
    ],
)
def test_a_clock_is_a_line(clock: ClockRow, line: str) -> None:
    assert clock_line(clock, ZoneInfo("Asia/Shanghai")).plain == line
