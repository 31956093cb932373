"""Tables of a circular as the pages draw them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from hutong.circular.tables import Cell, Change, Mean, Share, TableView
from hutong_web.language import Language

#: Rates below it are marked: look here.
_LOW: Final = 800


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One cell. ``kind`` is number, rate, change or none; ``parts`` are a rate's numerator and
    denominator; ``width`` per mille of a bar; ``address`` leads to its issues.
    """

    text: str
    kind: str
    parts: str = ""
    width: int = 0
    address: str = ""
    hot: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row; ``address`` leads to what it is about."""

    code: str
    name: str
    level: int
    address: str
    cells: tuple[SheetCell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table."""

    key: str
    title: str
    head: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[SheetRow, ...]


#: (code of the row, key of the column) -> address or ''.
CellLink = Callable[[str, str], str]
#: Code of the row -> address or ''.
RowLink = Callable[[str], str]


def sheet(
    table: TableView,
    language: Language,
    cell_link: CellLink,
    row_link: RowLink = lambda _: "",
    hot: Sequence[str] = ("overdue", "respond_overdue", "resolve_overdue"),
) -> Sheet:
    """A table in one language, its figures linked. ``hot``: columns whose counts are bad news."""
    n = 0 if language is Language.ZH else 1

    def cell(code: str, key: str, value: Cell) -> SheetCell:
        drawn = draw(value)
        bad = (code if table.key == "total" else key) in hot and _counts(value)
        address = cell_link(code, key) if value not in (0, None) else ""
        return SheetCell(
            drawn.text, drawn.kind, drawn.parts, drawn.width, address, drawn.hot or bad
        )

    return Sheet(
        key=table.key,
        title=table.title[n],
        head=table.head[n],
        columns=tuple((column.name[n], column.unit[n]) for column in table.columns),
        rows=tuple(
            SheetRow(
                row.code,
                row.name[n],
                row.level,
                row_link(row.code),
                tuple(
                    cell(row.code, column.key, value)
                    for column, value in zip(table.columns, row.cells, strict=True)
                ),
            )
            for row in table.rows
        ),
    )


def _counts(value: Cell) -> bool:
    """Whether there is any of it, or more of it than before."""
    return (value.by if isinstance(value, Change) else value if isinstance(value, int) else 0) > 0


def draw(value: Cell) -> SheetCell:
    """A value as text."""
    match value:
        case None:
            return SheetCell("—", "none")
        case Share():
            permille = value.permille
            if permille is None:
                return SheetCell("—", "none")
            parts = f"{value.part:,}/{value.whole:,}"
            return SheetCell(f"{permille / 10:.1f}%", "rate", parts, permille, hot=permille < _LOW)
        case Mean():
            tenths = value.tenths_of_hours
            return (
                SheetCell("—", "none")
                if tenths is None
                else SheetCell(f"{tenths / 10:.1f}", "number")
            )
        case Change():
            sign = "+" if value.by > 0 else "−" if value.by < 0 else ""
            return SheetCell(f"{sign}{abs(value.by):,}", "change")
        case int():
            return SheetCell(f"{value:,}", "number")
