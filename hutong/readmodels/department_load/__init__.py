"""What lies with each department now, and what it has behind it."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.department_load.changes import changes
from hutong.readmodels.department_load.tables import DEPARTMENT_LOAD

MODEL = ReadModel("department_load", 1, (DEPARTMENT_LOAD,), changes, of_state=True)
