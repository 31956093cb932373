"""bench/RESULTS.md says what bench/results holds."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from tests.fixtures.tools import load_tool

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return load_tool("bench_results")


def test_the_page_is_current(tool: ModuleType) -> None:
    assert tool.PAGE.read_text("utf-8") == tool.page(), "run python tools/bench_results.py"


def test_the_last_of_a_figure_is_shown_with_its_spread(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"command": "python -m bench.router_peers", "commit": "abc", "load": 1.5}
    about |= {"machine": "2 cores", "versions": {"kafka": "4.3.1"}}
    lines = [
        {"what": "router", "unit": "reports/s", "values": [1], "date": "2026-11-25", **about},
        {"what": "router", "unit": "reports/s", "values": [7, 5, 6000], "date": "2026-11-26"}
        | about,
        {"what": "old", "figure": "3 ms", "command": "x", "date": "2026-11-20", "load": None},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "router.jsonl").write_text(text, encoding="utf-8")
    monkeypatch.setattr(tool, "RESULTS", tmp_path)
    page = tool.page()
    assert "| router | 7 reports/s | 5 to 6,000, 3 runs |" in page
    assert "2026-11-26, abc, load 1.5" in page
    assert "2026-11-25" not in page
    assert "| old | 3 ms | one run | `x` | 2026-11-20 |" in page


def test_a_file_without_words_is_named(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more.jsonl").touch()
    monkeypatch.setattr(tool, "RESULTS", tmp_path)
    with pytest.raises(ValueError, match="more"):
        tool.page()
