"""An edition as the tables that people read: named, ordered, with rates. Pure.

Screen, spreadsheet and terminal draw the same tables, so that none can say otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from hutong.circular.compose import JOINT
from hutong.circular.edition import Edition, Numbers
from hutong.circular.words import CASES, COLUMNS, HOURS, PERCENT, TABLES, TIMES, Words
from hutong.city import City

#: Places shown of each level.
TOP: Final = 10
#: A department with fewer orders in the period is not ranked.
FEWEST: Final = 5
_HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; without a whole there is no rate."""

    part: int
    whole: int

    @property
    def permille(self) -> int | None:
        """Rounded down, so that 100 % means all."""
        return self.part * 1000 // self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Mean:
    """Milliseconds over so many."""

    total_ms: int
    count: int

    @property
    def tenths_of_hours(self) -> int | None:
        """Rounded to the nearest."""
        return (self.total_ms * 10 // self.count + _HOUR // 2) // _HOUR if self.count else None


@dataclass(frozen=True, slots=True)
class Change:
    """A difference from the period before; signed."""

    by: int


#: None: nothing to say here.
Cell: TypeAlias = int | Share | Mean | Change | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``key`` names it in addresses and tests."""

    key: str
    name: Words
    unit: Words


@dataclass(frozen=True, slots=True)
class Row:
    """A row; ``level`` 0 is a total, 1 a line, 2 a line below a line."""

    code: str
    name: Words
    level: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """A table of one origin."""

    key: str
    title: Words
    head: Words
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def tables_of(edition: Edition, city: City, origin: str) -> tuple[TableView, ...]:
    """All tables of an origin, those without rows left out."""
    made = _Tables(edition, city, origin)
    found = (
        made.total(),
        made.kinds_by_week(),
        made.matters("kind"),
        made.categories_by_street(),
        made.matters("street"),
        made.places("community"),
        made.places("grid"),
        made.departments(),
        made.returns(),
    )
    return tuple(table for table in found if table.rows)


def rate(name: str, numbers: Numbers) -> Share:
    """One of the rates, by the names of its columns."""
    get = numbers.get
    if name in ("response", "resolution"):
        clock = "respond" if name == "response" else "resolve"
        part = get(f"{clock}_on_time", 0)
        return Share(part, part + get(f"{clock}_late", 0) + get(f"{clock}_overdue", 0))
    if name == "accept_rate":
        part = get("accept_on_time", 0)
        return Share(part, part + get("accept_late", 0))
    yes, asked = _RATES[name]
    return Share(get(yes, 0), get(asked, 0))


_RATES: Final[Mapping[str, tuple[str, str]]] = {
    "satisfaction": ("satisfied", "asked_satisfied"),
    "net_satisfaction": ("net_satisfied", "net_asked_satisfied"),
    "solution": ("solved", "asked_solved"),
}
#: What a row of figures gives: columns of it, or what is made of them.
_MATTER: Final = (
    "reported",
    "resolved",
    "unresolvable",
    "response",
    "resolution",
    "satisfaction",
    "overdue",
    "returned",
    "reworked",
)
_TOTAL: Final = (
    "reported",
    "dispatched",
    "queued",
    "resolved",
    "on_the_spot",
    "unresolvable",
    "closed",
    "merged",
    "response",
    "resolution",
    "satisfaction",
    "solution",
    "overdue",
    "respond_overdue",
    "resolve_overdue",
    "returned",
    "reworked",
)
_DEPARTMENT: Final = (
    "hops",
    "accept_rate",
    "response",
    "resolution",
    "overdue",
    "returns",
    "returns_upheld",
    "reworked",
    "dwell",
    "satisfaction",
    "net_satisfaction",
)
_RETURN: Final = ("returns", "upheld", "refused", "open", "hops_after")
_SHARES: Final = frozenset({"response", "resolution", "accept_rate", *_RATES})
_UNITS: Final[Mapping[str, Words]] = {
    **dict.fromkeys(_SHARES, PERCENT),
    "dwell": HOURS,
    **dict.fromkeys(("returns", "returns_upheld", *_RETURN), TIMES),
}


def cell(name: str, numbers: Numbers) -> Cell:
    """What a row of figures says in a column."""
    if name in _SHARES:
        return rate(name, numbers)
    if name == "dwell":
        return Mean(numbers.get("dwell_ms", 0), numbers.get("dwell_hops", 0))
    return numbers.get(name, 0)


def column(name: str) -> Column:
    """A column by its name."""
    return Column(name, COLUMNS[name], _UNITS.get(name, CASES))


def ranking(rows: Mapping[str, Numbers]) -> list[str]:
    """Departments, the best first; those with too few orders last."""

    def order(code: str) -> tuple[object, ...]:
        numbers = rows[code]
        rates = [
            -(share.permille if (share := rate(name, numbers)).permille is not None else -1)
            for name in ("resolution", "response", "net_satisfaction")
        ]
        return (not is_ranked(numbers), *rates, -numbers.get("hops", 0), code)

    return sorted(rows, key=order)


def is_ranked(numbers: Numbers) -> bool:
    """Whether there is enough to judge by."""
    return numbers.get("hops", 0) >= FEWEST


class _Tables:
    """The tables of one edition and origin."""

    def __init__(self, edition: Edition, city: City, origin: str) -> None:
        self._edition = edition
        self._city = city
        self._figures = edition.figures.get(origin, {})

    def total(self) -> TableView:
        """Each measure in this period and in the one before."""
        now, before = (self._figures.get(name, {}).get("", {}) for name in ("total", "before"))
        rows = []
        for name in _TOTAL if now else ():
            here, there = cell(name, now), cell(name, before)
            change = None
            if isinstance(here, int) and isinstance(there, int):
                change = Change(here - there)
            unit = column(name).unit
            title = COLUMNS[name]
            label = Words(f"{title.zh}（{unit.zh}）", f"{title.en} ({unit.en})")
            rows.append(Row(name, label, 1, (here, there, change)))
        columns = tuple(Column(name, COLUMNS[name], Words("", "")) for name in _TOTAL_COLUMNS)
        return TableView("total", TABLES["total"], Words("指标", "Measure"), columns, tuple(rows))

    def kinds_by_week(self) -> TableView:
        """Reports of each kind in the last weeks, or in the weeks of the period."""
        found = self._figures.get("kind_week", {})
        pairs = {tuple(code.split(JOINT)): n.get("reported", 0) for code, n in found.items()}
        weeks = sorted({week for _, week in pairs})
        kinds = {kind: sum(n for (k, _), n in pairs.items() if k == kind) for kind, _ in pairs}
        rows = [
            Row("", COLUMNS["total"], 0, tuple(_sum(pairs, week=week) for week in weeks)),
            *(
                Row(
                    kind, self._name("kind", kind), 1, tuple(pairs.get((kind, w), 0) for w in weeks)
                )
                for kind in sorted(kinds, key=lambda kind: (not kind, -kinds[kind], kind))
            ),
        ]
        columns = tuple(Column(week, Words(week, week), CASES) for week in weeks)
        head = Words("类型", "Kind")
        return TableView(
            "kind_week", TABLES["kind_week"], head, columns, tuple(rows) if kinds else ()
        )

    def matters(self, table: str) -> TableView:
        """Kinds or streets with everything that counts of them."""
        found = self._figures.get(table, {})
        total = self._figures.get("total", {}).get("", {})
        rows = [Row("", COLUMNS["total"], 0, _cells(_MATTER, total))]
        rows += [
            Row(code, self._name(table, code), 1, _cells(_MATTER, found[code]))
            for code in _fullest(found)
        ]
        head = Words("类型", "Kind") if table == "kind" else Words("街道", "Street")
        columns = tuple(map(column, _MATTER))
        return TableView(table, TABLES[table], head, columns, tuple(rows) if found else ())

    def categories_by_street(self) -> TableView:
        """Reports of each category in each street, and how it went."""
        found = self._figures.get("category", {})
        crossed = self._figures.get("category_street", {})
        streets = list(_fullest(self._figures.get("street", {})))
        more = ("reported", "response", "resolution", "satisfaction", "overdue")

        def row(code: str, name: Words, level: int, numbers: Numbers, table: str) -> Row:
            by_street = (
                self._figures["street"][street].get("reported", 0)
                if table == "total"
                else crossed.get(f"{code}{JOINT}{street}", {}).get("reported", 0)
                for street in streets
            )
            return Row(code, name, level, (*by_street, *_cells(more, numbers)))

        total = self._figures.get("total", {}).get("", {})
        rows = [row("", COLUMNS["total"], 0, total, "total")]
        tops = {code: n for code, n in found.items() if "." not in code}
        for top in _fullest(tops):
            rows.append(row(top, self._name("category", top), 1, found[top], "category"))
            below = {c: n for c, n in found.items() if top and c.startswith(f"{top}.")}
            rows += [
                row(code, self._name("category", code), 2, found[code], "category")
                for code in _fullest(below)
            ]
        columns = [Column(f"street:{s}", self._name("street", s), CASES) for s in streets]
        columns += [column(name) for name in more]
        columns[len(streets)] = Column("reported", COLUMNS["total"], CASES)
        title, head = TABLES["category_street"], Words("类别", "Category")
        return TableView(
            "category_street", title, head, tuple(columns), tuple(rows) if found else ()
        )

    def places(self, level: str) -> TableView:
        """Where most was reported, of one level of areas."""
        found = {
            code: numbers
            for code, numbers in self._figures.get("place", {}).items()
            if code in self._city.areas and self._city.areas[code].level == level
        }
        rows = [
            Row(code, self._name("place", code), 1, (found[code].get("reported", 0),))
            for code in list(_fullest(found))[:TOP]
        ]
        head = Words("社区", "Community") if level == "community" else Words("网格", "Grid")
        return TableView(level, TABLES[level], head, (column("reported"),), tuple(rows))

    def departments(self) -> TableView:
        """Departments in the order of their rank; ``rank`` is None for those with too little."""
        found = self._figures.get("department", {})
        rows = [
            Row(
                code,
                self._name("department", code),
                1,
                (
                    place if is_ranked(found[code]) else None,
                    *_cells(_DEPARTMENT, found[code]),
                ),
            )
            for place, code in enumerate(ranking(found), 1)
        ]
        columns = (Column("rank", COLUMNS["rank"], Words("", "")), *map(column, _DEPARTMENT))
        head = Words("承办单位", "Department")
        return TableView("department", TABLES["department"], head, columns, tuple(rows))

    def returns(self) -> TableView:
        """Why orders came back."""
        found = self._figures.get("return", {})
        rows = [
            Row(code, self._name("return", code), 1, _cells(_RETURN, found[code]))
            for code in sorted(found, key=lambda code: (-found[code].get("returns", 0), code))
        ]
        head = Words("原因", "Reason")
        return TableView("return", TABLES["return"], head, tuple(map(column, _RETURN)), tuple(rows))

    def _name(self, table: str, code: str) -> Words:
        return name_of(self._city, table, code)


_TOTAL_COLUMNS: Final = ("this", "last", "change")


def name_of(city: City, table: str, code: str) -> Words:
    """The name of a row; a code that the present pack does not know stands for itself."""
    if not code:
        return COLUMNS["nowhere"] if table in ("street", "place") else COLUMNS["unknown"]
    known: Mapping[str, object] = {
        "kind": city.kinds,
        "street": city.areas,
        "place": city.areas,
        "category": city.categories,
        "department": city.departments,
        "return": city.reasons.get("return", {}),
    }[table]
    found = known.get(code)
    if found is None:
        return Words(code, code)
    return Words(found.zh, found.en)  # type: ignore[attr-defined]


def _cells(names: Sequence[str], numbers: Numbers) -> tuple[Cell, ...]:
    return tuple(cell(name, numbers) for name in names)


def _fullest(rows: Mapping[str, Numbers]) -> Iterable[str]:
    """Codes, those with most reports first, the unknown last."""
    return sorted(rows, key=lambda code: (not code, -rows[code].get("reported", 0), code))


def _sum(pairs: Mapping[tuple[str, ...], int], *, week: str) -> int:
    return sum(number for key, number in pairs.items() if key[1] == week)
