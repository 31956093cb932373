"""Every clock of every issue, one row each: what is due, whose it is, what it brings next."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.clock_due.changes import changes
from hutong.readmodels.clock_due.tables import CLOCK_DUE

MODEL = ReadModel("clock_due", 1, (CLOCK_DUE,), changes)
