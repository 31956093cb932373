"""What rows stand on besides the log: the city packs, each from when it counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hutong.city import City
from hutong.issue.rules import Rules
from hutong.readmodels.facts import CityFacts

#: Begins the names of these parts; the rest is since when the pack counts.
PACK: Final = "pack:"


@dataclass(frozen=True, slots=True)
class Ground:
    """The rules that the fold judges by, and the facts that rows are made with."""

    rules: Rules
    facts: CityFacts

    @classmethod
    def over(cls, packs: Iterable[tuple[int, City]]) -> "Ground":
        """By these packs, each from an instant (milliseconds UTC) on; the first from 0."""
        packs = tuple(packs)
        return cls(Rules.over(packs), CityFacts.over(packs))

    @classmethod
    def of(cls, city: City) -> "Ground":
        """By one city pack, whatever the time."""
        return cls.over([(0, city)])

    @property
    def first(self) -> dict[str, str]:
        """What names the pack that counts from the beginning, as `require_built` takes it."""
        return dict([self._parts()[0]])

    @property
    def later(self) -> dict[str, str]:
        """The same for those that came after it: one part for each."""
        return dict(self._parts()[1:])

    def _parts(self) -> list[tuple[str, str]]:
        facts = self.facts.digests
        rules = sorted(self.rules.digests.items())
        return [(f"{PACK}{since}", f"{digest}-{facts[since]}") for since, digest in rules]
