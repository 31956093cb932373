"""The grid workers: three in each grid, by the code that pages and rankings show."""

from typing import Final

GRID: Final = "grid"
_CREW: Final = 3


def crew(grid: str) -> tuple[str, ...]:
    """The grid workers of a grid."""
    return tuple(f"gw-{grid}-{number}" for number in range(1, _CREW + 1))


def worker(grid: str, turn: int) -> str:
    """One of them; neighbours in turn take neighbouring turns."""
    return crew(grid)[turn % _CREW]
