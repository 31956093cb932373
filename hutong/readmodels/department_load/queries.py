"""Questions to department_load."""

from dataclasses import dataclass

from psycopg.rows import class_row

from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class DepartmentLoad:
    """Issues that a department leads, by where they stand; see `changes.counts`."""

    department: str
    origin: str
    open: int
    dispatched: int
    accepted: int
    returned: int
    resolved: int
    unresolvable: int
    ended: int


def all(connection: Connection) -> list[DepartmentLoad]:  # noqa: A001  reads well with its module
    """Every department that leads or led something, the fullest desk first."""
    with connection.cursor(row_factory=class_row(DepartmentLoad)) as cursor:
        return cursor.execute(
            "SELECT * FROM department_load ORDER BY open DESC, department, origin"
        ).fetchall()
