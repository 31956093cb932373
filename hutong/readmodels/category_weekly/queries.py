"""Questions to category_weekly."""

from collections.abc import Sequence
from dataclasses import dataclass

from hutong.readmodels.category_weekly.tables import CATEGORY_WEEKLY
from hutong.readmodels.periods import Period
from hutong.readmodels.sums import sums_over
from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class WeekRow:
    """Counts of one week, month, origin, street, category and kind ('' where unknown).

    See `changes.counts`. A week that lies in two months has rows in both.
    """

    week: str
    month: str
    origin: str
    street: str
    category: str
    kind: str
    reported: int
    dispatched: int
    queued: int
    accepted: int
    responded: int
    resolved: int
    unresolvable: int
    closed: int
    on_the_spot: int
    respond_on_time: int
    respond_late: int
    respond_open: int
    resolve_on_time: int
    resolve_late: int
    resolve_open: int
    asked_solved: int
    solved: int
    asked_satisfied: int
    satisfied: int
    returned: int
    reworked: int
    merged: int


def weeks(connection: Connection) -> list[tuple[str, int]]:
    """Every ISO week with issues and how many were reported in it, newest first."""
    return connection.execute(
        "SELECT week, sum(reported)::bigint FROM category_weekly GROUP BY week ORDER BY week DESC"
    ).fetchall()


def week(connection: Connection, week: str) -> list[WeekRow]:
    """The rows of an ISO week, e.g. ``2026-W47``; none when nothing was reported in it."""
    return of_period(connection, Period.parse(week))


def of_period(
    connection: Connection, period: Period, *, origin: str | None = None
) -> list[WeekRow]:
    """The rows of a period, as they are kept."""
    return sums_over(
        connection,
        CATEGORY_WEEKLY,
        WeekRow,
        period,
        by=tuple(CATEGORY_WEEKLY.key),
        origin=origin,
    )


def kinds_by_week(
    connection: Connection, weeks: Sequence[str], within: Period | None
) -> list[tuple[str, str, str, int]]:
    """(origin, week, kind, reported) of these ISO weeks; only what lies in the months of
    ``within``, where given.
    """
    months = list(within.values) if within is not None else None
    return connection.execute(
        "SELECT origin, week, kind, sum(reported)::bigint FROM category_weekly"
        " WHERE week = ANY (%(weeks)s)"
        " AND (%(months)s::text[] IS NULL OR month = ANY (%(months)s))"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        {"weeks": list(weeks), "months": months},
    ).fetchall()


@dataclass(frozen=True, slots=True)
class Span:
    """Reports of all weeks of an origin: how many, in how many weeks, the first and the last."""

    reported: int
    weeks: int
    first: str
    last: str


def spans_by_origin(connection: Connection) -> dict[str, Span]:
    """Origin -> its span; an origin without reports is absent."""
    rows = connection.execute(
        "SELECT origin, sum(reported)::bigint, count(DISTINCT week), min(week), max(week)"
        " FROM category_weekly GROUP BY 1"
    )
    return {origin: Span(*rest) for origin, *rest in rows}


def by_first_level(
    connection: Connection, weeks: Sequence[str], *, origin: str | None = None
) -> list[tuple[str, str, int]]:
    """(week, first-level category or '', reported) of these ISO weeks, of one origin or of all."""
    return connection.execute(
        "SELECT week, split_part(category, '.', 1), sum(reported)::bigint FROM category_weekly"
        " WHERE week = ANY (%(weeks)s) AND (%(origin)s::text IS NULL OR origin = %(origin)s)"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        {"weeks": list(weeks), "origin": origin},
    ).fetchall()
