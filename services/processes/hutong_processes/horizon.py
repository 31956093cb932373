"""Up to when everything that was received is known to be folded.

An answer that was received in time may still lie unread. So nothing is said to be due before the
router has read all its inputs up to where they ended at an instant, and the projections have then
read `issues` up to where it ended: what was received before that instant is in the states. What we
said ourselves is among the inputs, so it is folded, too, before we look again.

The instant is of our own clock, but what is due the fold judges by the broker's. Where ours is
ahead, all that we say is refused as not due yet, and after a few times we would give it up. So the
first answer of the broker that shows it makes us go by the broker's clock: a clock that was wrong
once is not believed again before a restart, unless it is behind.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, Protocol

from confluent_kafka import Consumer, KafkaException, TopicPartition

from hutong.events.topics import ISSUES
from hutong.kafka import client_config
from hutong.kafka.access import Brokers
from hutong.kafka.ends import Ends, Place

_SECONDS: Final = 10.0


class Logs(Protocol):
    """What is asked of Kafka."""

    def ends(self, topics: Iterable[str]) -> Mapping[Place, int]:
        """Where these topics end: the next offset of each partition. One without topic is left out.

        Raises KafkaException.
        """

    def read(self, places: Collection[Place]) -> Mapping[Place, int]:
        """How far the router has read these, by its group's committed offsets; 0 for nothing.

        Raises KafkaException.
        """

    def close(self) -> None:
        """Leave the broker."""


class KafkaLogs:
    """The same of a broker, through clients that stay open."""

    def __init__(self, kafka: Brokers, group: str) -> None:
        self._ends = Ends(kafka)
        # Only asks: the group is neither joined nor changed.
        self._consumer: Any = Consumer(
            client_config(kafka, group_id=group, enable_auto_commit=False)
        )

    def ends(self, topics: Iterable[str]) -> Mapping[Place, int]:
        """See `Logs`."""
        ends, unknown = self._ends.ask(self._ends.places(topics))
        for error in unknown.values():
            raise error
        return ends

    def read(self, places: Collection[Place]) -> Mapping[Place, int]:
        """See `Logs`."""
        asked = [TopicPartition(*place) for place in places]
        answers = self._consumer.committed(asked, timeout=_SECONDS) if asked else []
        for found in answers:
            if found.error is not None:
                raise KafkaException(found.error)
        return {(found.topic, found.partition): max(0, found.offset) for found in answers}

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()


class Horizon:
    """Asks where the inputs end, then waits until that is read and folded, then asks anew."""

    def __init__(
        self,
        logs: Logs,
        *,
        margin_ms: int,
        every_ms: int,
        clock: Callable[[], int] | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """``every_ms``: asks anew after so long at the earliest. ``steady``: seconds that nobody
        sets; ``clock``: milliseconds UTC, which somebody may.
        """
        self._logs = logs
        self._margin_ms = margin_ms
        self._every_ms = every_ms
        self._clock = clock or (lambda: time.time_ns() // 1_000_000)
        self._steady = steady
        self._asked_at = 0
        self._said = 0
        #: Milliseconds UTC by the broker, and when that was by ``steady``; where ours is ahead.
        self._broker: tuple[int, float] | None = None
        self._inputs: Mapping[Place, int] | None = None
        self._issues: Mapping[Place, int] | None = None

    def look(self, inputs: Iterable[str], folded: Callable[[], Mapping[int, int]]) -> int | None:
        """The instant before which all is folded (milliseconds UTC), once for each time it moves;
        None while that is not known.

        ``inputs``: topics that the router reads; ``folded``: asks how far the projections have read
        `issues`, as partition -> next offset. The margin is for a broker's clock that is behind
        ours: what it receives a moment later could bear an earlier time.
        """
        if self._inputs is None:
            now = self._now()
            if 0 <= now - self._asked_at < self._every_ms:
                return None
            self._asked_at = now
            self._inputs = self._logs.ends(inputs)
            self._issues = None
        if self._issues is None:
            filled = [place for place, end in self._inputs.items() if end > 0]
            read = self._logs.read(filled)
            if any(read[place] < self._inputs[place] for place in filled):
                return None
            self._issues = self._logs.ends([ISSUES])
        offsets = folded()
        if any(offsets.get(partition, 0) < end for (_, partition), end in self._issues.items()):
            return None
        self._inputs = None
        self._said = self._asked_at - self._margin_ms
        return self._said

    def appended(self, at: int) -> bool:
        """The broker has just given this append time to what was said to be due; whether that shows
        that our clock was ahead. From then on `look` goes by the broker's where ours is ahead.
        """
        ahead = at < self._said
        if ahead or self._broker is not None:
            self._broker = at, self._steady()
        return ahead

    def _now(self) -> int:
        ours = self._clock()
        if self._broker is None:
            return ours
        at, then = self._broker
        return min(ours, at + int((self._steady() - then) * 1_000))

    def close(self) -> None:
        """Leave the broker."""
        self._logs.close()
