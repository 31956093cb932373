"""The circular as CSV and XLSX: legible, complete, and without formulas."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from hutong.circular.edition import Edition, corrections
from hutong.circular.export import harmless, to_csv, to_xlsx
from hutong.circular.tables import Share, tables_of
from hutong.circular.words import DEFINITIONS
from hutong.city import City
from tests.unit.circular.editions import CITY, full, some


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def hostile_city(name: str) -> City:
    kinds = {code: replace(kind, zh=name, en=name) for code, kind in CITY.kinds.items()}
    return replace(CITY, kinds=kinds)


HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "＠x",
    " =1",
    '=HYPERLINK("x")',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_row_80_no_text_becomes_a_formula(text: str) -> None:
    """Names that start like a formula, in CSV and XLSX.

    Gets: an apostrophe before it in CSV, a cell typed as text in XLSX.
    """
    assert harmless(text) == f"'{text}"
    city = hostile_city(text)
    for row in rows_of(to_csv(some(), city, 0)):
        for cell in row:
            number = cell.replace("-", "", 1).replace(".", "", 1).isdigit()
            assert number or not cell.lstrip(" \u3000").startswith(
                ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "＠")
            ), cell
    book = load_workbook(io.BytesIO(to_xlsx(some(), city, 0)))
    types = {
        cell.data_type
        for sheet in book
        for line in sheet.iter_rows()
        for cell in line
        if cell.value
    }
    assert types <= {"s", "n"}


def test_plain_words_stay_as_they_are() -> None:
    assert harmless("供水") == "供水"


def test_csv_opens_in_a_spreadsheet_with_chinese() -> None:
    content = to_csv(some(), CITY, 0)
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    rows = rows_of(content)
    assert rows[0] == ["和宁市槐里区 每周通报 2026-W23"]
    assert ["上报（件）", "12.0", "9.0", "3.0"] in rows or ["上报（件）", "12", "9", "3"] in rows


@pytest.mark.parametrize("language", [0, 1])
def test_csv_has_every_table_and_every_definition(language: int) -> None:
    text = to_csv(full(), CITY, language).decode("utf-8-sig")
    for table in tables_of(full(), CITY, "live"):
        assert table.title[language] in text
    for definition in DEFINITIONS:
        assert definition[language].replace('"', '""') in text
    assert full().digest in text


@pytest.mark.parametrize("language", [0, 1])
def test_the_workbook_has_a_sheet_for_every_table_with_its_numbers(language: int) -> None:
    edition = full()
    book = load_workbook(io.BytesIO(to_xlsx(edition, CITY, language)))
    tables = [t for origin in ("live", "imported") for t in tables_of(edition, CITY, origin)]
    assert len(book.sheetnames) == 1 + len(tables)
    for table, sheet in zip(tables, book.worksheets[1:], strict=True):
        assert sheet.cell(1, 1).value.startswith(("和宁市", "Huaili"))
        for number, row in enumerate(table.rows, 4):
            assert sheet.cell(number, 1).value.strip() == row.name[language].strip()
            for column, value in enumerate(row.cells, 2):
                found = sheet.cell(number, column).value
                if isinstance(value, int):
                    assert found == value
                elif isinstance(value, Share) and value.permille is not None:
                    assert found == value.permille / 1000


def test_corrections_are_in_both_files() -> None:
    former, later = some(), some(reported=14)
    corrected = corrections(former, later)
    assert ["实时受理", "总体情况", "合计", "上报", "12", "14"] in [
        [cell.removesuffix(".0") for cell in row]
        for row in rows_of(to_csv(later, CITY, 0, corrected))
    ]
    book = load_workbook(io.BytesIO(to_xlsx(later, CITY, 0, corrected)))
    said = [cell.value for line in book.worksheets[0].iter_rows() for cell in line]
    assert "实时受理 总体情况 合计 上报 12 14" in said


def test_an_empty_edition_is_a_file_too() -> None:
    nothing = Edition(some().period, some().at, {}, CITY.hash, {})
    assert "口径说明" in to_csv(nothing, CITY, 0).decode()
    assert len(load_workbook(io.BytesIO(to_xlsx(nothing, CITY, 0))).sheetnames) == 1
