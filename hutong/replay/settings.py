"""Settings of the replay tools."""

from pydantic import Field

from hutong.events.topics import ISSUES
from hutong.settings import DatabaseSettings


class ReplaySettings(DatabaseSettings):
    """Variables start with HUTONG_."""

    projections_topic: str = Field(default=ISSUES, description="The log; another one for tests.")
