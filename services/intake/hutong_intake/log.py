"""The port to the log: append one record, get its place once it is safe."""

import asyncio
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to append."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a record went and when: ``timestamp`` is the broker's append time, ms UTC."""

    topic: str
    partition: int
    offset: int
    timestamp: int


class BusyError(Exception):
    """Too much is on its way already. Nothing was sent."""


class NotConfirmedError(Exception):
    """No confirmation came: the record may or may not be in the log."""


@dataclass(frozen=True, slots=True)
class LogState:
    """Whether the log can take reports. ``why`` is for a person and empty when it can;
    ``contradicts``: the topics are not as the catalogue has them, and waiting will not help.
    """

    ready: bool
    why: str = ""
    contradicts: bool = False


class Log(Protocol):
    """What intake needs of Kafka."""

    def append(self, record: Outgoing) -> "asyncio.Future[Appended]":
        """Send a record. The future ends once all in-sync copies have it.

        Raises BusyError at once; the future fails with NotConfirmedError.
        """
        ...

    def copies(self, topic: str, partition: int) -> int:
        """How many in-sync copies the partition had when last looked at; 0 when not known yet."""
        ...

    async def state(self) -> LogState:
        """Ask the log whether it can take reports, waiting a second or two at most."""
        ...

    async def key_at(self, topic: str, partition: int, offset: int) -> str | None:
        """The key of the record at that place, or None when there is none.

        Raises NotConfirmedError when the log cannot be reached.
        """
        ...
