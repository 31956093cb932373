"""The report pages' rows from PostgreSQL. All SQL is in hutong.readmodels and hutong.circular."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from hutong.circular.edition import corrections
from hutong.circular.issued import Issued, issued_editions
from hutong.circular.making import make_edition, newest_week
from hutong.city import City
from hutong.readmodels.department_scorecard import queries as scorecards
from hutong.readmodels.issue_current import queries as issue_current
from hutong.readmodels.issue_timeline import queries as issue_timeline
from hutong.readmodels.periods import Period
from hutong.readmodels.return_reasons import queries as return_reasons
from hutong.readmodels.worker_assessment import queries as workers
from hutong.store import Connection, read_offsets
from hutong_web.data import Position
from hutong_web.reports.data import (
    CircularData,
    ReturnsData,
    ScorecardData,
    ScorecardPeriod,
    WorkersData,
)


class DatabaseReports:
    """A `ReportSource` over whatever gives a connection that sees one moment."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    def newest_week(self) -> Period | None:
        """The newest week in which something was reported."""
        with self._reading() as connection:
            return newest_week(connection)

    def circular(
        self, city: City, period: Period, *, number: int | None, at: int
    ) -> CircularData | None:
        """As of now, or as it was issued."""
        with self._reading() as connection:
            position = _position(connection)
            editions = issued_editions(connection, period)
            issued: Issued | None = None
            if number is None:
                edition = make_edition(connection, city, period, at)
            else:
                found = [each for each in editions if number in (0, each.number)]
                if not found:
                    return None
                issued = found[-1]
                edition = issued.edition
        former = [each for each in editions if issued is None or each.number < issued.number]
        corrected = corrections(former[-1].edition, edition) if former else ()
        return CircularData(position, edition, issued, editions, corrected)

    def scorecard(
        self, city: City, department: str, periods: Sequence[Period], *, at: int
    ) -> ScorecardData:
        """One moment's rows of all these periods."""
        with self._reading() as connection:
            found = [
                ScorecardPeriod(
                    period,
                    scorecards.of_period(connection, period, department=department),
                    issue_current.overdue_turns(
                        connection, period.span(city.timezone), at, department=department
                    ),
                )
                for period in periods
            ]
            returned = [
                row
                for period in periods
                for row in return_reasons.of_period(connection, period, department=department)
            ]
            return ScorecardData(_position(connection), found, returned)

    def workers(self, period: Period) -> WorkersData:
        """What grid workers did."""
        with self._reading() as connection:
            return WorkersData(_position(connection), workers.of_period(connection, period))

    def returns(self, period: Period) -> ReturnsData:
        """Returns by reason and department."""
        with self._reading() as connection:
            return ReturnsData(_position(connection), return_reasons.of_period(connection, period))


def _position(connection: Connection) -> Position:
    return Position(read_offsets(connection), issue_timeline.last_recorded_at(connection))
