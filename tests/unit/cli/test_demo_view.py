"""What the demo prints fits 80 columns, with departments whole; how it ends and what it names."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from hutong.cli.environment import command_in_use
from hutong.cli.main import build_app
from hutong.demo.account import Account
from hutong.demo.run import _print_accounts, print_dispatched, whole_entries
from hutong.local.signals import StopRequested
from hutong.local.stack import Stack

MANY = {"urban-management": 1203, "market-supervision": 997, "water-co": 510, "transport": 77}


def console() -> Console:
    return Console(width=80, file=io.StringIO(), highlight=False)


def printed(told: Console) -> list[str]:
    assert isinstance(told.file, io.StringIO)
    return [line.rstrip() for line in told.file.getvalue().splitlines() if line.strip()]


def test_entries_are_left_out_whole() -> None:
    entries = ["water-co 510", "transport 77", "heat 3"]
    assert whole_entries(entries, 100) == "water-co 510, transport 77, heat 3"
    assert whole_entries(entries, 29) == "water-co 510, transport 77 +1"
    assert whole_entries(entries, 28) == "water-co 510 +2"
    assert whole_entries(entries, 5) == "+3"


def test_departments_are_not_cut_and_shares_are_told() -> None:
    told = console()
    print_dispatched(
        told, {"governance": ("社会治理与公共服务", MANY), "heat": ("供热", {"a": 3})}, 1197
    )
    assert printed(told) == [
        "Dispatched / 派单",
        "category                       issues  departments",
        "社会治理与公共服务 governance   2,787  urban-management 1203 +3",
        "供热 heat                           3  a 3",
        "待派 desk                       1,197  waiting, or closed there",
        "70.0 % dispatched, 30.0 % not (yet)",
    ]
    assert all(cell_len(line) <= 80 for line in printed(told))


def test_weeks_are_told_from_when_to_when() -> None:
    told = console()
    account = Account("imported", 9000, 9000, 9000, 60, "2017-W23", "2020-W04")
    _print_accounts(told, [account], 0, 0)
    assert "imported: 60 weeks, 2017-W23 to 2020-W04" in printed(told)


@pytest.mark.parametrize("flags", [[], ["--exit"]])
def test_a_demo_that_is_stopped_early_does_not_end_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str]
) -> None:
    def stopped(_stack: Stack) -> None:
        raise StopRequested("SIGTERM")

    monkeypatch.setattr(Stack, "start", stopped)
    result = CliRunner().invoke(build_app(), ["demo", "--data", str(tmp_path / "d"), *flags])
    assert result.exit_code == 130
    assert "nothing is left running" in result.output


def test_the_command_is_named_as_it_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / ".venv" / "bin" / "hutong"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [".venv/bin/hutong", "demo"])
    monkeypatch.setenv("PATH", "/nonexistent")
    assert command_in_use() == ".venv/bin/hutong"
    monkeypatch.setenv("PATH", str(program.parent))
    assert command_in_use() == "hutong"
