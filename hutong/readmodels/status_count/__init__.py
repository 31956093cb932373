"""How many issues stand in each status: kept, for a board asks for it every few seconds."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.status_count.changes import changes
from hutong.readmodels.status_count.tables import STATUS_COUNT

MODEL = ReadModel("status_count", 1, (STATUS_COUNT,), changes, of_state=True)
