"""What a fault run left behind, as plain values: the checker needs no broker and no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Result = Literal["ok", "refused", "unknown"]


class Place(NamedTuple):
    """A record's place."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Sent:
    """One event that a client meant to send, and what became of it in the end.

    ``number`` counts the intents of one journal. *ok*: answered with 202; *refused*: every answer
    said that nothing was written; *unknown*: at least one try had no answer, or a 5xx.
    ``mark`` is a text that is in this event alone; empty where the event has no room for one.
    """

    number: int
    sender: str
    issue_id: str
    event_id: str
    result: Result
    mark: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """A record of an input topic, of `issues` or of a department's topic.

    ``value`` is a digest of its bytes, ``time`` its append time. ``source`` and ``received`` are
    what the router stamped: of `issues` and department topics. ``hop``: its number. ``by_router``:
    the router's own word, as the fold knows it by its principal.
    """

    place: Place
    key: str
    event_id: str
    name: str
    value: str
    time: int
    marks: str = ""
    source: Place | None = None
    received: int = 0
    hop: int = 0
    by_router: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of `issue_timeline`."""

    partition: int
    offset: int
    issue_id: str
    event_id: str
    verdict: str


Tables = Mapping[str, list[str]]
"""Table -> its rows as text, sorted."""


@dataclass(frozen=True, slots=True)
class History:
    """All that is held together. Records in order of their offsets within a partition.

    ``written_by_us``: topics that nobody but the journals' clients writes. ``read_to`` says up to
    which offset of each partition of `issues` the read models are (as they say themselves).
    ``known_bad``: places of records that the run itself spoiled. ``found_personal``: places where
    a byte scan met what the reporters told of themselves. ``redriven``: inputs that
    became dead letters, were sent again and did not come back. ``recovered``: seconds
    that each part of a recovery took, of ``bound`` at most.
    """

    sent: tuple[Sent, ...]
    inputs: tuple[Logged, ...]
    issues: tuple[Logged, ...]
    orders: tuple[Logged, ...]
    dead: tuple[Place, ...]
    timeline: tuple[Row, ...]
    read_to: Mapping[int, int]
    live: Tables = field(default_factory=dict)
    folded: Tables = field(default_factory=dict)
    rebuilt: Tables = field(default_factory=dict)
    written_by_us: frozenset[str] = frozenset()
    known_bad: frozenset[Place] = frozenset()
    found_personal: tuple[str, ...] = ()
    redriven: frozenset[Place] = frozenset()
    recovered: Mapping[str, float] = field(default_factory=dict)
    bound: float = float("inf")
