"""`hutong bench`: every measurement by its name, and a clear word where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hutong.cli import bench
from hutong.cli.main import build_app
from hutong.settings import EXIT_OK, EXIT_USAGE


def test_every_measurement_is_listed_with_what_it_says_of_itself() -> None:
    result = CliRunner().invoke(build_app(), ["bench"])
    assert result.exit_code == EXIT_OK
    listed = dict(line.split("  ", 1) for line in result.output.splitlines())
    files = {file.stem for file in (bench.ROOT / "bench").glob("[!_]*.py")}
    assert set(listed) == files - {"figures", "stores"} | {"all"}
    assert all(text.strip() for text in listed.values())


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_the_commands_own_or_the_parts(
    capfd: pytest.CaptureFixture[str], option: str
) -> None:
    result = CliRunner().invoke(build_app(), ["bench", option])
    assert result.exit_code == EXIT_OK
    assert "hutong bench all" in result.output
    result = CliRunner().invoke(build_app(), ["bench", "router_speed", option])
    assert result.exit_code == EXIT_OK
    assert "usage: router_speed.py" in capfd.readouterr().out


def test_a_part_that_is_not_there_is_named() -> None:
    result = CliRunner().invoke(build_app(), ["bench", "warp"])
    assert result.exit_code == EXIT_USAGE
    assert "'warp'" in result.output
    assert "router_peers" in result.output


def test_an_installed_package_says_where_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    result = CliRunner().invoke(build_app(), ["bench"])
    assert result.exit_code == EXIT_USAGE
    assert "repository" in result.output
