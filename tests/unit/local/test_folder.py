from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hutong.local.errors import LocalStackError
from hutong.local.folder import DataFolder, write_whole


def test_a_new_or_empty_folder_becomes_ours_and_stays_so(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "new")
    folder.open()
    assert folder.is_ours()
    DataFolder(tmp_path / "new").open()


def test_a_folder_with_other_files_is_neither_used_nor_wiped(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    folder = DataFolder(tmp_path)
    with pytest.raises(LocalStackError, match="did not make"):
        folder.open()
    with pytest.raises(LocalStackError, match="nothing was removed"):
        folder.wipe()
    assert (tmp_path / "thesis.txt").exists()


def test_wiping_leaves_what_a_link_points_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    folder = DataFolder(tmp_path / "ours")
    folder.open()
    (folder.path / "link").symlink_to(outside)
    folder.wipe()
    assert not folder.path.exists()
    assert (outside / "kept").exists()


def test_a_second_supervisor_is_told_who_is_at_work(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    first.open()
    assert second.holder() is None
    first.lock()
    assert second.holder() == os.getpid()
    with pytest.raises(LocalStackError, match=rf"process {os.getpid()}\b"):
        second.lock()
    with pytest.raises(LocalStackError, match="already running"):
        second.wipe()
    first.unlock()
    second.lock()
    second.unlock()


def test_facts_are_written_once(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.open()
    assert folder.remember("brokers", 3) == 3
    assert DataFolder(tmp_path).remember("brokers", 1) == 3


def test_a_secret_file_is_closed_to_others(tmp_path: Path) -> None:
    write_whole(tmp_path / "secret", "x", 0o600)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_file_may_be_written_by_several_threads_at_once(tmp_path: Path) -> None:
    """Given two writers that take turns as they like, then neither fails and one text stays."""
    path = tmp_path / "state.json"

    def write(number: int) -> None:
        for _ in range(300):
            write_whole(path, f"{number}" * 2_000)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(write, number) for number in range(4)]:
            each.result()
    assert path.read_text() in {f"{number}" * 2_000 for number in range(4)}
    assert list(tmp_path.iterdir()) == [path]
