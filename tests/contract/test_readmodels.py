"""Every example of the contract goes through every read model, with and without its report."""

from collections.abc import Callable
from typing import Any

import pytest

from hutong.city import load_city
from hutong.events.catalogue import event_classes
from hutong.issue.record import Record
from hutong.readmodels import CityFacts, ReadModel, all_models
from hutong.readmodels.projection import fold
from tests.fixtures.histories import History
from tests.fixtures.lifecycle import RULES

NAMES = sorted(
    name.rpartition(".")[2] for name in event_classes() if name.startswith("hutong.issue.")
)

#: What a column of that type takes.
TYPES: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str) and "\x00" not in value,
    "text[]": lambda value: isinstance(value, list) and all(isinstance(v, str) for v in value),
    "integer": lambda value: type(value) is int and -(2**31) <= value < 2**31,
    "bigint": lambda value: type(value) is int and -(2**63) <= value < 2**63,
    "double precision": lambda value: isinstance(value, float),
    "boolean": lambda value: isinstance(value, bool),
    "jsonb": lambda value: isinstance(value, dict),
}


@pytest.fixture(scope="module")
def facts() -> CityFacts:
    return CityFacts.of(load_city())


def records_with(name: str) -> list[list[Record]]:
    """Histories in which the example comes: after its report, after a dispatch, all alone."""
    found = []
    for before in range(3):
        history = History(1)
        if name == "IssueReported":
            found.append([history.reported()])
            continue
        records = [history.reported(), history.dispatched()][:before]
        found.append([*records, history.event(name, "desk")])
    return found


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.name)
@pytest.mark.parametrize("name", NAMES)
def test_every_example_makes_rows_that_fit(name: str, model: ReadModel, facts: CityFacts) -> None:
    tables = {table.name: table for table in model.tables}
    for records in records_with(name):
        for step in fold({}, records, RULES).steps:
            for change in model.changes(step, facts):
                table = tables[change.table]
                gone = change.values is None
                columns = table.key if gone else table.columns
                row = (*change.key, *(change.values or ()))
                for (column, kind), value in zip(columns.items(), row, strict=True):
                    assert value is None or TYPES[kind](value), (column, kind, value)


def test_every_example_leaves_a_line_in_the_timeline(facts: CityFacts) -> None:
    [timeline] = [model for model in all_models() if model.name == "issue_timeline"]
    for name in NAMES:
        for records in records_with(name):
            changes = [
                c for s in fold({}, records, RULES).steps for c in timeline.changes(s, facts)
            ]
            assert len({change.key for change in changes}) == len(records)
