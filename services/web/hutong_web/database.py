"""The read models in PostgreSQL as the pages' source. All SQL is in hutong.readmodels."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from hutong.issue.state import Status
from hutong.readmodels.assignment import queries as assignment
from hutong.readmodels.category_weekly import queries as category_weekly
from hutong.readmodels.department_load import queries as department_load
from hutong.readmodels.duplicates import queries as duplicates
from hutong.readmodels.family import family
from hutong.readmodels.issue_current import queries as issue_current
from hutong.readmodels.issue_timeline import queries as issue_timeline
from hutong.readmodels.projection import load_states
from hutong.readmodels.queue import queries as queue
from hutong.readmodels.queue.queries import Cursor
from hutong.readmodels.status_count import queries as status_count
from hutong.store import (
    Connection,
    DatabaseDownError,
    KeptPack,
    MigrationError,
    RebuildNeededError,
    check_readable,
    kept_pack,
    pool,
    read_offsets,
    snapshot,
)
from hutong_web.data import (
    SUSPECTS,
    BoardData,
    CaseData,
    DeskData,
    GridData,
    InboxData,
    NotMigratedError,
    Position,
    UnavailableError,
)
from hutong_web.filters import DISPATCHED_ONCE, GROUPS, Filters, Scope
from hutong_web.reports.reading import DatabaseReports
from hutong_web.standing import relatives_of

#: Suspected pairs that the desk sees at a time.
_PAIRS: Final = 100
#: Closed issues that an inbox shows: what was done lately.
_CLOSED: Final = 20


class DatabaseSource(DatabaseReports):
    """`AllSources` over a small pool of connections; open it with ``with``.

    Opening does not connect: the service starts, and says so, while PostgreSQL is down.
    """

    def __init__(self, url: str) -> None:
        super().__init__(self._snapshot)
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

    def board(self, filters: Filters, scope: Scope, weeks: Sequence[str], limit: int) -> BoardData:
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
                kind=filters.kind or None,
                areas=scope.areas,
                span=scope.span,
                turns=scope.turns,
                fact=filters.fact or None,
                at=scope.at,
                before=filters.cursor,
            )
            return BoardData(
                position=_position(connection),
                counts=status_count.all(connection),
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
            kin = family(connection, issue_id)
            return CaseData(_position(connection), issue, entries, state, related, kin)

    def desk(
        self,
        kind: str,
        *,
        now: int,
        street: str = "",
        origin: str = "",
        after: Cursor | None = None,
        limit: int,
    ) -> DeskData:
        """The queue at one moment."""
        with self._reading() as connection:
            rows = (
                []
                if kind == SUSPECTS
                else queue.page(
                    connection,
                    limit=limit + 1,
                    kinds=(kind,) if kind else (),
                    street=street or None,
                    origin=origin or None,
                    since_before=now,
                    after=after,
                )
            )
            counts = queue.counts(connection, now, street=street or None, origin=origin or None)
            pairs = duplicates.pairs(
                connection, limit=_PAIRS + 1, fate=duplicates.OPEN, origin=origin or None
            )
            named = {one for pair in pairs[:_PAIRS] for one in (pair.issue_id, pair.other_id)}
            return DeskData(
                position=_position(connection),
                counts=counts,
                rows=rows[:limit],
                has_more=len(rows) > limit,
                pairs=pairs[:_PAIRS],
                has_more_pairs=len(pairs) > _PAIRS,
                texts=duplicates.texts(connection, named) if kind == SUSPECTS else {},
            )

    def inbox(self, department: str, limit: int) -> InboxData:
        """A department's issues of one moment."""
        with self._reading() as connection:
            statuses = GROUPS["open"] - {Status.QUEUED, Status.REPORTED}
            found = issue_current.of_department(connection, department, statuses, limit=limit + 1)
            ids = [issue.issue_id for issue in found[:limit]]
            given = assignment.of_issues(connection, ids)
            return InboxData(
                position=_position(connection),
                open=found[:limit],
                closed=issue_current.closed_last(connection, department, limit=_CLOSED),
                states=load_states(connection, ids),
                given={issue: who for (issue, owner), who in given.items() if owner == department},
                has_more=len(found) > limit,
            )

    def grid(self, worker: str, areas: Collection[str], limit: int) -> GridData:
        """A worker's assignments and the grid's claims of one moment."""
        with self._reading() as connection:
            given = assignment.of_assignee(connection, worker, limit=limit) if worker else []
            checks = issue_current.in_area(connection, areas, (Status.RESOLVED,), limit=limit)
            ids = [*(one.issue_id for one in given), *(one.issue_id for one in checks)]
            states = load_states(connection, ids)
            return GridData(_position(connection), given, checks, states)

    def find(self, receipt: str) -> str | None:
        """The issue behind a receipt number."""
        with self._reading() as connection:
            issue = issue_current.by_receipt(connection, receipt)
        return issue.issue_id if issue else None

    def pack(self, at: int) -> KeptPack | None:
        """The city pack in force at an instant, as projections know it."""
        with self._reading() as connection:
            return kept_pack(connection, at)

    def check(self) -> None:
        """Whether pages can be answered now."""
        with _as_ours():
            check_readable(self._pool)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
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
