"""Questions to department_scorecard."""

from dataclasses import dataclass

from hutong.readmodels.department_scorecard.tables import DEPARTMENT_SCORECARD
from hutong.readmodels.periods import Period
from hutong.readmodels.sums import sums_over
from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class Score:
    """What `changes.tally` counts of one department and origin."""

    department: str
    origin: str
    issues: int
    hops: int
    accept_on_time: int
    accept_late: int
    accept_open: int
    respond_on_time: int
    respond_late: int
    respond_open: int
    resolve_on_time: int
    resolve_late: int
    resolve_open: int
    resolved: int
    unresolvable: int
    reworked: int
    returns: int
    returns_upheld: int
    returns_refused: int
    returns_open: int
    dwell_ms: int
    dwell_hops: int
    asked_solved: int
    solved: int
    asked_satisfied: int
    satisfied: int
    net_asked_satisfied: int
    net_satisfied: int


def of_period(
    connection: Connection,
    period: Period,
    *,
    department: str | None = None,
    origin: str | None = None,
) -> list[Score]:
    """Each department's turns that began in a period, per origin, by code."""
    return sums_over(
        connection,
        DEPARTMENT_SCORECARD,
        Score,
        period,
        by=("department", "origin"),
        department=department,
        origin=origin,
    )
