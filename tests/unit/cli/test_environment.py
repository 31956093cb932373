"""What is added to an error when the stack of the data folder is not there, or not running."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hutong.cli.environment import find_stack, no_stack_hint, settings_hint


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("HUTONG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HUTONG_DATA", str(tmp_path))
    return tmp_path


def written(folder: Path, *, state: str, pid: int) -> None:
    (folder / "stack.env").write_text("HUTONG_KAFKA=127.0.0.1:1\n")
    (folder / "stack.json").write_text(json.dumps({"state": state, "supervisor": {"pid": pid}}))


def found(monkeypatch: pytest.MonkeyPatch) -> str:
    """The hint of a command that found what it could."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    find_stack("lag")
    return no_stack_hint("HUTONG_KAFKA")


def test_without_a_stack_the_remedy_is_to_start_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(monkeypatch) == f"no stack runs in {folder}: hutong up"


@pytest.mark.parametrize(("state", "pid"), [("stopped", 1), ("up", 2**30)])
def test_so_it_is_with_one_that_was_stopped_or_killed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, state: str, pid: int
) -> None:
    written(folder, state=state, pid=pid)
    assert "hutong up" in found(monkeypatch)


def test_a_running_stack_is_not_the_reason(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(folder, state="up", pid=os.getpid())
    assert found(monkeypatch) == ""


def test_nor_is_it_when_somebody_gave_the_address(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(folder, state="stopped", pid=1)
    monkeypatch.setenv("HUTONG_KAFKA", "kafka.example:9092")
    assert found(monkeypatch) == ""


def test_settings_that_a_stack_would_have_given(folder: Path) -> None:
    faults = ["HUTONG_DATABASE_URL is missing. PostgreSQL."]
    assert settings_hint("lag", faults) == f"no stack runs in {folder}: hutong up"
    assert settings_hint("serve", faults) == ""
    assert settings_hint("lag", ["HUTONG_CITY is '/x': there is no folder /x"]) == ""
