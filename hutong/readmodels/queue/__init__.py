"""What lies at the desk now, and why: a row for each decision that somebody there owes."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.queue.changes import changes
from hutong.readmodels.queue.tables import QUEUE

MODEL = ReadModel("queue", 1, (QUEUE,), changes, of_state=True)
