"""What a record of `redriven` is made of: for the tool that writes them, and the router.

It is an input that once became a dead letter, as it came, behind headers that say where and when
it was received. So the router can treat it as though it had just read it there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hutong.events.deadletter import Headers
from hutong.events.headers import Source

#: Our headers, in this order before those that the record came with.
NAMES: Final = ("rd_topic", "rd_partition", "rd_offset", "rd_time", "rd_after")


@dataclass(frozen=True, slots=True)
class Redrive:
    """Which input is sent again. ``time`` is its append time in its own topic, milliseconds UTC.

    ``after`` is empty, or the place in `redriven` from which it came back as a dead letter. Source
    and ``after`` are what tells one redrive from another: each is made once.
    """

    source: Source
    time: int
    after: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """Equal for the same input on the same try."""
        return str(self.source), self.after

    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """The headers that go before the record's own."""
        source = self.source
        texts = source.topic, str(source.partition), str(source.offset), str(self.time), self.after
        return tuple((name, text.encode()) for name, text in zip(NAMES, texts, strict=True))

    @classmethod
    def read(cls, headers: Sequence[tuple[str, bytes | None]]) -> tuple["Redrive", Headers]:
        """The inverse of `headers`, and the record's own; ValueError when they are none of ours."""
        ours, theirs = headers[: len(NAMES)], tuple(headers[len(NAMES) :])
        if tuple(name for name, _ in ours) != NAMES:
            raise ValueError(f"its headers do not begin with {', '.join(NAMES)}")
        topic, partition, offset, time, after = [(value or b"").decode() for _, value in ours]
        source = Source(topic, int(partition), int(offset))
        if min(source.partition, source.offset, int(time)) < 0:
            raise ValueError("its place or time is negative")
        return cls(source, int(time), after), theirs
