"""The read models in PostgreSQL as the pages' source. All SQL is in hutong.readmodels."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from hutong.readmodels.category_weekly import queries as category_weekly
from hutong.readmodels.department_load import queries as department_load
from hutong.readmodels.issue_current import queries as issue_current
from hutong.readmodels.issue_timeline import queries as issue_timeline
from hutong.readmodels.projection import load_states
from hutong.store import (
    Connection,
    DatabaseDownError,
    MigrationError,
    RebuildNeededError,
    check_readable,
    pool,
    read_offsets,
    snapshot,
)
from hutong_web.data import BoardData, CaseData, NotMigratedError, Position, UnavailableError
from hutong_web.filters import DISPATCHED_ONCE, Filters
from hutong_web.standing import relatives_of


class DatabaseSource:
    """A `Source` over a small pool of connections; open it with ``with``.

    Opening does not connect: the service starts, and says so, while PostgreSQL is down.
    """

    def __init__(self, url: str) -> None:
        self._pool = pool(url, max_size=4)

    def __enter__(self) -> Self:
        self._pool.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.close()

    def position(self) -> Position:
        """How far the read models have got."""
        with self._reading() as connection:
            return _position(connection)

    def board(self, filters: Filters, weeks: Sequence[str], limit: int) -> BoardData:
        """Figures and list of one moment."""
        origin = filters.origin or None
        with self._reading() as connection:
            weekly: dict[str, dict[str, int]] = {week: {} for week in weeks}
            for week, category, reported in category_weekly.by_first_level(
                connection, weeks, origin=origin
            ):
                weekly[week][category] = reported
            issues = issue_current.page(
                connection,
                limit=limit + 1,
                statuses=filters.statuses,
                dispatched=filters.status == DISPATCHED_ONCE,
                department=filters.department or None,
                category=filters.category or None,
                street=filters.street or None,
                origin=origin,
                before=filters.cursor,
            )
            return BoardData(
                position=_position(connection),
                counts=issue_current.status_counts(connection),
                weekly=weekly,
                loads=department_load.all(connection),
                issues=issues[:limit],
                has_older=len(issues) > limit,
            )

    def case(self, issue_id: str) -> CaseData | None:
        """One issue; also one whose report is still missing, where something answers it."""
        with self._reading() as connection:
            issue = issue_current.by_id(connection, issue_id)
            entries = issue_timeline.of_issue(connection, issue_id)
            if issue is None and not entries:
                return None
            state = load_states(connection, [issue_id]).get(issue_id) if issue else None
            related = issue_current.by_ids(connection, relatives_of(state)) if state else ()
            return CaseData(_position(connection), issue, entries, state, related)

    def find(self, receipt: str) -> str | None:
        """The issue behind a receipt number."""
        with self._reading() as connection:
            issue = issue_current.by_receipt(connection, receipt)
        return issue.issue_id if issue else None

    def check(self) -> None:
        """Whether pages can be answered now."""
        with _as_ours():
            check_readable(self._pool)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _as_ours(), snapshot(self._pool) as connection:
            yield connection


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except DatabaseDownError as error:
        raise UnavailableError(str(error)) from error
    except (MigrationError, RebuildNeededError) as error:
        raise NotMigratedError(str(error)) from error


def _position(connection: Connection) -> Position:
    return Position(read_offsets(connection), issue_timeline.last_recorded_at(connection))
