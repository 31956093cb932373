"""What happened to each issue, record by record, with verdicts, times and places in the log."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.issue_timeline.changes import changes
from hutong.readmodels.issue_timeline.tables import ISSUE_TIMELINE

MODEL = ReadModel("issue_timeline", 3, (ISSUE_TIMELINE,), changes)
