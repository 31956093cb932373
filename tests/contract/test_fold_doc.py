"""docs/fold.md says what the fold and the dump do: its tables, its figures, its words."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from hutong.events import headers
from hutong.issue import fold, state
from hutong.replay import dump
from tests.fixtures.histories import History
from tests.fixtures.tools import load_tool

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "fold.md").read_text("utf-8")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return load_tool("fold_doc")


def test_the_tables_are_current(tool: ModuleType) -> None:
    assert set(re.findall(r"<!-- table: (\w+) -->", TEXT)) == set(tool.BLOCKS)
    assert tool.page(TEXT) == TEXT, "run python tools/fold_doc.py"


def test_the_figures_are_those_of_the_code() -> None:
    assert f"When {fold.MOST_WAITING} records wait already" in TEXT
    assert f"more than\n   {fold.MOST_WAITING_BYTES:,} bytes" in TEXT
    assert f"`format` {dump.FORMAT};" in TEXT
    cuts = {kind.__name__: cut for kind, (cut, _) in state._SELDOM.items()}
    assert cuts == {"Clock": 6, "Hop": 7}
    assert "Of a Clock the values after the sixth, of a Hop those after the seventh" in TEXT
    assert len(History(1).reported().digest) == 2 * 8
    assert "BLAKE2b of the value (frame included) in 8 bytes, as hex" in TEXT


def test_headers_and_the_fields_of_a_waiting_record_are_all_named() -> None:
    table = TEXT.partition("| header |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    stamped = ("CE_TYPE", "RECEIVED", "SOURCE", "PRINCIPAL", "RULES", "ORIGIN")
    assert named == [getattr(headers, name) for name in stamped]
    [kept] = re.findall(r"A waiting record is kept as an object with (.+?) \(its digest\)", TEXT,
                        re.DOTALL)  # fmt: skip
    assert re.findall(r"`(\w+)`", kept) == list(History(1).reported().to_json())


def test_the_reasons_that_need_no_table_are_all_named() -> None:
    code = (ROOT / "hutong" / "issue" / "fold.py").read_text("utf-8")
    reasons = set(re.findall(r'_refused\("([a-z-]+)"', code))
    reasons |= {fold.ANSWERS_REPEAT, fold.ALTERED, "cause-not-seen"}
    assert len(reasons) > 5
    assert {reason for reason in reasons if f"`{reason}`" not in TEXT} == set()
