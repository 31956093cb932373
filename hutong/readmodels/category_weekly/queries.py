"""Questions to category_weekly."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class WeekRow:
    """Counts of one week, origin, street, category and kind ('' where unknown)."""

    week: str
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


def weeks(connection: Connection) -> list[tuple[str, int]]:
    """Every ISO week with issues and how many were reported in it, newest first."""
    return connection.execute(
        "SELECT week, sum(reported)::bigint FROM category_weekly GROUP BY week ORDER BY week DESC"
    ).fetchall()


def week(connection: Connection, week: str) -> list[WeekRow]:
    """The rows of an ISO week, e.g. ``2026-W47``; none when nothing was reported in it."""
    with connection.cursor(row_factory=class_row(WeekRow)) as cursor:
        return cursor.execute(
            "SELECT * FROM category_weekly WHERE week = %s ORDER BY origin, street, category, kind",
            [week],
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
