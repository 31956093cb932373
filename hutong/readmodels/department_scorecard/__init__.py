"""How well each department did with what it got in a week: promises, returns, rework, opinions."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.department_scorecard.changes import changes
from hutong.readmodels.department_scorecard.tables import DEPARTMENT_SCORECARD

MODEL = ReadModel("department_scorecard", 2, (DEPARTMENT_SCORECARD,), changes, of_state=True)
