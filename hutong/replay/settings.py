"""Settings of the replay tools."""

from typing import ClassVar

from pydantic import Field

from hutong.events.topics import CITY, ISSUES
from hutong.kafka.acls import MONITOR, REPLAY
from hutong.settings import DatabaseSettings, Settings


class LogSettings(Settings):
    """For reading the log alone. Variables start with HUTONG_."""

    speaks_as: ClassVar[str] = REPLAY

    projections_topic: str = Field(default=ISSUES, description="The log; another one for tests.")
    projections_city: str = Field(
        default=CITY, description="The topic of promotions; another one for tests."
    )


class ReplaySettings(LogSettings, DatabaseSettings):
    """For holding the log against the database."""


class LagSettings(ReplaySettings):
    """For looking at how far readers are: it sees every topic's ends and no record."""

    speaks_as: ClassVar[str] = MONITOR
