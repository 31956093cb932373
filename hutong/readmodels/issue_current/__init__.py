"""The present of every issue, one row each: lists, searches and the head of its page."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.issue_current.changes import changes
from hutong.readmodels.issue_current.tables import ISSUE_CURRENT

MODEL = ReadModel("issue_current", 6, (ISSUE_CURRENT,), changes, of_state=True)
