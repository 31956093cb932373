"""What the rules look at: plain values that a collector read somewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic as the broker has it. ``copies`` and ``in_sync`` are the least of its partitions."""

    partitions: int
    copies: int
    in_sync: int
    leaderless: int
    config: Mapping[str, str] = field(default_factory=dict)
    """Effective values; empty when the broker does not show them to us."""


@dataclass(frozen=True, slots=True)
class KafkaFacts:
    """A cluster. ``brokers``: id -> its settings, empty where it does not show them."""

    brokers: Mapping[int, Mapping[str, str]]
    topics: Mapping[str, TopicFacts]


@dataclass(frozen=True, slots=True)
class PostgresFacts:
    """A PostgreSQL server and the role that we are there."""

    version: int
    """As the server numbers itself: 180001 is 18.1."""
    settings: Mapping[str, str]
    role: str
    superuser: bool
    encrypted: bool
    loopback: bool
    database_bytes: int
    clock: int
    """The server's, milliseconds UTC."""
    data_directory: str = ""
    """Where the server keeps its data, if it tells us."""
    problem: str = ""
    """Why this program cannot use the database (not migrated, made by other rules), or empty."""
