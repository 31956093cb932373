"""A source whose rows are made by the real fold and the real read models, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from hutong_web.data import CaseData, Position

from hutong.city import City
from hutong.issue.record import Record
from hutong.issue.rules import Rules
from hutong.issue.state import IssueState
from hutong.readmodels import CityFacts, all_models
from hutong.readmodels.base import Mode
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong.readmodels.projection import fold
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
        return CaseData(found.position, found.issue, found.entries, state, related)
