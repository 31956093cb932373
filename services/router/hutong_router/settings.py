"""What the router needs to be told."""

from typing import ClassVar

from pydantic import Field

from hutong.kafka.acls import ROUTER, ROUTER_GROUP
from hutong.settings import Settings


class RouterSettings(Settings):
    """Settings of the router, from ``HUTONG_*``."""

    speaks_as: ClassVar[str] = ROUTER

    router_port: int = Field(ge=0, le=65535, description="Health and metrics, on loopback.")
    router_group: str = Field(default=ROUTER_GROUP, min_length=1, description="Consumer group.")
    router_session_seconds: float = Field(
        # After kill -9 nobody reads until it is over: 6.3 s to ready instead of 9.2. It is the
        # broker's least; a heartbeat every 2 s, and no chunk takes a second.
        default=6.0,
        gt=0,
        description="A worker that is silent for longer loses its partitions; the broker's least "
        "is 6 by default.",
    )
    router_idle_seconds: float = Field(
        default=60.0,
        gt=0,
        description="Unhealthy after so long without assignment, or with work and no progress.",
    )
    router_dead_letters_in_a_row: int = Field(
        default=100, ge=1, description="More than this stops the router: the fault is then ours."
    )
    router_chunks_in_flight: int = Field(
        default=16, ge=1, description="Chunks routed and not yet confirmed, 1 MiB each at most."
    )
