"""What goes through the router: one record in, what is to be written for it out."""

from dataclasses import dataclass
from enum import StrEnum

from hutong.events.headers import Source

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class InputRecord:
    """A record as it was fetched. ``timestamp`` is its append time, milliseconds UTC."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def source(self) -> Source:
        """Its place in the log."""
        return Source(self.topic, self.partition, self.offset)


@dataclass(frozen=True, slots=True)
class Outgoing:
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


@dataclass(frozen=True, slots=True)
class Routed:
    """What to write: first ``log``, to `issues`; when the broker has confirmed it, ``orders``."""

    outcome: Outcome
    log: tuple[Outgoing, ...] = ()
    orders: tuple[Outgoing, ...] = ()


class Fault(StrEnum):
    """Why a record may not enter the log. Part of the dead letters: a code is never reused."""

    # What the codec finds (hutong.events.codec).
    NO_VALUE = "no-value"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    BAD_MAGIC = "bad-magic"
    UNKNOWN_SCHEMA = "unknown-schema"
    BAD_BODY = "bad-body"
    NOT_CANONICAL = "not-canonical"
    OUT_OF_LIMITS = "out-of-limits"
    # What the router finds.
    BAD_HEADERS = "bad-headers"
    NO_TYPE = "no-type"
    WRONG_TYPE = "wrong-type"
    NOT_ALLOWED = "not-allowed"
    NO_KEY = "no-key"
    WRONG_KEY = "wrong-key"
    WRONG_ID = "wrong-id"
    WRONG_CHANNEL = "wrong-channel"
    NO_CAUSE = "no-cause"
    BAD_RECEIVED = "bad-received"
    UNKNOWN_DEPARTMENT = "unknown-department"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that cannot be read or is not allowed on its topic. ``detail`` is for a person."""

    reason: Fault
    detail: str
