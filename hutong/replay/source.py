"""Where a replay gets the log from: a broker (`log.Replayer`) or an archive (`archive.Archive`)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeAlias

from hutong.issue.record import Record
from hutong.kafka.issues import KeptRecord

#: Whether a record is asked for, by what can be told before it is decoded.
Wanted: TypeAlias = Callable[[KeptRecord], bool]


class RangeMissingError(Exception):
    """The log does not hold all that is asked of it; the message names the offsets."""


class Source(Protocol):
    """`issues`, read up to given offsets as often as asked, going on where it stopped."""

    @property
    def position(self) -> Mapping[int, int]:
        """Partition -> next offset to be read."""

    @property
    def identity(self) -> str:
        """What tells this log from every other, so that nobody goes on in the wrong one."""

    def ends(self) -> dict[int, int]:
        """Partition -> offset after the last record there is now."""

    def ends_at(self, instant: int) -> dict[int, int]:
        """Partition -> offset of the first record that was appended after the instant (milliseconds
        UTC), or its end: what lies before them is the log as it was then.

        A broker whose clock was set back may have appended an earlier time after it; that record
        came later all the same.
        """

    def require(self, ends: Mapping[int, int]) -> None:
        """Raise RangeMissingError unless everything from 0 to these offsets is there."""

    def read_to(
        self, ends: Mapping[int, int], most: int, wanted: Wanted | None = None
    ) -> Iterator[list[Record]]:
        """Batches of at most so many records, up to before these offsets, in order within a
        partition: all, or those that are wanted. To decode one takes most of the time of reading.

        Raises UnreadableError with the place of what cannot be read.
        """

    def seek(self, position: Mapping[int, int]) -> None:
        """Go on from these offsets; a partition that is not named begins at 0."""

    def restart(self) -> None:
        """Begin at 0 again."""

    def close(self) -> None:
        """Free what it holds."""


def missing(topic: str, known: Mapping[int, tuple[int, int]], wanted: Mapping[int, int]) -> str:
    """What lacks between 0 and the wanted ends, in words; '' when nothing does.

    ``known``: partition -> (first offset, offset after the last).
    """
    faults = []
    for partition, end in sorted(wanted.items()):
        start, after = known.get(partition, (0, 0))
        if start > 0:
            faults.append(f"partition {partition}: offsets 0 to {start - 1} are gone")
        if after < end:
            faults.append(f"partition {partition}: ends at {after}, {end} is wanted")
    return f"{topic} is not whole: {'; '.join(faults)}" if faults else ""
