"""Which issues may be the same matter, and which were merged."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.duplicates.changes import changes
from hutong.readmodels.duplicates.tables import DUPLICATE_MERGE, DUPLICATE_PAIR

MODEL = ReadModel("duplicates", 2, (DUPLICATE_PAIR, DUPLICATE_MERGE), changes)
