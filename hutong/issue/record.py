"""One record of `issues`, as the fold sees it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hutong.events.codec import Codec
from hutong.events.headers import (
    CE_TYPE,
    ORIGIN,
    PRINCIPAL,
    RECEIVED,
    REDRIVEN,
    RULES,
    SOURCE,
    RawHeaders,
    Source,
    read_headers,
)

ROUTER = "router"
SIMULATOR = "simulator"
#: Kinds of principals of which there is one per code.
_WITH_CODE: Final = frozenset({"dept", "channel"})


@dataclass(frozen=True, slots=True)
class Record:
    """A decoded event with its three times and its places in the log.

    All times are milliseconds UTC. ``occurred_at`` (in the head) is the sender's claim,
    ``received_at`` the append time of the input, ``recorded_at`` the append time in `issues`.
    """

    name: str
    body: Mapping[str, Any]
    received_at: int
    recorded_at: int
    principal: str
    origin: str
    rules: str
    source: Source
    partition: int
    offset: int
    #: Digest of the value as it came, where it was at hand: see `digest`.
    content: str = ""
    #: Place in `redriven` of an input that was a dead letter first; empty for all others.
    redriven: str = ""

    @property
    def event_id(self) -> str:
        """Identity of the event."""
        return self.body["head"]["event_id"]  # type: ignore[no-any-return]

    @property
    def issue_id(self) -> str:
        """The issue that it belongs to."""
        return self.body["head"]["issue_id"]  # type: ignore[no-any-return]

    @property
    def causation_id(self) -> str | None:
        """The event that it answers; None for the first of an issue."""
        return self.body["head"]["causation_id"]  # type: ignore[no-any-return]

    @property
    def occurred_at(self) -> int:
        """The sender's claim."""
        return self.body["head"]["occurred_at"]  # type: ignore[no-any-return]

    @property
    def acts_as(self) -> str:
        """The principal; for what the simulator plays, whom it plays.

        An actor ``dept:water-co:someone`` of a simulated record acts as ``dept:water-co``, one
        ``desk:someone`` as ``desk``. The simulator may only write to topics of its own, and all it
        writes is marked simulated.
        """
        if self.principal != SIMULATOR:
            return self.principal
        role, _, rest = self.body["head"]["actor"].partition(":")
        return f"{role}:{rest.partition(':')[0]}" if role in _WITH_CODE else role

    @property
    def department(self) -> str | None:
        """The department that wrote it; None when it was somebody else."""
        role, _, code = self.acts_as.partition(":")
        return code if role == "dept" else None

    @property
    def counts_at(self) -> int:
        """The time that clocks go by.

        Received, so that our own delay harms nobody; but the router's acts count when they are
        recorded, so that our outage is not hidden. What was imported or simulated brought its own
        time with it, and the router's answer to it counts at that time.
        """
        if self.principal == ROUTER and self.origin == "live":
            return self.recorded_at
        return self.received_at

    @property
    def digest(self) -> str:
        """What tells an honest repeat of a sender's event from another event under its id.

        Empty for the router's own events: what it says again follows from the repeat that it
        answers, and may differ in time and place. Decoding is strict, so equal bodies are equal
        bytes.
        """
        if self.principal == ROUTER:
            return ""
        if self.content:
            return self.content
        text = json.dumps([self.name, self.body], ensure_ascii=False, sort_keys=True)
        return _digest(text.encode())

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a state that keeps a waiting record."""
        mark = {"redriven": self.redriven} if self.redriven else {}
        return mark | {
            "name": self.name,
            "body": dict(self.body),
            "received_at": self.received_at,
            "recorded_at": self.recorded_at,
            "principal": self.principal,
            "origin": self.origin,
            "rules": self.rules,
            "source": str(self.source),
            "partition": self.partition,
            "offset": self.offset,
            "content": self.digest,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Record":
        """The inverse of `to_json`."""
        return cls(**{**value, "source": Source.parse(value["source"])})


def read_record(
    codec: Codec,
    value: bytes | None,
    headers: RawHeaders | None,
    *,
    partition: int,
    offset: int,
    timestamp: int,
) -> Record:
    """Decode a record of `issues`.

    The router has validated everything there, so whatever cannot be read is a fault of ours or of
    the disk: UndecodableError, ValueError and KeyError are to stop the reader.
    """
    decoded = codec.decode(value)
    found = read_headers(headers)
    if found[CE_TYPE] != decoded.schema.name:
        raise ValueError(f"ce_type is {found[CE_TYPE]}, the schema is {decoded.schema.label}")
    return Record(
        name=decoded.schema.name.rpartition(".")[2],
        body=decoded.body,
        received_at=int(found[RECEIVED]),
        recorded_at=timestamp,
        principal=found[PRINCIPAL],
        origin=found[ORIGIN],
        rules=found[RULES],
        source=Source.parse(found[SOURCE]),
        partition=partition,
        offset=offset,
        content=_digest(value or b""),
        redriven=found.get(REDRIVEN, ""),
    )


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()
