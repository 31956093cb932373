"""Where the live projections stand in `issues`, moved only from where we believe it to be."""

from collections.abc import Mapping

from hutong.store.connection import Connection


class FencedError(Exception):
    """Somebody else moved the offset of a partition: this process does not own it any more."""

    def __init__(self, partition: int, expected: int) -> None:
        super().__init__(
            f"partition {partition} of issues does not stand at {expected} any more: "
            "another projector has taken it over"
        )
        self.partition = partition
        self.expected = expected


def read_offsets(connection: Connection) -> dict[int, int]:
    """Partition -> offset of the next record; a partition never read is absent."""
    return dict(connection.execute("SELECT partition, next_offset FROM projection_offset"))


def move_offsets(connection: Connection, moves: Mapping[int, tuple[int, int]]) -> None:
    """Move partition -> (expected, next), in the caller's transaction; FencedError on a miss.

    To be called first in the transaction: it locks the partitions' lines, so that nobody else
    works on them, in ascending order, so that two processes cannot lock each other out.
    """
    for partition, (expected, after) in sorted(moves.items()):
        if expected == 0:
            connection.execute(
                "INSERT INTO projection_offset VALUES (%s, 0) ON CONFLICT DO NOTHING", [partition]
            )
        moved = connection.execute(
            "UPDATE projection_offset SET next_offset = %s"
            " WHERE partition = %s AND next_offset = %s",
            [after, partition, expected],
        )
        if moved.rowcount != 1:
            raise FencedError(partition, expected)
