"""Whether the router does its work: judged by assignment and progress, not by being alive.

A worker whose group join failed for good logs that once and then sits there, alive and idle.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hutong.ops.health import Health
from hutong_router.ledger import Partition


@dataclass(slots=True)
class Vitals:
    """What the event loop notes and the health server's thread reads. Times: monotonic seconds."""

    #: The loop ran.
    ticked_at: float
    #: Partitions were assigned.
    assigned_at: float
    #: A chunk was done, or there was nothing to do.
    progress_at: float
    assigned: int = 0
    #: Records that are in the input topics and not done; None while the broker does not say.
    lag: int | None = None
    #: When the oldest chunk in flight was taken.
    oldest_chunk_at: float | None = None
    #: Set when the router is going down.
    stopping: bool = False

    @classmethod
    def at_start(cls, now: float) -> "Vitals":
        """A worker that has just been started."""
        return cls(now, now, now)


def ready(vitals: Vitals) -> Health:
    """It takes work: it has partitions and is not going down."""
    return Health(vitals.assigned > 0 and not vitals.stopping, {"partitions": vitals.assigned})


def healthy(vitals: Vitals, now: float, limit: float) -> Health:
    """It works, or has nothing to do, or has been in trouble for less than ``limit`` seconds."""
    troubles = []
    if now - vitals.ticked_at > limit:
        troubles.append("the event loop stands still")
    if not vitals.assigned and now - vitals.assigned_at > limit:
        troubles.append("no partitions are assigned")
    if vitals.lag and now - vitals.progress_at > limit:
        troubles.append("there is work and no progress")
    if vitals.oldest_chunk_at is not None and now - vitals.oldest_chunk_at > limit:
        troubles.append("a chunk is not confirmed")
    facts = {"partitions": vitals.assigned, "lag": vitals.lag, "troubles": troubles}
    return Health(not troubles, facts)


class StalledError(Exception):
    """A partition that is ours has work, and its records never reach us."""


class Stalls:
    """Finds a partition that is assigned and not read, while others may go on.

    Seen after many rebalances in a row (fault F8): Faust holds the assignment, fetches nothing of
    a partition or drops what it fetches, and says nothing. Another join makes it whole.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._since: dict[Partition, tuple[int, float]] = {}

    def look(
        self,
        now: float,
        positions: Mapping[Partition, int],
        lags: Mapping[Partition, int],
        handed_out: Collection[Partition],
    ) -> None:
        """Note where the assigned partitions are; StalledError for one that stood still too long.

        Only one of which nothing is handed out can have stalled: the rest waits for the agent.
        """
        found: dict[Partition, tuple[int, float]] = {}
        for partition, lag in lags.items():
            if lag == 0 or partition in handed_out:
                continue
            position = positions[partition]
            known = self._since.get(partition)
            found[partition] = known if known and known[0] == position else (position, now)
            if now - found[partition][1] > self._limit:
                raise StalledError(
                    f"{partition.topic}, partition {partition.partition}: {lag} records from "
                    f"{position} on, and none was read for {self._limit:g} s"
                )
        self._since = found
