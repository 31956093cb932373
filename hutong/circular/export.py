"""A circular as a file for a spreadsheet: CSV or XLSX. Pure; XLSX needs the `web` extra.

Names come from a pack that anybody may edit, so no text of ours may become a formula in somebody's
spreadsheet: CSV gets an apostrophe before what looks like one, XLSX types every text as text.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from hutong.circular.edition import Correction, Edition
from hutong.circular.tables import Cell, Change, Column, Mean, Share, TableView, name_of, tables_of
from hutong.circular.title import days_of, source_of, title_of
from hutong.circular.words import COLUMNS, DEFINITIONS, ORIGINS, TABLES, Words
from hutong.city import City

if TYPE_CHECKING:
    from xlsxwriter import Workbook

#: Excel shows Chinese in a CSV only after it.
_BOM: Final = "\ufeff"
#: OWASP's list of what starts a formula, and the full-width forms that some programs take too.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Longest name of a sheet, and what may not be in it.
_SHEET_NAME: Final = 31
_CORRECTIONS: Final = Words("更正", "Corrections")
_NOTES: Final = Words("口径说明", "Definitions")


def harmless(text: str) -> str:
    """The text, which a spreadsheet that reads CSV will not compute."""
    return f"'{text}" if text.lstrip(" \u3000").startswith(_FORMULA_STARTS) else text


def to_csv(
    edition: Edition, city: City, language: int, corrected: Sequence[Correction] = ()
) -> bytes:
    """All tables under each other: UTF-8 with a byte-order mark, CRLF, every text in quotes."""
    buffer = io.StringIO()
    buffer.write(_BOM)
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)

    def line(*cells: object) -> None:
        writer.writerow([harmless(each) if isinstance(each, str) else each for each in cells])

    line(title_of(edition, city, language))
    line(days_of(edition, language))
    for text in source_of(edition, city, language):
        line(text)
    for origin in _origins(edition):
        for table in tables_of(edition, city, origin):
            line()
            line(f"{table.title[language]} · {ORIGINS[origin][language]}")
            line(table.head[language], *(_head(each, language) for each in table.columns))
            for row in table.rows:
                line(row.name[language], *map(_plain, row.cells))
    if corrected:
        line()
        line(_CORRECTIONS[language])
        for correction in corrected:
            line(*correction_line(correction, city, language))
    line()
    line(_NOTES[language])
    for number, definition in enumerate(DEFINITIONS, 1):
        line(f"{number}. {definition[language]}")
    return buffer.getvalue().encode()


def to_xlsx(
    edition: Edition, city: City, language: int, corrected: Sequence[Correction] = ()
) -> bytes:
    """A workbook: a sheet for each table, the first with source and definitions."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    settings = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with Workbook(buffer, settings) as book:
        _Sheets(book, edition, city, language).write(corrected)
    return buffer.getvalue()


class _Sheets:
    """The sheets of one workbook."""

    def __init__(self, book: "Workbook", edition: Edition, city: City, language: int) -> None:
        self._book, self._edition, self._city, self._language = book, edition, city, language
        self._title = book.add_format({"bold": True, "font_size": 15})
        self._head = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._total = book.add_format({"bold": True})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self._formats = {
            "percent": book.add_format({"num_format": "0.0%"}),
            "signed": book.add_format({"num_format": "+#,##0;-#,##0;0"}),
            "hours": book.add_format({"num_format": "0.0"}),
            "number": book.add_format({"num_format": "#,##0"}),
        }

    def write(self, corrected: Sequence[Correction]) -> None:
        self._cover(corrected)
        origins = list(_origins(self._edition))
        for origin in origins:
            mark = "" if origin == "live" else f"·{ORIGINS[origin][self._language][:4]}"
            for table in tables_of(self._edition, self._city, origin):
                self._table(table, origin, mark)

    def _cover(self, corrected: Sequence[Correction]) -> None:
        language = self._language
        sheet = self._book.add_worksheet(_NOTES[language])
        sheet.set_column(0, 0, 110)
        sheet.write_string(0, 0, title_of(self._edition, self._city, language), self._title)
        lines = [days_of(self._edition, language)]
        lines += source_of(self._edition, self._city, language)
        lines += ["", *(f"{n}. {text[language]}" for n, text in enumerate(DEFINITIONS, 1))]
        if corrected:
            lines += ["", _CORRECTIONS[language]]
            lines += [
                " ".join(map(str, correction_line(each, self._city, language)))
                for each in corrected
            ]
        for number, text in enumerate(lines, 1):
            sheet.write_string(number, 0, text, self._wrap)
        _print_setup(sheet)

    def _table(self, table: TableView, origin: str, mark: str) -> None:
        language = self._language
        name = f"{table.title[language]}{mark}"
        for bad in "[]:*?/\\'":
            name = name.replace(bad, " ")
        sheet = self._book.add_worksheet(name[:_SHEET_NAME])
        sheet.write_string(0, 0, title_of(self._edition, self._city, language), self._title)
        caption = f"{table.title[language]} · {ORIGINS[origin][language]}"
        sheet.write_string(1, 0, f"{caption} · {days_of(self._edition, language)}")
        sheet.write_string(2, 0, table.head[language], self._head)
        for column, each in enumerate(table.columns, 1):
            sheet.write_string(2, column, _head(each, language), self._head)
        for number, row in enumerate(table.rows, 3):
            style = self._total if row.level == 0 else None
            indent = "\u3000" * max(0, row.level - 1)
            sheet.write_string(number, 0, indent + row.name[language], style)
            for column, value in enumerate(row.cells, 1):
                self._cell(sheet, number, column, value)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, len(table.columns), 13)
        sheet.freeze_panes(3, 1)
        sheet.repeat_rows(0, 2)
        _print_setup(sheet)

    def _cell(self, sheet: Any, row: int, column: int, value: Cell) -> None:
        match value:
            case None:
                sheet.write_string(row, column, "—")
            case Share():
                if value.permille is None:
                    sheet.write_string(row, column, "—")
                else:
                    sheet.write_number(row, column, value.permille / 1000, self._formats["percent"])
            case Mean():
                if value.tenths_of_hours is None:
                    sheet.write_string(row, column, "—")
                else:
                    hours = value.tenths_of_hours / 10
                    sheet.write_number(row, column, hours, self._formats["hours"])
            case Change():
                sheet.write_number(row, column, value.by, self._formats["signed"])
            case int():
                sheet.write_number(row, column, value, self._formats["number"])


def _print_setup(sheet: Any) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def correction_line(correction: Correction, city: City, language: int) -> tuple[object, ...]:
    """Origin, table, row, column, before, after: in words."""
    parts = correction.code.split("/")
    if correction.table in ("category_street", "kind_week"):
        table, second = (
            ("category", "street")
            if correction.table == "category_street"
            else (
                "kind",
                "",
            )
        )
        first = name_of(city, table, parts[0])[language]
        rest = name_of(city, second, parts[1])[language] if second else parts[1]
        row = f"{first} / {rest}"
    elif correction.table in ("total", "before"):
        row = COLUMNS["total"][language]
    else:
        row = name_of(city, correction.table, correction.code)[language]
    return (
        ORIGINS[correction.origin][language],
        TABLES[correction.table][language],
        row,
        COLUMNS[correction.column][language],
        correction.before,
        correction.after,
    )


def _origins(edition: Edition) -> Iterator[str]:
    """Live first: it is what a circular is about."""
    return (origin for origin in ORIGINS if "total" in edition.figures.get(origin, {}))


def _head(column: Column, language: int) -> str:
    unit = column.unit[language]
    name = column.name[language]
    if not unit:
        return name
    return f"{name}（{unit}）" if language == 0 else f"{name} ({unit})"


def _plain(value: Cell) -> object:
    match value:
        case Share():
            return "" if value.permille is None else value.permille / 10
        case Mean():
            return "" if value.tenths_of_hours is None else value.tenths_of_hours / 10
        case Change():
            return value.by
        case None:
            return ""
        case _:
            return value
