"""What stood in the read models at a time: the log up to then, folded into tables of its own.

The tables lie in a schema beside the live ones and go when it is over; the live ones are neither
read nor changed. The same queries then answer as did then, and so they cannot say anything else.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from hutong.issue.state import ENDED, Status
from hutong.readmodels import Ground, all_models
from hutong.readmodels.clock_due import queries as clocks
from hutong.readmodels.clock_due.queries import ClockRow
from hutong.readmodels.department_load import queries as loads
from hutong.readmodels.department_load.queries import DepartmentLoad
from hutong.readmodels.department_scorecard import queries as scorecards
from hutong.readmodels.department_scorecard.queries import Score
from hutong.readmodels.issue_current import queries as issues
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.periods import Period
from hutong.readmodels.projection import Projection
from hutong.replay.progress import Progress
from hutong.replay.source import Source
from hutong.store import Connection, connect, migrate, move_offsets

STAGE: Final = "hutong_as_of"
#: Any fixed number; held by the session while the schema is in use.
_LOCK: Final = 4_711_020_277
_BATCH: Final = 10_000
_ALL: Final = 1_000_000_000
_EVER: Final = 2**62


class AsOfRefusedError(Exception):
    """It cannot be done now; the message says why."""


@dataclass(frozen=True, slots=True)
class DepartmentThen:
    """What a department had before it: open issues that it leads or helps with, clocks that run.

    ``scorecard``: (week, the turns that began in it).
    """

    department: str
    load: tuple[DepartmentLoad, ...]
    issues: tuple[IssueCurrent, ...]
    clocks: tuple[ClockRow, ...]
    scorecard: tuple[tuple[str, Score], ...]


@contextmanager
def standing_at(
    url: str,
    source: Source,
    ground: Ground,
    instant: int,
    *,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Connection]:
    """A connection to tables as they stood when the log held what it did at the instant.

    Milliseconds UTC; what was recorded later is left out, however early it was received, and not
    read. ``watch`` is told after each batch how far it is. Raises AsOfRefusedError,
    RangeMissingError, UnreadableError, and as `Source.read_to`.
    """
    ends = source.ends_at(instant)
    source.require(ends)
    with connect(url, autocommit=True) as keeper:
        row = keeper.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if row is None or not row[0]:
            raise AsOfRefusedError("another as-of is being made on this database: wait for it")
        drop = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(STAGE))
        keeper.execute(drop)  # what a killed one left behind: we are alone
        try:
            migrate(url, schema=STAGE)
            with connect(url, schema=STAGE) as connection:
                _fold(connection, source, ground, ends, watch)
                yield connection
        finally:
            keeper.execute(drop)


def _fold(
    connection: Connection,
    source: Source,
    ground: Ground,
    ends: Mapping[int, int],
    watch: Callable[[Progress], None],
) -> None:
    projection = Projection(connection, all_models(), ground)
    after: dict[int, int] = {}
    began = time.monotonic()
    for batch in source.read_to(ends, _BATCH):
        projection.apply(batch)
        connection.commit()
        after |= {record.partition: record.offset + 1 for record in batch}
        watch(Progress({}, dict(source.position), ends, time.monotonic() - began))
    move_offsets(connection, {partition: (0, end) for partition, end in after.items()})
    connection.commit()


def department_then(connection: Connection, department: str) -> DepartmentThen:
    """What the tables say of one department, what it must answer first first."""
    open_now = issues.of_department(connection, department, set(Status) - ENDED, limit=_ALL)
    weeks = connection.execute(
        "SELECT DISTINCT week FROM department_scorecard WHERE department = %s ORDER BY 1",
        [department],
    ).fetchall()
    return DepartmentThen(
        department,
        tuple(load for load in loads.all(connection) if load.department == department),
        tuple(open_now),
        tuple(clocks.due_before(connection, _EVER, limit=_ALL, department=department)),
        tuple(
            (week, score)
            for (week,) in weeks
            for score in scorecards.of_period(connection, Period.parse(week), department=department)
        ),
    )
