"""The log folded into the copy: rows and offsets in one transaction a batch."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hutong.readmodels import Ground
from hutong.readmodels.projection import Projection
from hutong.replay.source import Source
from hutong.store import Connection, move_offsets, read_offsets

#: Records in one transaction: long enough for COPY to pay, about 100 MB of states and rows.
BATCH: Final = 10_000


def fold_to(
    staging: Connection,
    projection: Projection,
    source: Source,
    ground: Callable[[], Ground],
    ends: Mapping[int, int],
) -> Iterator[int]:
    """Fold on from where the source stands, which is where the copy does, up to these ends.

    Yields after each batch that is committed how many records it had. Raises FencedError when
    somebody else writes to the copy, and as the source.
    """
    at = read_offsets(staging)
    staging.commit()
    for batch in source.read_to(ends, BATCH):
        projection.stand_on(ground())
        after = dict(at)
        for record in batch:
            after[record.partition] = record.offset + 1
        _move(staging, at, after)
        projection.apply(batch)
        staging.commit()
        at = after
        yield len(batch)
    _move(staging, at, at | dict(ends))  # also past offsets that hold no record
    staging.commit()


def _move(staging: Connection, before: Mapping[int, int], after: Mapping[int, int]) -> None:
    moves = {p: (before.get(p, 0), end) for p, end in after.items() if end > before.get(p, 0)}
    move_offsets(staging, moves)
