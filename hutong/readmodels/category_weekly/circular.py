"""The weekly circular: rows of a week added up in the ways that people read them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hutong.city import City
from hutong.readmodels.category_weekly.queries import WeekRow
from hutong.readmodels.department_load.queries import DepartmentLoad

#: Live first: it is what the circular is about; the others are counted apart and marked.
ORIGINS = ("live", "imported", "simulated")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many issues got how far."""

    reported: int = 0
    dispatched: int = 0
    queued: int = 0
    accepted: int = 0
    responded: int = 0
    resolved: int = 0
    unresolvable: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """Counts under a code of the city pack ('' = not known yet) and its names."""

    code: str
    zh: str
    en: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A first-level category and what lies below it."""

    total: Line
    below: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Everything of one origin."""

    origin: str
    total: Counts
    kinds: tuple[Line, ...]
    categories: tuple[CategoryLine, ...]
    streets: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Circular:
    """One edition: of which week, from which place in the log, by which city pack.

    ``departments`` is the load at that place in the log, not of the week.
    """

    week: str
    first_day: date
    last_day: date
    pack: str
    position: Mapping[int, int]
    sections: tuple[Section, ...]
    departments: tuple[tuple[str, str, DepartmentLoad], ...]


def compose(
    week: str,
    rows: Sequence[WeekRow],
    loads: Iterable[DepartmentLoad],
    city: City,
    position: Mapping[int, int],
) -> Circular:
    """Put an edition together. ``position``: partition of `issues` -> next offset."""
    year, number = week.split("-W")
    departments = []
    for load in loads:
        known = city.departments.get(load.department)
        zh, en = (known.zh, known.en) if known else (load.department, load.department)
        departments.append((zh, en, load))
    return Circular(
        week=week,
        first_day=date.fromisocalendar(int(year), int(number), 1),
        last_day=date.fromisocalendar(int(year), int(number), 7),
        pack=city.hash,
        position=dict(sorted(position.items())),
        sections=tuple(
            _section(origin, mine, city)
            for origin in ORIGINS
            if (mine := [row for row in rows if row.origin == origin])
        ),
        departments=tuple(departments),
    )


def _section(origin: str, rows: Sequence[WeekRow], city: City) -> Section:
    kinds = {code: (kind.zh, kind.en) for code, kind in city.kinds.items()}
    categories = {code: (item.zh, item.en) for code, item in city.categories.items()}
    streets = {code: (area.zh, area.en) for code, area in city.areas.items()}
    return Section(
        origin=origin,
        total=_sum(rows),
        kinds=_lines(rows, lambda row: row.kind, kinds),
        categories=tuple(
            CategoryLine(
                top,
                _lines(
                    [row for row in rows if _level(row.category, 1) == top.code],
                    lambda row: _level(row.category, 2),
                    categories,
                )
                if top.code
                else (),
            )
            for top in _lines(rows, lambda row: _level(row.category, 1), categories)
        ),
        streets=_lines(rows, lambda row: row.street, streets),
    )


def _lines(
    rows: Sequence[WeekRow], code_of: Callable[[WeekRow], str], names: Mapping[str, tuple[str, str]]
) -> tuple[Line, ...]:
    """One line per code, the fullest first, the unknown last."""
    groups: dict[str, list[WeekRow]] = {}
    for row in rows:
        groups.setdefault(code_of(row), []).append(row)
    lines = [
        Line(code, *(names.get(code) or _unnamed(code)), _sum(group))
        for code, group in groups.items()
    ]
    return tuple(sorted(lines, key=lambda line: (not line.code, -line.counts.reported, line.code)))


def _unnamed(code: str) -> tuple[str, str]:
    """A code that the present pack does not know stands for itself."""
    return (code, code) if code else ("（未定）", "(not known yet)")


def _level(category: str, level: int) -> str:
    return ".".join(category.split(".")[:level])


def _sum(rows: Iterable[WeekRow]) -> Counts:
    names = Counts.__slots__
    rows = list(rows)
    return Counts(**{name: sum(getattr(row, name) for row in rows) for name in names})
