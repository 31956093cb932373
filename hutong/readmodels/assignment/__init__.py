"""Who below a department has which issue now: a row for each assignment still to be done."""

from hutong.readmodels.assignment.changes import changes
from hutong.readmodels.assignment.tables import ASSIGNMENT
from hutong.readmodels.base import ReadModel

MODEL = ReadModel("assignment", 2, (ASSIGNMENT,), changes, of_state=True)
