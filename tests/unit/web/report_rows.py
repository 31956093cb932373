"""A source of the report pages: an edition, scorecards, grid workers and returns in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hutong_web.data import Position
from hutong_web.reports.data import (
    CircularData,
    ReturnsData,
    ScorecardData,
    ScorecardPeriod,
    WorkersData,
)

from hutong.circular.edition import Edition, corrections
from hutong.circular.issued import Issued
from hutong.city import City
from hutong.readmodels.department_scorecard.queries import Score
from hutong.readmodels.department_scorecard.tables import DEPARTMENT_SCORECARD
from hutong.readmodels.issue_current.queries import OverdueTurns
from hutong.readmodels.periods import Period
from hutong.readmodels.return_reasons.queries import ReturnReason
from hutong.readmodels.worker_assessment.queries import Worker
from tests.unit.circular.editions import AT, WEEK

POSITION = Position({0: 128}, AT - 1_000)


def score(department: str = "water-co", origin: str = "live", **counts: int) -> Score:
    """A department's row; what is not given is 0."""
    return Score(department, origin, **{**dict.fromkeys(DEPARTMENT_SCORECARD.values, 0), **counts})


@dataclass(kw_only=True)
class FakeReports:
    """What the report pages are given, whatever they ask for; it notes the instants."""

    edition: Edition | None = None
    issued: list[Issued] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    busy: list[Worker] = field(default_factory=list)
    given_back: list[ReturnReason] = field(default_factory=list)
    instants: list[int] = field(default_factory=list)

    def newest_week(self) -> Period | None:
        return WEEK if self.edition is not None else None

    def circular(
        self, city: City, period: Period, *, number: int | None, at: int
    ) -> CircularData | None:
        self.instants.append(at)
        if number is not None:
            found = [each for each in self.issued if number in (0, each.number)]
            if not found:
                return None
            chosen, edition = found[-1], found[-1].edition
            former = [each for each in self.issued if each.number < chosen.number]
            corrected = corrections(former[-1].edition, edition) if former else ()
            return CircularData(POSITION, edition, chosen, self.issued, corrected)
        edition = self.edition or Edition(period, at, {}, city.hash, {})
        corrected = corrections(self.issued[-1].edition, edition) if self.issued else ()
        return CircularData(POSITION, edition, None, self.issued, corrected)

    def scorecard(
        self, city: City, department: str, periods: Sequence[Period], *, at: int
    ) -> ScorecardData:
        mine = [each for each in self.scores if each.department == department]
        late = [OverdueTurns("live", department, 2, 0, 2)] if mine else []
        scores = [
            ScorecardPeriod(period, mine, late)
            if period == WEEK
            else ScorecardPeriod(period, [], [])
            for period in periods
        ]
        returned = [each for each in self.given_back if each.department == department]
        return ScorecardData(POSITION, scores, returned)

    def workers(self, period: Period) -> WorkersData:
        return WorkersData(POSITION, self.busy if period == WEEK else [])

    def returns(self, period: Period) -> ReturnsData:
        return ReturnsData(POSITION, self.given_back if period == WEEK else [])
