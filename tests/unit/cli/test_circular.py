"""`hutong circular` on 80 columns: every name and number whole, in both languages."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from hutong.circular.edition import Edition, corrections
from hutong.circular.issued import Issued
from hutong.city import load_city
from hutong.cli.circular import print_circular
from hutong.readmodels.periods import Period
from tests.unit.circular.editions import CITY, full, some


def printed(edition: Edition, language: int, former: Edition | None = None) -> list[str]:
    console = Console(width=80, file=io.StringIO(), highlight=False)
    issued = None
    if former is not None:
        issued = Issued("2026-W23", 2, edition.at, "王主任", edition.digest, edition.to_text())
    corrected = corrections(former, edition) if former is not None else ()
    print_circular(edition, CITY, language, console, issued=issued, corrected=corrected)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("language", [0, 1])
@pytest.mark.parametrize("edition", [full(), some()], ids=["full", "some"])
def test_nothing_is_cut(edition: Edition, language: int) -> None:
    lines = printed(edition, language)
    text = "\n".join(lines)
    assert "…" not in text
    assert all(cell_len(line) <= 80 for line in lines if "sha256" not in line)
    assert load_city().hash in text
    assert edition.digest in text


@pytest.mark.parametrize("language", [0, 1])
def test_every_department_is_named(language: int) -> None:
    said = "\n".join(printed(full(), language))
    for department in CITY.departments.values():
        assert department.zh in said or language == 1
        # A long English name goes on in the next line.
        assert all(word in said for word in (department.zh, department.en)[language].split())


def test_chinese_as_it_stands() -> None:
    lines = printed(some(), 0)
    assert lines[0] == "和宁市槐里区 每周通报 2026-W23  2026年6月1日 – 2026年6月7日"
    assert lines[1] == "未签发：随日志变动"
    [reported] = [line for line in lines if line.lstrip().startswith("上报（件）")]
    assert reported.split() == ["上报（件）", "12", "9", "+3"]
    [rate] = [line for line in lines if line.lstrip().startswith("按时响应率")]
    assert rate.split() == ["按时响应率（%）", "75.0%", "–", "–"]


def test_an_issued_edition_says_who_issued_it_and_what_it_corrects() -> None:
    lines = printed(some(reported=14), 0, former=some())
    assert lines[1].startswith("第 2 版 · 王主任 签发于")
    at = lines.index("对上一版的更正（1 项）")
    assert lines[at + 1] == "  实时受理 · 总体情况 · 合计 · 上报: 12 → 14"


def test_a_month_and_a_quarter_have_titles_of_their_own() -> None:
    for name, title in (("2026-06", "每月通报"), ("2026-Q2", "季度通报")):
        made = some()
        edition = Edition(Period.parse(name), made.at, made.position, made.pack, made.figures)
        assert title in printed(edition, 0)[0]
