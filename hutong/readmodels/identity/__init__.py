"""Who reported, sealed: what intake opens when somebody may see it. No page reads it."""

from hutong.readmodels.base import ReadModel
from hutong.readmodels.identity.changes import changes
from hutong.readmodels.identity.tables import IDENTITY

MODEL = ReadModel("identity", 3, (IDENTITY,), changes)
