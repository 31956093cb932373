"""The pages on life cycle and clocks say what the rules say."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from hutong.issue import v1
from hutong.issue.state import Status
from tests.fixtures.tools import load_tool

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return load_tool("life_cycle_docs")


def test_the_pages_are_current(tool: ModuleType) -> None:
    for path, page in tool.PAGES.items():
        assert path.read_text("utf-8") == page(), "run python tools/life_cycle_docs.py"


def test_the_drawing_shows_every_stage_and_only_moves_of_the_table(tool: ModuleType) -> None:
    text = tool.life_cycle()
    arrows = re.findall(r"^    (\S+) --> (\S+): (.+)$", text, re.MULTILINE)
    assert len(arrows) > 20
    overlays = {"awaited", "suspended", "merged", "withdrawn", "transferred"}
    assert {name for arrow in arrows for name in arrow[:2]} - {"[*]"} == set(Status) - overlays
    for source, target, names in arrows:
        if source == "[*]":
            continue
        for name in names.split(", "):
            row = v1.TABLE.rows[name]
            assert Status(source) in row.allowed
            assert Status(target) in row.to
