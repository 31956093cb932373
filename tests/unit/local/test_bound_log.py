from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hutong.local.process import bound_log


def test_a_long_log_is_put_aside_and_written_on(tmp_path: Path) -> None:
    log = tmp_path / "router.log"
    with log.open("ab", buffering=0) as written_on:
        written_on.write(b"x" * 11)
        assert bound_log(log, 10)
        written_on.write(b"after")
    assert log.read_bytes() == b"after"
    assert (tmp_path / "router.log.1").read_bytes() == b"x" * 11
    assert not bound_log(log, 10)


def test_a_full_disk_costs_the_text_and_not_the_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    log = tmp_path / "router.log"
    log.write_bytes(b"x" * 11)
    assert bound_log(log, 10)
    assert [path.name for path in tmp_path.iterdir()] == ["router.log"]
    assert log.read_bytes() == b""


def test_no_log_is_no_fault(tmp_path: Path) -> None:
    assert not bound_log(tmp_path / "none.log", 10)
