"""Questions to assignment."""

from dataclasses import dataclass

from psycopg.rows import class_row

from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class GivenTo:
    """An assignment with its issue. Times are milliseconds UTC; ``due_at`` is None without one."""

    issue_id: str
    department: str
    assignee: str
    level: str
    since: int
    due_at: int | None
    origin: str
    receipt: str
    subject: str
    status: str
    area: str | None
    address: str | None


def of_assignee(connection: Connection, assignee: str, *, limit: int) -> list[GivenTo]:
    """What somebody has to do, the first due first and what has no limit last."""
    with connection.cursor(row_factory=class_row(GivenTo)) as cursor:
        return cursor.execute(
            "SELECT a.issue_id, a.department, a.assignee, a.level, a.since, a.due_at, a.origin,"
            " i.receipt, i.subject, i.status, i.area, i.address"
            " FROM assignment AS a JOIN issue_current AS i ON i.issue_id = a.issue_id"
            " WHERE a.assignee = %s ORDER BY a.due_at NULLS LAST, a.since, a.issue_id LIMIT %s",
            [assignee, limit],
        ).fetchall()


def of_issues(connection: Connection, issue_ids: list[str]) -> dict[tuple[str, str], str]:
    """(issue, department) -> who has it there, for these issues."""
    rows = connection.execute(
        "SELECT issue_id, department, assignee FROM assignment WHERE issue_id = ANY(%s)",
        [issue_ids],
    )
    return {(issue_id, department): assignee for issue_id, department, assignee in rows}
