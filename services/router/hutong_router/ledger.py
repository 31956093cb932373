"""Which chunks of a partition were handed out, and up to where all of them are done. Pure."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Partition(NamedTuple):
    """A partition of a topic. Equal to, and hashed like, Faust's and aiokafka's own tuples."""

    topic: str
    partition: int


class TornError(Exception):
    """Records of a partition were fetched but not handed out, and it was read on without a seek."""


@dataclass(slots=True, eq=False)
class Chunk:
    """The records of one partition that came in one fetch; offsets ``first`` to ``last``.

    To acknowledge is to set ``done`` on this very object. After a rebalance the ledger no longer
    holds it, so a late acknowledgement changes nothing, although the same offsets may have been
    handed out again as another chunk.
    """

    partition: Partition
    first: int
    last: int
    records: Sequence[Any]
    done: bool = field(default=False)


class Ledger:
    """The chunks handed out per partition, oldest first."""

    def __init__(self) -> None:
        self._chunks: dict[Partition, deque[Chunk]] = {}
        self._next: dict[Partition, int] = {}
        self._torn: set[Partition] = set()

    def open(self, chunk: Chunk) -> None:
        """Note a chunk before it is handed out. TornError where a hole lies before it."""
        if chunk.partition in self._torn:
            raise TornError(f"{chunk.partition} was read on to {chunk.first} across a hole")
        self._chunks.setdefault(chunk.partition, deque()).append(chunk)

    def tear(self, partition: Partition) -> None:
        """Note that fetched records were dropped: only `forget` makes the partition whole."""
        self._torn.add(partition)

    def forget(self, partitions: Iterable[Partition]) -> None:
        """Drop what is known of revoked partitions."""
        for partition in partitions:
            self._chunks.pop(partition, None)
            self._next.pop(partition, None)
            self._torn.discard(partition)

    def forget_all(self) -> None:
        """Drop everything: reading goes on from the committed offsets."""
        self._chunks.clear()
        self._next.clear()
        self._torn.clear()

    def take_done(self, partition: Partition) -> int | None:
        """The offset to commit: behind the prefix that is done; None where it has not grown."""
        chunks = self._chunks.get(partition)
        found = None
        while chunks and chunks[0].done:
            found = chunks.popleft().last + 1
        if found is not None:
            self._next[partition] = found
        return found

    def position(self, partition: Partition) -> int | None:
        """The offset behind the prefix that was done when last asked; None: nothing was yet."""
        return self._next.get(partition)

    def __iter__(self) -> Iterator[Partition]:
        """The partitions that chunks are out for."""
        return iter([partition for partition, chunks in self._chunks.items() if chunks])
