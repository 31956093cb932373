"""Questions to worker_assessment."""

from dataclasses import dataclass

from psycopg.rows import class_row

from hutong.readmodels.periods import Period
from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class Worker:
    """What a grid worker did in a period, see `changes.changes`.

    ``days`` and ``areas``: on how many days, and in how many places, something was done: a report,
    an assignment that was taken, a check.
    """

    worker: str
    origin: str
    days: int
    areas: int
    reported: int
    on_the_spot: int
    assigned: int
    assignment_on_time: int
    assignment_late: int
    assignment_open: int
    checks_passed: int
    checks_failed: int
    reworked: int


_ACTIVE = "reported + assigned + checks_passed + checks_failed > 0"
_SUMS = (
    "reported",
    "on_the_spot",
    "assigned",
    "assignment_on_time",
    "assignment_late",
    "assignment_open",
    "checks_passed",
    "checks_failed",
    "reworked",
)
_SELECT = (
    "SELECT worker, origin,"
    f" count(DISTINCT day) FILTER (WHERE {_ACTIVE}) AS days,"
    f" count(DISTINCT area) FILTER (WHERE area <> '' AND {_ACTIVE}) AS areas, "
    + ", ".join(f"sum({name})::bigint AS {name}" for name in _SUMS)
    + " FROM worker_assessment WHERE day BETWEEN %(first)s AND %(last)s"
    " AND (%(origin)s::text IS NULL OR origin = %(origin)s)"
    " GROUP BY worker, origin"
    " ORDER BY sum(reported + assigned + checks_passed + checks_failed) DESC, worker, origin"
)


def of_period(connection: Connection, period: Period, *, origin: str | None = None) -> list[Worker]:
    """Everybody who did something in the period, the most first."""
    given = {
        "first": period.first_day.isoformat(),
        "last": period.last_day.isoformat(),
        "origin": origin,
    }
    with connection.cursor(row_factory=class_row(Worker)) as cursor:
        return cursor.execute(_SELECT.encode(), given).fetchall()
