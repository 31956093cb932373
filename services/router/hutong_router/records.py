"""What goes through the router: one record in, what is to be written for it out.

Tuples, because each record makes about six.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hutong.events.deadletter import Fault as Fault
from hutong.events.deadletter import Headers as Headers
from hutong.events.headers import Source


@dataclass(frozen=True, slots=True)
class Redriven:
    """That an input came a second time: its place in `redriven`, and when it was sent there."""

    place: str
    time: int


class InputRecord(NamedTuple):
    """A record as it was fetched. ``timestamp`` is its append time, milliseconds UTC.

    Of one that was redriven, all is as it was at first, but for ``redriven``.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    redriven: Redriven | None = None

    @property
    def source(self) -> Source:
        """Its place in the log."""
        return Source(self.topic, self.partition, self.offset)


class Outgoing(NamedTuple):
    """A record to write."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class Outcome(StrEnum):
    """What became of an input record; labels of a metric."""

    DISPATCHED = "dispatched"
    QUEUED = "queued"
    #: Queued because the classifier raised: a fault of ours.
    CLASSIFIER_FAILED = "classifier-failed"
    APPENDED = "appended"
    FORWARDED = "forwarded"


class Routed(NamedTuple):
    """What to write: first ``log``, to `issues`; when the broker has confirmed it, ``orders``."""

    outcome: Outcome
    log: tuple[Outgoing, ...] = ()
    orders: tuple[Outgoing, ...] = ()


class DeadLetter(NamedTuple):
    """A record that cannot be read or is not allowed on its topic. ``detail`` is for a person."""

    reason: Fault
    detail: str
