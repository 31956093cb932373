"""`hutong circular` on 80 columns: every name and number whole, in both languages."""

from __future__ import annotations

import io
from datetime import date

import pytest
from rich.cells import cell_len
from rich.console import Console

from hutong.city import load_city
from hutong.cli.circular import print_circular
from hutong.readmodels.category_weekly.circular import Circular, Counts, Line, Section
from hutong.readmodels.department_load.queries import DepartmentLoad

CITY = load_city()
FULL = Counts(5400, 5380, 1620, 5170, 5160, 5150, 1140, 5130)
SOME = Counts(reported=12, dispatched=11, queued=1)


def edition(counts: Counts) -> Circular:
    names = list(CITY.departments.items())
    kind = Line("complaint", "投诉举报", "City appearance, sanitation, greenery", counts)
    return Circular(
        week="2026-W23",
        first_day=date(2026, 6, 1),
        last_day=date(2026, 6, 7),
        pack=CITY.hash,
        position={partition: 123_456 + partition for partition in range(12)},
        sections=(Section("live", counts, (kind,), (), (kind,)),),
        departments=tuple(
            (d.zh, d.en, DepartmentLoad(code, "live", 900, 880, 700, 0, 600, 0, 500))
            for code, d in names
        ),
    )


def printed(counts: Counts, language: int) -> list[str]:
    console = Console(width=80, file=io.StringIO(), highlight=False)
    print_circular(edition(counts), language, console)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("language", [0, 1])
@pytest.mark.parametrize("counts", [FULL, SOME])
def test_nothing_is_cut(counts: Counts, language: int) -> None:
    lines = printed(counts, language)
    text = "\n".join(lines)
    assert "…" not in text
    assert all(cell_len(line) <= 80 for line in lines if "sha256" not in line)
    for department in CITY.departments.values():
        assert (department.zh, department.en)[language] in text
    assert CITY.hash in text


def test_english_as_it_stands() -> None:
    assert printed(SOME, 1)[:9] == [
        "Weekly circular 2026-W23  2026-06-01 – 2026-06-07",
        "",
        "Live",
        "                                         new  sent  desk",
        "Total                                     12    11     1",
        "By kind",
        "  City appearance, sanitation, greenery   12    11     1",
        "By street",
        "  City appearance, sanitation, greenery   12    11     1",
    ]


def test_chinese_as_it_stands() -> None:
    assert printed(FULL, 0)[2:5] == [
        "实时受理",
        "                            上报  派单  待派  签收  响应  办结  无法  结案",
        "合计                        5400  5380  1620  5170  5160  5150  1140  5130",
    ]


def test_a_column_without_numbers_is_left_out() -> None:
    lines = printed(FULL, 1)
    [head] = [line for line in lines if line.lstrip().startswith("open")]
    assert head.split() == ["open", "sent", "taken", "done", "ended"]


def test_the_log_position_takes_a_line_for_six_partitions() -> None:
    lines = printed(FULL, 1)
    at = lines.index("log position issues")
    assert lines[at + 1].split()[0] == "0:123456"
    assert len(lines[at + 1].split()) == 6
    assert lines[at + 2].split()[-1] == "11:123467"
