"""How much was reported where: kept, for a circular counts a whole quarter by grid."""

from hutong.readmodels.area_weekly.changes import changes
from hutong.readmodels.area_weekly.tables import AREA_WEEKLY
from hutong.readmodels.base import ReadModel

MODEL = ReadModel("area_weekly", 1, (AREA_WEEKLY,), changes, of_state=True)
