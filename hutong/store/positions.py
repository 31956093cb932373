"""How far each process has followed the timeline; moved once what it said is confirmed."""

from collections.abc import Mapping

from hutong.store.connection import Connection


def read_positions(connection: Connection, process: str) -> dict[int, int]:
    """Partition -> offset of the next record; a partition never followed is absent."""
    return dict(
        connection.execute(
            "SELECT partition, next_offset FROM process_position WHERE process = %s", [process]
        )
    )


def write_positions(connection: Connection, process: str, positions: Mapping[int, int]) -> None:
    """Move these partitions, in the caller's transaction.

    Only the process of that name calls it, under its lock. One that has lost its lock and comes
    back late may move a partition back: it is followed again, and says again what it said.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO process_position VALUES (%s, %s, %s)"
            " ON CONFLICT (process, partition) DO UPDATE SET next_offset = EXCLUDED.next_offset",
            [(process, partition, offset) for partition, offset in sorted(positions.items())],
        )
