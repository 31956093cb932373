"""What the report pages are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hutong.circular.edition import Correction, Edition
from hutong.circular.issued import Issued
from hutong.city import City
from hutong.readmodels.department_scorecard.queries import Score
from hutong.readmodels.issue_current.queries import OverdueTurns
from hutong.readmodels.periods import Period
from hutong.readmodels.return_reasons.queries import ReturnReason
from hutong.readmodels.worker_assessment.queries import Worker
from hutong_web.data import Position


@dataclass(frozen=True, slots=True)
class CircularData:
    """A circular as of now, or (``issued``) as it was issued; all that were issued of it."""

    position: Position
    edition: Edition
    issued: Issued | None
    editions: Sequence[Issued]
    corrections: Sequence[Correction]


@dataclass(frozen=True, slots=True)
class ScorecardPeriod:
    """One department in one period: a row for each origin, and what is overdue of its turns."""

    period: Period
    scores: Sequence[Score]
    overdue: Sequence[OverdueTurns]


@dataclass(frozen=True, slots=True)
class ScorecardData:
    """One department over several periods, the oldest first, and why it gave orders back."""

    position: Position
    periods: Sequence[ScorecardPeriod]
    returns: Sequence[ReturnReason]


@dataclass(frozen=True, slots=True)
class WorkersData:
    """Everybody who did something in a period."""

    position: Position
    workers: Sequence[Worker]


@dataclass(frozen=True, slots=True)
class ReturnsData:
    """What was given back in a period."""

    position: Position
    returns: Sequence[ReturnReason]


class ReportSource(Protocol):
    """Where the report pages get their rows; `UnavailableError` when it cannot be reached."""

    def newest_week(self) -> Period | None:
        """The newest week in which something was reported."""

    def circular(
        self, city: City, period: Period, *, number: int | None, at: int
    ) -> CircularData | None:
        """The circular of a period as of the instant ``at``, or edition ``number`` of it (0: the
        last); None when there is no such edition.
        """

    def scorecard(
        self, city: City, department: str, periods: Sequence[Period], *, at: int
    ) -> ScorecardData:
        """A department's turns that began in each of these periods, by what is overdue at the
        instant ``at``; returns of all of them.
        """

    def workers(self, period: Period) -> WorkersData:
        """What grid workers did."""

    def returns(self, period: Period) -> ReturnsData:
        """Returns by reason and department."""
