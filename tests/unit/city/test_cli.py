"""`hutong city` and `hutong classify` as a clerk meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from hutong.cli.city import register

Change = Callable[[str, str, str], int]


def run(*arguments: str) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(autouse=True)
def no_city_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUTONG_CITY", raising=False)


def test_check_says_ok_and_the_hash() -> None:
    done = run("city", "check")
    assert done.exit_code == 0
    assert "28 departments" in done.output
    assert "sha256:" in done.output


def test_check_names_file_and_line_and_fails(pack: Path, change: Change) -> None:
    line = change("tiers.toml", 'dispatch = "1 hour"', 'dispatch = "0 hours"')
    done = run("city", "check", str(pack))
    assert done.exit_code == 1
    assert f"tiers.toml:{line}: urgent: dispatch has length zero" in done.output
    assert "1 fault" in done.output


def test_show_as_json() -> None:
    shown = json.loads(run("city", "show", "--json").output)
    assert len(shown["departments"]) == 28
    assert shown["tiers"]["hard"]["resolve"] == {"minutes": 4320, "calendar": "natural"}


def test_show_as_a_table() -> None:
    assert "street-lamp" in run("city", "show").output


def test_show_takes_a_pack_as_check_does(pack: Path, change: Change) -> None:
    change("city.toml", 'en = "', 'en = "New ')
    there = json.loads(run("city", "show", str(pack), "--json").output)
    assert there == json.loads(run("city", "show", "--city", str(pack), "--json").output)
    assert there["hash"] != json.loads(run("city", "show", "--json").output)["hash"]


def test_classify_shows_why() -> None:
    done = run("classify", "路灯不亮，晚上太黑")
    assert done.exit_code == 0
    assert "street-lamp" in done.output
    assert "路灯不亮" in done.output
    assert "dispatch" in done.output


def test_classify_as_json_resolves_the_street() -> None:
    done = run("classify", "楼上漏水，邻居不配合", "--area", "west-bell-01", "--json")
    found = json.loads(done.output)
    assert (found["item"], found["lead"], found["kind"]) == (
        "leak-upstairs",
        "street-west",
        "dispute",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("classify", "路灯不亮", "--area", "nowhere"),
        ("classify", "路灯不亮", "--city", "/nowhere"),
        ("city", "show", "--city", "/nowhere"),
        ("city", "show", "/nowhere"),
    ],
)
def test_a_wrong_area_or_pack_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
