"""Questions to clock_due."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from psycopg import sql
from psycopg.rows import class_row

from hutong.readmodels.clock_due.tables import CLOCK_DUE
from hutong.store import Connection

_COLUMNS: Final = sql.SQL(", ").join(map(sql.Identifier, CLOCK_DUE.columns))
_SELECT: Final = sql.SQL("SELECT {} FROM clock_due ").format(_COLUMNS)


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock. Times are milliseconds UTC.

    ``department``: who answers for it, `desk` where no department does; ``street``: '' when
    unknown. ``runs``: somebody is expected to answer it now (not stopped, not paused, and not of an
    issue that was merged into another). ``late``: it was stopped, or stands still, after its due
    time; of one that runs, ``due_at`` tells. ``level``: the rung of the ladder that it has reached.
    ``next_at``: when it brings something by itself, None when it never does.
    """

    issue_id: str
    clock: str
    origin: str
    department: str
    street: str
    tier: str | None
    calendar: str
    started_at: int
    due_at: int
    stopped_at: int | None
    paused: bool
    runs: bool
    provisional: bool
    excused_ms: int
    late: bool
    level: str
    next_at: int | None


class Coming(NamedTuple):
    """A clock that brings something at ``next_at``; also a place in the list of them."""

    next_at: int
    issue_id: str
    clock: str


def of_issue(connection: Connection, issue_id: str) -> list[ClockRow]:
    """The clocks of an issue, the first due first."""
    where = sql.SQL("WHERE issue_id = {} ORDER BY due_at, clock")
    return _rows(connection, where.format(sql.Literal(issue_id)))


def due_before(
    connection: Connection,
    instant: int,
    *,
    limit: int,
    department: str | None = None,
    origin: str | None = None,
) -> list[ClockRow]:
    """Clocks that run and are due before then, overdue ones too, the first due first."""
    given = {"department": department, "origin": origin}
    conditions = [sql.SQL("runs AND due_at < {}").format(sql.Literal(instant))] + [
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value))
        for column, value in given.items()
        if value is not None
    ]
    rest = sql.SQL("WHERE {} ORDER BY due_at, issue_id, clock LIMIT {}")
    return _rows(connection, rest.format(sql.SQL(" AND ").join(conditions), sql.Literal(limit)))


@dataclass(frozen=True, slots=True)
class Overdue:
    """Clocks of a department that run and are past their due time, by clock."""

    department: str
    clock: str
    clocks: int
    oldest_due_at: int


def overdue(connection: Connection, now: int, *, origin: str | None = None) -> list[Overdue]:
    """What is overdue at an instant, by department and clock, the fullest first.

    Clocks of assignments and supervisions count together, whoever gave them.
    """
    with connection.cursor(row_factory=class_row(Overdue)) as cursor:
        return cursor.execute(
            "SELECT department, split_part(clock, ':', 1) AS clock, count(*) AS clocks,"
            " min(due_at) AS oldest_due_at FROM clock_due"
            " WHERE runs AND due_at < %(now)s"
            " AND (%(origin)s::text IS NULL OR origin = %(origin)s)"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            {"now": now, "origin": origin},
        ).fetchall()


def coming(
    connection: Connection, until: int, *, limit: int, after: Coming | None = None
) -> list[Coming]:
    """What comes by itself before an instant, in that order; ``after``: the rest of the list."""
    where: sql.Composable = sql.SQL("")
    if after is not None:
        where = sql.SQL(" AND (next_at, issue_id, clock) > ({}, {}, {})").format(
            *map(sql.Literal, after)
        )
    query = sql.SQL(
        "SELECT next_at, issue_id, clock FROM clock_due WHERE next_at < {}{}"
        " ORDER BY next_at, issue_id, clock LIMIT {}"
    )
    rows = connection.execute(query.format(sql.Literal(until), where, sql.Literal(limit)))
    return [Coming(*row) for row in rows]


def provisional(connection: Connection, *, limit: int, after: str = "") -> list[str]:
    """Live issues with a due time on whose way lies a year that was not announced, by id."""
    rows = connection.execute(
        "SELECT DISTINCT issue_id FROM clock_due WHERE provisional AND origin = 'live'"
        " AND issue_id > %s ORDER BY issue_id LIMIT %s",
        [after, limit],
    )
    return [issue_id for (issue_id,) in rows]


def ran_during(
    connection: Connection, start: int, end: int, *, limit: int, after: str = ""
) -> list[str]:
    """Live issues with a clock that ran at some time of a span and may be excused it, by id."""
    rows = connection.execute(
        "SELECT DISTINCT issue_id FROM clock_due WHERE origin = 'live' AND started_at < %(end)s"
        " AND due_at > %(start)s AND (stopped_at IS NULL OR (late AND stopped_at > %(start)s))"
        " AND issue_id > %(after)s ORDER BY issue_id LIMIT %(limit)s",
        {"start": start, "end": end, "after": after, "limit": limit},
    )
    return [issue_id for (issue_id,) in rows]


def _rows(connection: Connection, rest: sql.Composable) -> list[ClockRow]:
    with connection.cursor(row_factory=class_row(ClockRow)) as cursor:
        return cursor.execute(_SELECT + rest).fetchall()
