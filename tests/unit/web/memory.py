"""A source whose rows are made by the real fold and the real read models, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from hutong_web.data import SUSPECTS, CaseData, DeskData, GridData, InboxData, Position
from hutong_web.filters import GROUPS

from hutong.city import City
from hutong.issue.record import Record
from hutong.issue.rules import Rules
from hutong.issue.state import IssueState
from hutong.readmodels import CityFacts, all_models
from hutong.readmodels.assignment.queries import GivenTo
from hutong.readmodels.base import Mode
from hutong.readmodels.duplicates.queries import Pair
from hutong.readmodels.family import Member
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong.readmodels.projection import fold
from hutong.readmodels.queue.queries import _ASKED_BY, Cursor, KindCount, QueueEntry
from tests.unit.web.rows import NOW, FakeSource

Row = TypeVar("Row")


class MemorySource(FakeSource):
    """Give it records with `add`; it holds the rows that the projections would have written."""

    def __init__(self, city: City) -> None:
        super().__init__()
        self._facts, self._rules = CityFacts.of(city), Rules.of(city)
        self.states: dict[str, IssueState] = {}
        self.tables: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}

    def add(self, records: Iterable[Record]) -> MemorySource:
        """Fold these records, in order, and keep what they change."""
        folded = fold(self.states, records, self._rules)
        self.states |= folded.states
        for model in all_models():
            tables = {table.name: table for table in model.tables if table.mode is Mode.UPSERT}
            for step in folded.steps:
                for change in model.changes(step, self._facts):
                    if (table := tables.get(change.table)) is None:
                        continue
                    rows = self.tables.setdefault(table.name, {})
                    if change.values is None:
                        rows.pop(change.key, None)
                    else:
                        columns = zip(table.columns, (*change.key, *change.values), strict=True)
                        rows[change.key] = dict(columns)
        self.issues = self.rows("issue_current", IssueCurrent)
        self.entries = self.rows("issue_timeline", TimelineEntry)
        return self

    def rows(self, table: str, kind: type[Row]) -> list[Row]:
        """All rows of a table, in the order of their keys."""
        return [kind(**row) for _, row in sorted(self.tables.get(table, {}).items())]

    def position(self) -> Position:
        self._fail()
        return Position({0: len(self.entries)}, NOW)

    def case(self, issue_id: str) -> CaseData | None:
        found = super().case(issue_id)
        state = self.states.get(issue_id)
        if found is None or state is None:
            return found
        named = {state.master, *state.children, *state.suspects}
        related = [issue for issue in self.issues if issue.issue_id in named]
        kin = tuple(self._family(issue_id))
        return CaseData(found.position, found.issue, found.entries, state, related, kin)

    def _family(self, issue_id: str) -> Iterator[Member]:
        """As `hutong.readmodels.family` finds it."""
        head = issue_id
        while (master := self.states[head].master) is not None:
            head = master
        issues = {issue.issue_id: issue for issue in self.issues}
        level, depth = [head], 0
        while level:
            for member in level:
                state, issue = self.states[member], issues[member]
                yield Member(
                    issue_id=member,
                    master=state.master,
                    depth=depth,
                    receipt=issue.receipt,
                    channel=issue.channel,
                    status=issue.status,
                    subject=issue.subject,
                    lead=issue.lead,
                    reported_at=issue.reported_at,
                    resolved_at=state.resolved_at,
                    unresolvable=state.unresolvable,
                    result=state.result,
                    closed_at=state.closed_at,
                )
            level = [child for member in level for child in self.states[member].children]
            depth += 1

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
        issues = {issue.issue_id: issue for issue in self.issues}
        entries = [self._queued(row, issues[row["issue_id"]]) for row in self._table("queue")]
        owed = [e for e in entries if e.since <= now]
        counts = {
            k: KindCount(
                k,
                sum(e.kind == k for e in owed),
                sum(e.kind == k and e.due_at is not None and e.due_at < now for e in owed),
                sum(e.kind == k and e.since > now for e in entries),
            )
            for k in {e.kind for e in entries}
        }
        found = [e for e in owed if kind in ("", e.kind) and street in ("", e.street)]
        found.sort(key=lambda e: e.cursor)
        pairs = [self._pair(row, issues) for row in self._table("duplicate_pair")]
        texts = {
            one: self.states[one].text for pair in pairs for one in (pair.issue_id, pair.other_id)
        }
        return DeskData(
            self.position(),
            counts,
            found[:limit],
            len(found) > limit,
            pairs=pairs,
            texts=texts if kind == SUSPECTS else {},
        )

    def _pair(self, row: Mapping[str, Any], issues: Mapping[str, IssueCurrent]) -> Pair:
        one, other = issues[row["issue_id"]], issues[row["other_id"]]
        return Pair(
            **row,
            fate="open",
            half=False,
            receipt=one.receipt,
            subject=one.subject,
            status=one.status,
            other_receipt=other.receipt,
            other_subject=other.subject,
            other_status=other.status,
        )

    def _queued(self, row: Mapping[str, Any], issue: IssueCurrent) -> QueueEntry:
        asked = [
            e
            for e in self.entries
            if e.issue_id == issue.issue_id
            and e.name in _ASKED_BY[row["kind"]]
            and e.verdict == "applied"
        ]
        last = asked[-1] if asked else None
        return QueueEntry(
            **row,
            receipt=issue.receipt,
            channel=issue.channel,
            status=issue.status,
            area=issue.area,
            subject=issue.subject,
            reported_at=issue.reported_at,
            hop=issue.hop,
            asked_by=last.event_id if last else None,
            asked=last.name if last else None,
            data=last.data if last else None,
            candidates=last.data.get("candidates") if last else None,
        )

    def inbox(self, department: str, limit: int) -> InboxData:
        mine = [i for i in self.issues if department in (i.lead, *i.co_owners)]
        mine = [i for i in mine if i.status in GROUPS["open"]]
        given = {
            row["issue_id"]: row["assignee"]
            for row in self._table("assignment")
            if row["department"] == department
        }
        return InboxData(self.position(), mine[:limit], [], self.states, given, len(mine) > limit)

    def grid(self, worker: str, areas: Collection[str], limit: int) -> GridData:
        issues = {issue.issue_id: issue for issue in self.issues}
        given = []
        for row in self._table("assignment"):
            if row["assignee"] == worker:
                i = issues[row["issue_id"]]
                given.append(
                    GivenTo(
                        **row,
                        receipt=i.receipt,
                        subject=i.subject,
                        status=i.status,
                        area=i.area,
                        address=i.address,
                    )
                )
        checks = [i for i in self.issues if i.status == "resolved" and i.area in areas]
        return GridData(self.position(), given, checks, self.states)

    def _table(self, name: str) -> list[dict[str, Any]]:
        return [row for _, row in sorted(self.tables.get(name, {}).items())]
