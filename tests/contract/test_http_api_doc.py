"""docs/http-api.md names every kind of problem and every code that intake can answer with."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.fixtures.tools import load_tool

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return load_tool("http_api_doc")


def test_the_page_is_current(tool: ModuleType) -> None:
    assert tool.PAGE.read_text("utf-8") == tool.page(), "run python tools/http_api_doc.py"


def test_no_code_is_without_words(tool: ModuleType) -> None:
    found = tool.codes()
    assert {"no_zone", "identity_number", "not_json", "too_deep", "unknown_field"} <= set(found)
    for code, texts in found.items():
        assert re.fullmatch(r"[a-z0-9_]+", code)
        assert all(text.strip() and "|" not in text and "\n" not in text for text in texts), code


def test_every_code_that_is_written_down_is_on_the_page(tool: ModuleType) -> None:
    calls = re.compile(r'(?:refuse|_unreadable)\(\s*"([a-z0-9_]+)"|Fault\(\s*[^,]+, "([a-z0-9_]+)"')
    written = {
        one or other
        for file in tool.SOURCE.rglob("*.py")
        for one, other in calls.findall(file.read_text("utf-8"))
    }
    assert len(written) > 30
    assert written <= set(tool.codes())
