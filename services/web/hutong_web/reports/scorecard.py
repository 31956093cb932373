"""Scorecards: all departments of a period, and one over several periods. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from hutong.circular.tables import FEWEST, Column, Row, TableView, cell, column, tables_of
from hutong.circular.words import Words
from hutong.readmodels.periods import Period
from hutong_web.city_names import CityNames
from hutong_web.reports.data import CircularData, ScorecardData, ScorecardPeriod
from hutong_web.reports.links import issues_of
from hutong_web.reports.sheet import Sheet, sheet
from hutong_web.reports.words import ReportWords

_SCORECARD: Final = (
    "hops",
    "accept_rate",
    "response",
    "resolution",
    "overdue",
    "resolved",
    "unresolvable",
    "returns",
    "returns_upheld",
    "returns_refused",
    "returns_open",
    "reworked",
    "dwell",
    "satisfaction",
    "net_satisfaction",
    "solution",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ScorecardView:
    """One department: its periods, and its returns by reason."""

    title: str
    inbox: str
    sheet: Sheet | None
    reasons: tuple[tuple[str, int, int, int, int], ...]
    hint: str


def departments_sheet(data: CircularData, names: CityNames, origin: str) -> Sheet | None:
    """All departments in the order of their rank; None when none had anything."""
    period = data.edition.period
    for view in tables_of(data.edition, names.city, origin):
        if view.key == "department":
            return sheet(
                view,
                names.language,
                lambda code, key: issues_of(period, origin, "department", code, key),
                lambda code: f"/departments/{code}/scorecard?period={period.name}&origin={origin}",
            )
    return None


def rank_hint(words: ReportWords) -> str:
    """How the ranking is made."""
    return f"{words.rank_hint.format(fewest=FEWEST)} {words.orders_hint}"


def build_scorecard(
    data: ScorecardData, department: str, origin: str, names: CityNames, words: ReportWords
) -> ScorecardView:
    """One department's periods, the newest first."""
    rows = []
    for found in reversed(data.periods):
        period, numbers = found.period, _numbers(found, origin)
        name = Words(period.name, period.name)
        rows.append(Row(period.name, name, 1, tuple(cell(key, numbers) for key in _SCORECARD)))
    columns: tuple[Column, ...] = tuple(map(column, _SCORECARD))
    title = Words("", "")

    def link(row: str, key: str) -> str:
        """The row is a period, the department always the same."""
        return issues_of(Period.parse(row), origin, "department", department, key)

    view = TableView("scorecard", title, Words(words.period, words.period), columns, tuple(rows))
    is_any = any(row.cells[0] for row in rows)
    return ScorecardView(
        title=words.scorecard_of.format(department=names.department(department)),
        inbox=f"/departments/{department}",
        sheet=sheet(view, names.language, link) if is_any else None,
        reasons=_reasons(data, origin, names),
        hint=words.orders_hint,
    )


def _numbers(found: ScorecardPeriod, origin: str) -> Mapping[str, int]:
    """What a circular counts of one department and origin."""
    numbers: dict[str, int] = {}
    for score in found.scores:
        if score.origin == origin:
            numbers |= {name: n for name, n in asdict(score).items() if isinstance(n, int)}
    for late in found.overdue:
        if late.origin == origin:
            numbers["overdue"] = late.issues
            numbers |= {"respond_overdue": late.respond, "resolve_overdue": late.resolve}
    return numbers


def _reasons(
    data: ScorecardData, origin: str, names: CityNames
) -> tuple[tuple[str, int, int, int, int], ...]:
    """(reason, returns, upheld, refused, open), the most frequent first."""
    sums: dict[str, list[int]] = {}
    for row in data.returns:
        if row.origin == origin:
            mine = sums.setdefault(row.reason, [0, 0, 0, 0])
            parts = (row.returns, row.upheld, row.refused, row.open)
            mine[:] = [a + b for a, b in zip(mine, parts, strict=True)]
    return tuple(
        (names.reason("return", reason), *counts)  # type: ignore[misc]
        for reason, counts in sorted(sums.items(), key=lambda each: (-each[1][0], each[0]))
    )


def origins_of(data: ScorecardData) -> frozenset[str]:
    """The origins that there are."""
    return frozenset(score.origin for found in data.periods for score in found.scores)
