"""Questions to area_weekly."""

from dataclasses import dataclass

from hutong.readmodels.area_weekly.tables import AREA_WEEKLY
from hutong.readmodels.periods import Period
from hutong.readmodels.sums import sums_over
from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class AreaCount:
    """What was reported of an area, itself and not what is below it; '' where none is known."""

    origin: str
    area: str
    reported: int


def of_period(connection: Connection, period: Period) -> list[AreaCount]:
    """The reports of a period by area, areas as they stand on the issues now."""
    return sums_over(connection, AREA_WEEKLY, AreaCount, period, by=("origin", "area"))
