"""The duty list and its words."""

import re
import unicodedata
from typing import Final

from hutong.city.files import Faults, Row, read_table
from hutong.city.model import Calendar, ClockLength, DutyItem, Keyword
from hutong.city.times import read_length

_FILE: Final = "duty_list.csv"
_COLUMNS: Final = (
    "code",
    "zh",
    "en",
    "category",
    "lead",
    "co_owners",
    "tier",
    "kind",
    "keywords",
    "needs",
    "not_words",
    "urgent_words",
    "gbt",
    "statutory",
    "basis",
)
_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORD: Final = re.compile(r"(\w+)(?::([1-9]))?")
_DEFAULT_WEIGHT: Final = 3
_DEFAULT_PENALTY: Final = 6


def read_duty_list(
    text: str, calendar: Calendar, faults: Faults
) -> tuple[tuple[DutyItem, ...], tuple[int, ...]]:
    """The duty items in file order, and the line of each."""
    items: dict[str, DutyItem] = {}
    lines: list[int] = []
    for row in read_table(_FILE, text, _COLUMNS, faults):
        code = row["code"]
        if not _CODE.fullmatch(code):
            faults.add(_FILE, row.line, f"code '{code}' is not a slug")
            continue
        if code in items:
            faults.add(_FILE, row.line, f"code '{code}' is there twice")
            continue
        if not row["zh"] or not row["en"]:
            faults.add(_FILE, row.line, f"item '{code}' lacks a name (zh, en)")
        items[code] = DutyItem(
            code=code,
            zh=row["zh"],
            en=row["en"],
            category=row["category"],
            lead=row["lead"],
            co_owners=row.words("co_owners"),
            tier=row["tier"],
            keywords=read_keywords(row, "keywords", faults),
            needs=_plain(row, "needs", faults),
            not_words=read_keywords(row, "not_words", faults, default=_DEFAULT_PENALTY),
            urgent_words=_plain(row, "urgent_words", faults),
            kind=row["kind"] or None,
            gbt=row["gbt"] or None,
            statutory=_statutory(row, calendar, faults),
            basis=row["basis"],
        )
        lines.append(row.line)
    return tuple(items.values()), tuple(lines)


def read_keywords(
    row: Row, column: str, faults: Faults, *, default: int = _DEFAULT_WEIGHT
) -> tuple[Keyword, ...]:
    """The words of a cell, `word` or `word:weight` with a weight from 1 to 9, spaces between."""
    found: dict[str, Keyword] = {}
    for written in row.words(column):
        match = _WORD.fullmatch(unicodedata.normalize("NFKC", written).lower())
        if match is None:
            message = f"'{written}' in {column} is not a word or word:weight (1 to 9)"
            faults.add(row.file, row.line, message)
        elif match[1] in found:
            faults.add(row.file, row.line, f"'{match[1]}' is twice in {column}")
        else:
            found[match[1]] = Keyword(match[1], int(match[2] or default))
    return tuple(found.values())


def _statutory(row: Row, calendar: Calendar, faults: Faults) -> ClockLength | None:
    written = row["statutory"]
    if not written:
        return None
    length = read_length(written, calendar)
    if length is None or length.minutes == 0:
        message = f"statutory '{written}' must read like '60 days' or '7 working days'"
        faults.add(row.file, row.line, message)
        return None
    return length


def _plain(row: Row, column: str, faults: Faults) -> tuple[str, ...]:
    words = read_keywords(row, column, faults)
    for written in row.words(column):
        if ":" in written:
            faults.add(row.file, row.line, f"'{written}' in {column} has a weight, which it cannot")
    return tuple(word.text for word in words)
