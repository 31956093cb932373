"""Questions to status_count."""

from dataclasses import dataclass

from psycopg.rows import class_row

from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many issues of an origin stand in a status, and how many of them were ever dispatched."""

    origin: str
    status: str
    issues: int
    dispatched: int


def all(connection: Connection) -> list[StatusCount]:  # noqa: A001  reads well with its module
    """Every origin and status that has issues."""
    with connection.cursor(row_factory=class_row(StatusCount)) as cursor:
        return cursor.execute("SELECT * FROM status_count ORDER BY origin, status").fetchall()
