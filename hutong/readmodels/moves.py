"""How a sum table follows one issue from row to row."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from hutong.readmodels.base import Change

#: The row that an issue counts in and what it adds there; None when it counts nowhere.
Counts: TypeAlias = tuple[tuple[Any, ...], tuple[int, ...]] | None
#: The same for an issue that counts in several rows.
Tally: TypeAlias = Mapping[tuple[Any, ...], tuple[int, ...]]


def moves(table: str, before: Counts, after: Counts) -> Iterator[Change]:
    """The deltas that take an issue from what it added before to what it adds now."""
    if before != after:
        yield from shifts(
            table,
            {} if before is None else dict([before]),
            {} if after is None else dict([after]),
        )


def shifts(table: str, before: Tally, after: Tally) -> Iterator[Change]:
    """As `moves`, over several rows."""
    for key, old in before.items():
        new = after.get(key)
        if new is None:
            yield Change(table, key, tuple(-count for count in old))
        elif new != old:
            yield Change(table, key, tuple(b - a for a, b in zip(old, new, strict=True)))
    for key, new in after.items():
        if key not in before:
            yield Change(table, key, new)


def added(tally: dict[tuple[Any, ...], tuple[int, ...]], key: tuple[Any, ...], *more: int) -> None:
    """Add to a row of a tally that is being made."""
    old = tally.get(key)
    tally[key] = more if old is None else tuple(a + b for a, b in zip(old, more, strict=True))
