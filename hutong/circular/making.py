"""Makes an edition from the read models of this moment."""

from typing import Final

from hutong.circular.compose import Material, compose
from hutong.circular.edition import Edition
from hutong.city import City
from hutong.readmodels.area_weekly import queries as areas
from hutong.readmodels.category_weekly import queries as weekly
from hutong.readmodels.department_scorecard import queries as scorecards
from hutong.readmodels.issue_current import queries as current
from hutong.readmodels.periods import Period
from hutong.readmodels.return_reasons import queries as returns
from hutong.store import Connection, read_offsets

#: Weeks in the table of kinds, that of the circular included.
WEEKS: Final = 8


def make_edition(connection: Connection, city: City, period: Period, at: int) -> Edition:
    """The edition of a period by what the tables say in the caller's transaction.

    ``at``, milliseconds UTC: what was due before it and is not answered counts as overdue. The
    caller's transaction must see one moment (`hutong.store.one_moment`).
    """
    span, span_before = (p.span(city.timezone) for p in (period, period.before))
    weeks = [week.name for week in period.weeks(WEEKS)]
    within = None if period.column == "week" else period
    material = Material(
        rows=weekly.of_period(connection, period),
        rows_before=weekly.of_period(connection, period.before),
        overdue=current.overdue(connection, span, at),
        overdue_before=current.overdue(connection, span_before, at),
        kinds_by_week=weekly.kinds_by_week(connection, weeks, within),
        areas=areas.of_period(connection, period),
        scores=scorecards.of_period(connection, period),
        overdue_turns=current.overdue_turns(connection, span, at),
        returns=returns.of_period(connection, period),
    )
    return compose(period, material, city, at=at, position=read_offsets(connection))


def newest_week(connection: Connection) -> Period | None:
    """The newest week in which something was reported."""
    weeks = weekly.weeks(connection)
    return Period.parse(weeks[0][0]) if weeks else None
