"""What each grid worker did on each day, and in which place."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.worker_assessment.changes import changes
from hutong.readmodels.worker_assessment.tables import WORKER_ASSESSMENT

MODEL = ReadModel("worker_assessment", 2, (WORKER_ASSESSMENT,), changes)
