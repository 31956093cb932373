"""Histories of every version of the rules give what they have always given."""

from __future__ import annotations

from pathlib import Path

import pytest

from hutong.issue import v1
from hutong.issue.rules import TABLES
from hutong.issue.state import Status
from tests.fixtures import golden

FILES = sorted(golden.FOLDER.glob("v*.ndjson"))


def test_every_version_has_its_histories() -> None:
    assert {path.stem for path in FILES} == {f"v{version}" for version in TABLES}


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_golden_histories_give_the_same_for_ever(path: Path) -> None:
    rules, histories = golden.read(path)
    for history in histories:
        assert {f"v{record.rules}" for record in history.records} == {path.stem}
        now = golden.judged(history.name, history.records, rules)
        assert now.verdicts == history.verdicts, history.name
        assert now.end == history.end, history.name


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_they_meet_every_event_and_several_ends(path: Path) -> None:
    _, histories = golden.read(path)
    events = {record.name for history in histories for record in history.records}
    assert v1.TABLE.rows.keys() - events == set()
    ends = {history.end["status"] for history in histories}
    assert ends <= set(Status)
    assert len(ends) >= 4
