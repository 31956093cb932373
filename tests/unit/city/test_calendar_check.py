"""What `hutong city calendar check` finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hutong.city import read_pack
from hutong.city.calendar_check import CalendarReport, YearOff, check_calendar
from hutong.cli.main import build_app

BUILT_IN = read_pack()["calendar.toml"].decode()


def changed(old: str, new: str, this_year: int = 2025) -> CalendarReport:
    assert BUILT_IN.count(old) == 1
    return check_calendar(BUILT_IN.replace(old, new), this_year)


def line_of(text: str, content: str) -> int:
    return next(n for n, line in enumerate(content.splitlines(), 1) if text in line)


def test_the_built_in_calendar_is_as_the_notices_have_it() -> None:
    report = check_calendar(BUILT_IN, 2025)
    assert (report.faults, report.warnings) == ((), ())
    assert report.years == (
        YearOff(2024, 28, 19, 8),
        YearOff(2025, 28, 18, 5),
        YearOff(2026, 33, 19, 6),
    )


def test_a_year_ahead_that_is_not_announced_is_a_warning() -> None:
    report = check_calendar(BUILT_IN, 2026)
    assert report.faults == ()
    [warning] = report.warnings
    assert warning.message == "2027 is not announced: due times in it are provisional"
    assert warning.line == line_of("year = 2026", BUILT_IN)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"2026-05-09"', '"2026-05-08"', "make-up day 2026-05-08 is a Friday"),
        ("year = 2025", "year = 2023", "is not a day or days/days of 2023"),
    ],
)
def test_what_cannot_be_right_is_a_fault_with_its_line(old: str, new: str, fault: str) -> None:
    report = changed(old, new)
    assert any(fault in found.message and found.line > 1 for found in report.faults)


def test_a_gap_between_years_is_a_fault() -> None:
    start, end = (
        BUILT_IN.index("[[year]] # 国办发明电〔2024〕"),
        BUILT_IN.index("[[year]] # notice"),
    )
    report = check_calendar(BUILT_IN[:start] + BUILT_IN[end:], 2025)
    assert [fault.message for fault in report.faults] == ["2025 is missing: the years have a gap"]
    assert "2025 is not announced" in report.warnings[0].message


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        ('"2026-01-01/2026-01-03"', '"2026-01-02/2026-01-03"', "2026-01-01 is no holiday"),
        ('"2026-04-04/2026-04-06"', '"2026-04-04/2026-04-05"', "are days off anyway"),
        ('"2025-10-01/2025-10-08"', '"2025-10-01/2025-10-07"', "are 12, the law gives 13"),
        ('    "2026-10-10",\n', "", "are 14, the law gives 13"),
    ],
)
def test_what_differs_from_the_law_is_a_warning(old: str, new: str, warning: str) -> None:
    report = changed(old, new)
    assert report.faults == ()
    assert any(warning in found.message for found in report.warnings), report.warnings


def test_the_command_lists_years_and_ends_with_1_for_a_fault_only(tmp_path: Path) -> None:
    runner, app = CliRunner(), build_app()
    fine = runner.invoke(app, ["city", "calendar", "check"])
    assert fine.exit_code == 0
    assert "2026  33 days off, 19 of them working days, 6 make-up days" in fine.output
    for name, content in read_pack().items():
        (tmp_path / name).write_bytes(content)
    bad = BUILT_IN.replace('"2026-05-09"', '"2026-05-08"')
    (tmp_path / "calendar.toml").write_text(bad, "utf-8")
    found = runner.invoke(app, ["city", "calendar", "check", str(tmp_path)])
    assert found.exit_code == 1
    line = line_of('"2026-05-08"', bad)
    assert f"{tmp_path / 'calendar.toml'}:{line}: make-up day 2026-05-08" in found.output
