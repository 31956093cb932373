"""Why departments give orders back, and what became of it."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.return_reasons.changes import changes
from hutong.readmodels.return_reasons.tables import RETURN_REASONS

MODEL = ReadModel("return_reasons", 1, (RETURN_REASONS,), changes)
