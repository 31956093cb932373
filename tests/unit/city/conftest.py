"""A pack to spoil: a copy of the built-in one, and ways to change one line of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from hutong.city import City, load_city

Change = Callable[[str, str, str], int]


@pytest.fixture(scope="session")
def city() -> City:
    return load_city()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    shutil.copytree(str(files("hutong.city") / "default"), folder)
    return folder


@pytest.fixture
def change(pack: Path) -> Change:
    """Replace the first `old` in a file by `new`; gives the line where it stood."""

    def replace(file: str, old: str, new: str) -> int:
        path = pack / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text.count("\n", 0, text.index(old)) + 1

    return replace


@pytest.fixture
def add(pack: Path) -> Callable[[str, str], int]:
    """Append a line to a file; gives its number."""

    def append(file: str, line: str) -> int:
        path = pack / file
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}{line}\n", encoding="utf-8")
        return text.count("\n") + 1

    return append
