"""Rows as the read models would give them, and a source that holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hutong_web.data import BoardData, CaseData, DeskData, GridData, InboxData, Position
from hutong_web.filters import Filters, Scope

from hutong.readmodels.department_load.queries import DepartmentLoad
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong.readmodels.queue.queries import Cursor
from hutong.readmodels.status_count.queries import StatusCount
from hutong.store import KeptPack
from tests.unit.web.report_rows import FakeReports

#: Monday 1 June 2026, 08:00:00 in Shanghai; week 2026-W23.
NOW: Final = 1_780_272_000_000
ISSUE: Final = "0197a6c2-4f00-7a11-9c55-1b2f00c0ffee"
DISPATCH: Final = "92109df1-80f8-5c2a-b759-7df52bacfa01"
RECEIPT: Final = "02-07-00128431-5"
PACK: Final = "sha256:" + "ab" * 32


def issue(**changes: Any) -> IssueCurrent:
    """A street lamp, accepted."""
    plain = IssueCurrent(
        issue_id=ISSUE,
        receipt=RECEIPT,
        channel="hotline",
        origin="live",
        status="accepted",
        area="west-bell-01",
        street="west",
        category="facilities.lighting",
        item="street-lamp",
        kind="management",
        intent="help",
        tier="general",
        lead="urban-mgmt",
        co_owners=["power-co"],
        hop=1,
        subject="路灯不亮",
        lon=None,
        lat=None,
        address="槐里路12号",
        reported_at=NOW - 3_600_000,
        dispatched_at=NOW - 3_599_000,
        accepted_at=NOW - 3_000_000,
        responded_at=None,
        resolved_at=None,
        unresolvable=False,
        closed_at=None,
        applied=3,
        on_the_spot=False,
        result=None,
        verified_at=None,
        returns=0,
        rework=0,
        master=None,
        children=0,
        dispatch_due_at=None,
        accept_due_at=None,
        respond_due_at=None,
        resolve_due_at=None,
        accept_late=None,
        respond_late=None,
        resolve_late=None,
        solved=None,
        satisfied=None,
        turn_at=None,
    )
    return replace(plain, **changes)


def entry(name: str, event_id: str, data: Mapping[str, Any], **changes: Any) -> TimelineEntry:
    """One record of that issue."""
    plain = TimelineEntry(
        partition=7,
        offset=128,
        issue_id=ISSUE,
        event_id=event_id,
        name=name,
        principal="router",
        actor="router",
        origin="live",
        verdict="applied",
        reason="",
        detail="",
        occurred_at=NOW - 3_605_000,
        received_at=NOW - 3_600_000,
        recorded_at=NOW - 3_599_000,
        source="reports-hotline/7/128431",
        causation_id=None,
        data=data,
    )
    return replace(plain, **changes)


def history() -> list[TimelineEntry]:
    """Reported, dispatched, an act of the wrong department."""
    reported = {
        "channel": "hotline",
        "contact": "c-SECRET",
        "subject": "路灯不亮",
        "body": "槐里路的路灯 不亮，晚上太黑。",
    }
    dispatched = {
        "item": "street-lamp",
        "category": "facilities.lighting",
        "kind": "management",
        "intent": "help",
        "tier": "general",
        "lead": "urban-mgmt",
        "co_owners": ["power-co"],
        "clocks": [{"clock": "respond", "minutes": 120, "calendar": "natural"}],
        "hop": 1,
        "confidence": 912,
        "evidence": [{"keyword": "路灯不亮", "field": "body", "weight": 9}],
        "pack": PACK,
        "model": "duty-list/1",
    }
    refused = {"hop": 1, "handler": "王工"}
    return [
        entry("IssueReported", ISSUE, reported, principal="channel:hotline", actor="SECRET-ACTOR"),
        entry("IssueDispatched", DISPATCH, dispatched, offset=129, causation_id=ISSUE),
        entry(
            "IssueAccepted",
            "12109df1-80f8-5c2a-b759-7df52bacfa01",
            refused,
            offset=130,
            principal="dept:water",
            actor="worker:0417",
            verdict="refused",
            reason="not-the-lead",
            detail="dept:water does not lead, urban-mgmt does",
            causation_id=DISPATCH,
        ),
    ]


@dataclass
class FakeSource(FakeReports):
    """Holds rows; does not filter (that is the database's part), but notes what it was asked."""

    issues: Sequence[IssueCurrent] = ()
    entries: Sequence[TimelineEntry] = ()
    counts: Sequence[StatusCount] = ()
    error: Exception | None = None
    asked: list[Filters] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    kept: KeptPack | None = None

    def position(self) -> Position:
        self._fail()
        return Position({0: 40, 7: 131}, NOW - 1_000) if self.counts else Position({}, None)

    def board(self, filters: Filters, scope: Scope, weeks: Sequence[str], limit: int) -> BoardData:
        self.scopes.append(scope)
        self.asked.append(filters)
        weekly: dict[str, dict[str, int]] = {week: {} for week in weeks}
        if self.counts:
            weekly[weeks[-1]] = {"facilities": 3, "": 1}
            weekly[weeks[-2]] = {"facilities": 8}
        loads = [DepartmentLoad("urban-mgmt", "live", 4, 1, 2, 1, 0, 0, 9)] if self.counts else []
        issues = self.issues[:limit]
        return BoardData(
            self.position(), self.counts, weekly, loads, issues, len(self.issues) > limit
        )

    def case(self, issue_id: str) -> CaseData | None:
        self._fail()
        found = [one for one in self.issues if one.issue_id == issue_id]
        entries = [one for one in self.entries if one.issue_id == issue_id]
        if not found and not entries:
            return None
        return CaseData(self.position(), found[0] if found else None, entries)

    def desk(
        self,
        kind: str,
        *,
        now: int,
        street: str = "",
        origin: str = "",
        after: Cursor | None = None,
        limit: int,
    ) -> DeskData:
        return DeskData(self.position(), {}, [], False)

    def inbox(self, department: str, limit: int) -> InboxData:
        return InboxData(self.position(), [], [], {}, {}, False)

    def grid(self, worker: str, areas: Collection[str], limit: int) -> GridData:
        return GridData(self.position(), [], [], {})

    def find(self, receipt: str) -> str | None:
        self._fail()
        return next((one.issue_id for one in self.issues if one.receipt == receipt), None)

    def pack(self, at: int) -> KeptPack | None:
        self._fail()
        return self.kept

    def check(self) -> None:
        self._fail()

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


def full_source() -> FakeSource:
    """A small district at work."""
    counts = [
        StatusCount("live", "accepted", 5, 5),
        StatusCount("live", "queued", 2, 0),
        StatusCount("live", "returned", 1, 1),
        StatusCount("live", "closed", 10, 10),
        StatusCount("live", "withdrawn", 1, 0),
    ]
    return FakeSource([issue()], history(), counts)
