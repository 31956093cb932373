"""The topic catalogue: topics.toml filled in with a city's departments."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

ISSUES = "issues"
DEAD_LETTERS = "dead-letters"
REDRIVEN = "redriven"
DESK = "desk"
CITY = "city"
CLOCK = "clock"
ORDERS = "orders"


def reports_topic(channel: str) -> str:
    """The topic of a channel."""
    return f"reports-{channel}"


def handling_topic(department: str) -> str:
    """The topic that a department writes its acts to."""
    return f"handling-{department}"


def department_topic(department: str) -> str:
    """The topic that a department reads its orders from."""
    return f"dept-{department}"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: who writes and reads it and what may be on it. Fields as in topics.toml."""

    name: str
    key: str
    partitions: int
    writer: str
    readers: tuple[str, ...]
    received: str
    origin: str
    events: frozenset[str]

    @property
    def is_routed(self) -> bool:
        """Whether the router reads it."""
        return "router" in self.readers

    @property
    def config(self) -> Mapping[str, str]:
        """Kafka topic settings; the same for all."""
        return {
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "cleanup.policy": "delete",
        }


class TopicCatalogue:
    """All topics of one city."""

    def __init__(self, topics: Iterable[Topic], channels: Mapping[str, int]) -> None:
        self._topics = {topic.name: topic for topic in topics}
        #: Channel code -> number in receipts.
        self.channels = channels

    def __getitem__(self, name: str) -> Topic:
        return self._topics[name]

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._topics.values())

    def __len__(self) -> int:
        return len(self._topics)

    def get(self, name: str) -> Topic | None:
        """The topic with that name, or None."""
        return self._topics.get(name)

    @property
    def routed(self) -> tuple[Topic, ...]:
        """The router's inputs that end in `issues` or `dept-*` (all that it reads but `city`)."""
        return tuple(t for t in self if t.is_routed and t.name != CITY)

    def channel_of(self, number: int) -> str | None:
        """The channel with that number in receipts, or None."""
        return next((code for code, n in self.channels.items() if n == number), None)


def load_topics(departments: Iterable[str]) -> TopicCatalogue:
    """The catalogue for a city with these department codes."""
    text = (files("hutong_schemas") / "topics.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    departments = tuple(departments)
    topics = (
        topic
        for pattern, entry in raw["topics"].items()
        for topic in _expand(pattern, entry, departments)
    )
    return TopicCatalogue(topics, {code: c["number"] for code, c in raw["channels"].items()})


def _expand(pattern: str, entry: Mapping[str, Any], departments: Iterable[str]) -> Iterator[Topic]:
    if "{channel}" in pattern:
        fills = [{"channel": channel} for channel in entry["channels"]]
    elif "{department}" in pattern:
        fills = [{"department": department} for department in departments]
    else:
        fills = [{}]
    for fill in fills:
        yield Topic(
            name=pattern.format(**fill),
            key=entry["key"],
            partitions=entry["partitions"],
            writer=entry["writer"].format(**fill),
            readers=tuple(reader.format(**fill) for reader in entry["readers"]),
            received=entry["received"],
            origin=entry["origin"],
            events=frozenset(entry["events"]),
        )
