from __future__ import annotations

import os
from pathlib import Path

import pytest

from hutong.media import MediaDownError
from hutong.media.folder import FolderStore
from tests.fixtures.media_suite import ONE, MediaSuite, MemoryStore, name_of


class TestMemoryStore(MediaSuite):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestFolderStore(MediaSuite):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FolderStore:
        return FolderStore(tmp_path / "media")

    def test_files_are_ours_alone_and_what_else_lies_there_is_left_out(
        self, store: FolderStore, tmp_path: Path
    ) -> None:
        name = name_of(ONE)
        store.put(name, ONE)
        folder = tmp_path / "media" / name[:2]
        assert (folder / name).stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
        for other in (f".{name}.0a1b2c3d", "README", "x" * 64):
            (folder / other).write_bytes(b"left over")
        assert [file.sha256 for file in store.all()] == [name]

    def test_a_write_that_fails_leaves_nothing(
        self, store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device", "photo")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(MediaDownError, match="No space left"):
            store.put(name_of(ONE), ONE)
        assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
        assert store.get(name_of(ONE)) is None

    def test_a_folder_that_is_none_is_a_store_that_is_down(self, tmp_path: Path) -> None:
        (tmp_path / "media").write_text("a file")
        with pytest.raises(MediaDownError):
            FolderStore(tmp_path / "media").put(name_of(ONE), ONE)
