"""Holds the circulars against the log: what each week says, and what a second count comes to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hutong.circular.making import make_edition
from hutong.city import City
from hutong.demo.recount import FIGURES, SIMULATED
from hutong.readmodels.category_weekly import queries as weekly
from hutong.readmodels.periods import Period
from hutong.store import Connection


class Figure(NamedTuple):
    """One figure of one week, as the circular has it and as it was counted from the log."""

    week: str
    name: str
    circular: int
    recounted: int

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.circular == self.recounted


def as_circulars_say(connection: Connection, city: City, at: int) -> dict[str, Mapping[str, int]]:
    """Week -> what that week's circular says of simulated issues, as things stand at ``at``."""
    return {
        week: make_edition(connection, city, Period.parse(week), at).numbers(SIMULATED, "total")
        for week, _ in weekly.weeks(connection)
    }


def compare(
    circulars: Mapping[str, Mapping[str, int]], recounted: Mapping[str, Counter[str]]
) -> list[Figure]:
    """Every figure of every week that either knows."""
    return [
        Figure(
            week, name, circulars.get(week, {}).get(name, 0), recounted.get(week, Counter())[name]
        )
        for week in sorted({*circulars, *recounted})
        for name in FIGURES
    ]


def totals(figures: Iterable[Figure]) -> dict[str, tuple[int, int]]:
    """Figure -> (as the circulars say, as recounted), over all weeks."""
    found: dict[str, tuple[int, int]] = {}
    for figure in figures:
        circular, recounted = found.get(figure.name, (0, 0))
        found[figure.name] = circular + figure.circular, recounted + figure.recounted
    return found


def share(part: int, *rest: int) -> str:
    """How large a part of all it is, in percent; a dash where there is nothing."""
    whole = part + sum(rest)
    return f"{100 * part / whole:.0f} %" if whole else "–"
