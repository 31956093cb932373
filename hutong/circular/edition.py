"""An edition: whole numbers that name their place in the log and their pack. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from hutong.circular.words import COLUMNS
from hutong.readmodels.periods import Period

LIVE: Final = "live"
#: Tables in the order in which their corrections matter; the others come after them.
_FIRST: Final = ("total", "kind", "street", "category", "department", "place", "return")

#: Column -> number; what is not there is 0.
Numbers: TypeAlias = Mapping[str, int]
#: Origin -> table -> code of a row -> numbers.
Figures: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Numbers]]]


@dataclass(frozen=True, slots=True)
class Edition:
    """The figures of a period as one place in the log gives them.

    ``at``: the instant by which open clocks count as overdue; ``position``: partition of `issues`
    -> next offset; ``pack``: hash of the city pack that its names come from. The same log,
    position, pack and instant give the same bytes.
    """

    period: Period
    at: int
    position: Mapping[int, int]
    pack: str
    figures: Figures

    def numbers(self, origin: str, table: str, code: str = "") -> Numbers:
        """One row; empty when nothing counts there."""
        return self.figures.get(origin, {}).get(table, {}).get(code, {})

    def to_text(self) -> str:
        """The canonical JSON: sorted, without spaces, zeros left out."""
        return json.dumps(
            {
                "period": self.period.name,
                "at": self.at,
                "position": {str(partition): n for partition, n in self.position.items()},
                "pack": self.pack,
                "figures": self.figures,
            },
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str) -> "Edition":
        """The inverse of `to_text`."""
        found: dict[str, Any] = json.loads(text)
        return cls(
            period=Period.parse(found["period"]),
            at=found["at"],
            position={int(partition): n for partition, n in found["position"].items()},
            pack=found["pack"],
            figures=found["figures"],
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: what an issued edition is held to."""
        return hashlib.sha256(self.to_text().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Correction:
    """One figure that a later edition gives otherwise."""

    origin: str
    table: str
    code: str
    column: str
    before: int
    after: int


def corrections(former: Edition, later: Edition) -> tuple[Correction, ...]:
    """What the later edition of a period says otherwise: what is live first, totals first."""
    old, new = dict(_flat(former.figures)), dict(_flat(later.figures))
    changed = (key for key in old.keys() | new.keys() if old.get(key, 0) != new.get(key, 0))
    return tuple(
        Correction(*key, old.get(key, 0), new.get(key, 0)) for key in sorted(changed, key=_order)
    )


def _order(key: tuple[str, str, str, str]) -> tuple[object, ...]:
    origin, table, code, column = key
    place = _FIRST.index(table) if table in _FIRST else len(_FIRST)
    return origin != LIVE, origin, place, table, code, list(COLUMNS).index(column)


def _flat(figures: Figures) -> Iterator[tuple[tuple[str, str, str, str], int]]:
    for origin, tables in figures.items():
        for table, rows in tables.items():
            for code, numbers in rows.items():
                for column, number in numbers.items():
                    yield (origin, table, code, column), number
