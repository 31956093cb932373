"""Settings of the projector."""

from typing import ClassVar

from pydantic import Field

from hutong.events.topics import CITY, ISSUES
from hutong.kafka.acls import PROJECTIONS, PROJECTIONS_GROUP
from hutong.settings import DatabaseSettings


class ProjectionsSettings(DatabaseSettings):
    """Variables start with HUTONG_."""

    speaks_as: ClassVar[str] = PROJECTIONS

    projections_port: int = Field(default=8093, ge=0, le=65535, description="Health and metrics.")
    projections_group: str = Field(
        default=PROJECTIONS_GROUP, description="Consumer group; it shares out partitions only."
    )
    projections_topic: str = Field(default=ISSUES, description="The log; another one for tests.")
    projections_city: str = Field(
        default=CITY, description="The topic of promotions; another one for tests."
    )
    projections_batch: int = Field(
        default=4000, ge=1, le=100_000, description="Most records in one transaction."
    )
    projections_wait_ms: int = Field(
        default=50,
        ge=1,
        le=10_000,
        description="How long a batch may wait to fill up; bounds how late a row is seen.",
    )
