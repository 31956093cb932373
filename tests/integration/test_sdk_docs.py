"""Every code block of docs/sdk.md is run, against an intake in memory over a real socket."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hutong.sdk.testing import MemoryIntake, example_order
from hutong.sdk.testing.serving import serve

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "sdk.md").read_text("utf-8")
SECTIONS = {
    title: re.findall(r"```python\n(.*?)```", body, re.DOTALL)
    for title, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
}
KEYS = {
    "You write an app that reports": "channel:app",
    "You are a department": "dept:water-co",
    "You test your app": "channel:app",
}


@pytest.fixture
def intake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MemoryIntake]:
    memory = MemoryIntake({})
    server = serve(memory, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HUTONG_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HUTONG_KEY", "hk_docs")
    monkeypatch.chdir(tmp_path)
    yield memory
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("title", KEYS)
def test_the_blocks_of_a_section_run_one_after_the_other(
    intake: MemoryIntake, title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    intake.keys["hk_docs"] = KEYS[title]
    intake.issue_order("water-co", example_order("water-co"))
    namespace: dict[str, Any] = {"__name__": "docs"}
    assert SECTIONS[title]
    for block in SECTIONS[title]:
        exec(compile(block, f"docs/sdk.md: {title}", "exec"), namespace)
    said = capsys.readouterr().out
    names = [type(event).__name__ for event in intake.effects]
    if title == "You are a department":
        assert names == ["IssueAccepted", "IssueResponded", "IssueResolved"]
    elif title == "You write an app that reports":
        assert names == ["IssueReported", "IssueReported", "IssueReported", "IssueRated"]
        assert "accepted 03-" in said
        assert "13000000000" not in said


def test_no_section_with_code_is_left_out() -> None:
    assert {title for title, blocks in SECTIONS.items() if blocks} == KEYS.keys()
