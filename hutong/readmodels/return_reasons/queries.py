"""Questions to return_reasons."""

from dataclasses import dataclass

from hutong.readmodels.periods import Period
from hutong.readmodels.return_reasons.tables import RETURN_REASONS
from hutong.readmodels.sums import sums_over
from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """Returns of one department for one reason, see `changes.changes`."""

    reason: str
    department: str
    origin: str
    returns: int
    upheld: int
    refused: int
    open: int
    hops_after: int


def of_period(
    connection: Connection,
    period: Period,
    *,
    department: str | None = None,
    origin: str | None = None,
) -> list[ReturnReason]:
    """The returns that were made in a period, by reason and department."""
    return sums_over(
        connection,
        RETURN_REASONS,
        ReturnReason,
        period,
        by=("reason", "department", "origin"),
        department=department,
        origin=origin,
    )
