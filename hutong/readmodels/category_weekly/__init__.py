"""How many issues of each week, category, street and kind got how far: the weekly circular."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.category_weekly.changes import changes
from hutong.readmodels.category_weekly.tables import CATEGORY_WEEKLY

MODEL = ReadModel("category_weekly", 3, (CATEGORY_WEEKLY,), changes, of_state=True)
