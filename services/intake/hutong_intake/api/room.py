"""How many bytes of bodies intake holds at once, so that no number of senders fills its memory.

Each body is bounded, but not how many come at the same time; and a body stays in memory, as what
was made of it, until the broker has confirmed.
"""

from collections import Counter
from types import TracebackType
from typing import Final, Self

from hutong_intake.problems import BUSY, ProblemError

ALL_BODIES: Final = 64 * 1024 * 1024
"""Bytes of all bodies: 60,000 usual reports, or 16 of the largest batches."""

BODIES_OF_ONE: Final = ALL_BODIES // 2
"""Bytes of the bodies of one key: whoever sends slowly on many connections leaves others room."""


class BodyRoom:
    """Counts the bytes that are held, in all and by key. Used from one event loop."""

    def __init__(self, size: int = ALL_BODIES, of_one: int = BODIES_OF_ONE) -> None:
        self._left = size
        self._of_one = of_one
        self._held: Counter[str] = Counter()

    def share(self, key_id: str) -> "Share":
        """A share for one request; use it as a context manager."""
        return Share(self, key_id)

    def _take(self, key_id: str, size: int) -> None:
        if size > self._left or self._held[key_id] + size > self._of_one:
            raise ProblemError(
                BUSY,
                "正在接收的上报过多，请稍后再试；未写入任何内容。",
                "Too many reports are coming in at once; try later. Nothing was written.",
                headers={"Retry-After": "1", "Connection": "close"},
            )
        self._left -= size
        self._held[key_id] += size

    def _give_back(self, key_id: str, size: int) -> None:
        self._left += size
        self._held[key_id] -= size
        if not self._held[key_id]:
            del self._held[key_id]


class Share:
    """What one request holds; all of it is given back at the end of its block."""

    __slots__ = ("_key_id", "_room", "_size")

    def __init__(self, room: BodyRoom, key_id: str) -> None:
        self._room = room
        self._key_id = key_id
        self._size = 0

    def add(self, size: int) -> None:
        """Hold so many bytes more; ProblemError 503 when there is no room for them."""
        self._room._take(self._key_id, size)
        self._size += size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._room._give_back(self._key_id, self._size)
