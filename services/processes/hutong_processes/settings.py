"""Settings of the processes service."""

from typing import ClassVar

from pydantic import Field

from hutong.kafka.acls import PROCESSES, ROUTER_GROUP
from hutong.settings import DatabaseSettings


class ProcessesSettings(DatabaseSettings):
    """Variables start with HUTONG_."""

    speaks_as: ClassVar[str] = PROCESSES

    processes_port: int = Field(default=8095, ge=0, le=65535, description="Health and metrics.")
    processes_batch: int = Field(
        default=500,
        ge=1,
        le=10_000,
        description="Most orders sent in one go, and most clocks looked at in one go.",
    )
    processes_pause_ms: int = Field(
        default=200,
        ge=10,
        le=60_000,
        description="How long a process that found nothing to do waits before it looks again.",
    )
    processes_margin_ms: int = Field(
        default=2_000,
        ge=0,
        le=600_000,
        description="How far the clocks of this machine and of the brokers may differ: so much "
        "later is anything said to be due.",
    )
    processes_merge_grace_ms: int = Field(
        default=10_000,
        ge=0,
        le=3_600_000,
        description="How long after one half of a merge the other is waited for, before it is "
        "finished or undone.",
    )
    router_group: str = Field(
        default=ROUTER_GROUP,
        min_length=1,
        description="Consumer group of the router, whose place in its inputs is looked at.",
    )
