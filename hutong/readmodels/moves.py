"""How a sum table follows one issue from row to row."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from hutong.readmodels.base import Change

#: The row that an issue counts in and what it adds there; None when it counts nowhere.
Counts: TypeAlias = tuple[tuple[Any, ...], tuple[int, ...]] | None


def moves(table: str, before: Counts, after: Counts) -> Iterator[Change]:
    """The deltas that take an issue from what it added before to what it adds now."""
    if before == after:
        return
    if before is not None and after is not None and before[0] == after[0]:
        deltas = tuple(b - a for a, b in zip(before[1], after[1], strict=True))
        yield Change(table, after[0], deltas)
        return
    if before is not None:
        yield Change(table, before[0], tuple(-count for count in before[1]))
    if after is not None:
        yield Change(table, after[0], after[1])
