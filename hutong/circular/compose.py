"""Rows of the read models become the figures of an edition. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hutong.circular.edition import Edition
from hutong.city import City
from hutong.readmodels.area_weekly.queries import AreaCount
from hutong.readmodels.category_weekly.queries import WeekRow
from hutong.readmodels.category_weekly.tables import CATEGORY_WEEKLY
from hutong.readmodels.department_scorecard.queries import Score
from hutong.readmodels.department_scorecard.tables import DEPARTMENT_SCORECARD
from hutong.readmodels.issue_current.queries import Overdue, OverdueTurns
from hutong.readmodels.periods import Period
from hutong.readmodels.return_reasons.queries import ReturnReason
from hutong.readmodels.return_reasons.tables import RETURN_REASONS

#: Joins two codes into the code of a row; in no code of a pack.
JOINT: Final = "/"
_COUNTS: Final = tuple(CATEGORY_WEEKLY.values)
_SCORES: Final = tuple(DEPARTMENT_SCORECARD.values)
_RETURNS: Final = tuple(RETURN_REASONS.values)


@dataclass(frozen=True, slots=True)
class Material:
    """What an edition is made of, read in one moment."""

    rows: Sequence[WeekRow]
    rows_before: Sequence[WeekRow]
    overdue: Sequence[Overdue]
    overdue_before: Sequence[Overdue]
    #: (origin, week, kind, reported)
    kinds_by_week: Sequence[tuple[str, str, str, int]]
    #: (origin, area, reported)
    areas: Sequence[AreaCount]
    scores: Sequence[Score]
    overdue_turns: Sequence[OverdueTurns]
    returns: Sequence[ReturnReason]


@dataclass(slots=True)
class _Sums:
    figures: dict[str, dict[str, dict[str, dict[str, int]]]] = field(default_factory=dict)

    def add(self, origin: str, table: str, code: str, numbers: Mapping[str, int]) -> None:
        """Add numbers to a row; zeros leave no trace."""
        found = {name: number for name, number in numbers.items() if number}
        if not found:
            return
        row = self.figures.setdefault(origin, {}).setdefault(table, {}).setdefault(code, {})
        for name, number in found.items():
            row[name] = row.get(name, 0) + number


def compose(
    period: Period, material: Material, city: City, *, at: int, position: Mapping[int, int]
) -> Edition:
    """Put an edition together. ``at``: the instant of overdue; ``position`` as in `Edition`."""
    sums = _Sums()
    for row in material.rows:
        _add_matter(sums, row, _numbers(row, _COUNTS))
    for late in material.overdue:
        _add_matter(sums, late, _late(late))
    for row in material.rows_before:
        sums.add(row.origin, "before", "", _numbers(row, _COUNTS))
    for late in material.overdue_before:
        sums.add(late.origin, "before", "", _late(late))
    for origin, week, kind, reported in material.kinds_by_week:
        sums.add(origin, "kind_week", f"{kind}{JOINT}{week}", {"reported": reported})
    for area in material.areas:
        _add_place(sums, city, area.origin, area.area, area.reported)
    for score in material.scores:
        sums.add(score.origin, "department", score.department, _numbers(score, _SCORES))
    for turns in material.overdue_turns:
        numbers = {"respond_overdue": turns.respond, "resolve_overdue": turns.resolve}
        sums.add(turns.origin, "department", turns.lead, {"overdue": turns.issues, **numbers})
    for reason in material.returns:
        sums.add(reason.origin, "return", reason.reason, _numbers(reason, _RETURNS))
    return Edition(period, at, dict(sorted(position.items())), city.hash, sums.figures)


def _add_matter(sums: _Sums, row: WeekRow | Overdue, numbers: Mapping[str, int]) -> None:
    """To the total, the row's kind and street, each level of its category, category and street."""
    sums.add(row.origin, "total", "", numbers)
    sums.add(row.origin, "kind", row.kind, numbers)
    sums.add(row.origin, "street", row.street, numbers)
    top = row.category.split(".")[0]
    for code in dict.fromkeys((top, ".".join(row.category.split(".")[:2]))):
        sums.add(row.origin, "category", code, numbers)
        crossed = {name: numbers.get(name, 0) for name in ("reported", "overdue")}
        sums.add(row.origin, "category_street", f"{code}{JOINT}{row.street}", crossed)


def _add_place(sums: _Sums, city: City, origin: str, area: str, reported: int) -> None:
    """To every area from the street down; '' where nobody knows."""
    if area not in city.areas:
        sums.add(origin, "place", "", {"reported": reported})
        return
    for above in city.area_path(area):
        if above.level in ("street", "community", "grid"):
            sums.add(origin, "place", above.code, {"reported": reported})


def _late(row: Overdue) -> Mapping[str, int]:
    return {
        "overdue": row.issues,
        "respond_overdue": row.respond,
        "resolve_overdue": row.resolve,
    }


def _numbers(row: Any, names: Iterable[str]) -> Mapping[str, int]:
    return {name: getattr(row, name) for name in names}
