"""Which reports may be about the same matter: how near in time, place and words. Pure.

The rules are the city pack's (`[duplicates]` in city.toml); what they reach on reports whose matter
is known: bench/duplicates_quality.py.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any, Final

from rapidfuzz import fuzz

from hutong.city import City, Duplicates
from hutong.events.fields import Suspect

#: Characters of a text that are compared. In letters the matter stands in the first 300, and a
#: paste of a whole file must not take the time of a hundred reports.
LONGEST: Final = 600
#: The most that one report is said to resemble. Each names an older one, so a burst of any size
#: hangs together; a person looks at a handful.
MOST: Final = 5
#: Metres of one degree of latitude; of longitude this times the cosine of the latitude.
_DEGREE: Final = 111_195
_MINUTE: Final = 60_000
#: Of a character: there are 0x110000.
_BITS: Final = 21
#: Telephone and identity numbers, masked ones too: they tell who writes, not what about.
_NUMBER: Final = re.compile(r"[\d*][\d*\s-]{5,}[\dXx*]")
_NO_WORD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Matter:
    """What is compared of an issue. ``item`` is the duty item, or the router's best guess."""

    issue_id: str
    reported_at: int
    item: str
    area: str | None
    lon: float | None
    lat: float | None
    address: str | None
    subject: str
    text: str

    @property
    def age(self) -> tuple[int, str]:
        """Sorts as the rules of merging do: the first is the master."""
        return self.reported_at, self.issue_id

    @property
    def pairs(self) -> tuple[int, ...]:
        """The pairs of characters of subject and text, each once, in order; numbers stand for them.

        A number is compared faster than two characters.
        """
        return _pairs(self.subject, self.text)

    @cached_property
    def door(self) -> str:
        """The address as it is compared."""
        return _folded(self.address or "")


@lru_cache(maxsize=2048)  # about 15 MB: in a burst the same texts are compared again and again
def _pairs(subject: str, text: str) -> tuple[int, ...]:
    words = _folded(f"{subject} {text}"[: 2 * LONGEST])[:LONGEST]
    codes = [ord(word) for word in words]
    return tuple(sorted({one << _BITS | two for one, two in pairwise(codes)}))


def _folded(text: str) -> str:
    """Letters, digits and characters alone, in one spelling, without numbers that name people."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_WORD.sub("", _NUMBER.sub(" ", plain))


def metres(one: Matter, other: Matter) -> int:
    """Between their points; -1 where one has none. Exact enough for a city: 0.1 %."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return -1
    east = (one.lon - other.lon) * cos(radians(one.lat))
    return round(hypot(east, one.lat - other.lat) * _DEGREE)


def text_score(one: Matter, other: Matter) -> int:
    """0 to 100: the share of pairs of characters that both have, wherever they stand.

    Chinese has no spaces to cut words at, and pairs need none: two people who say the same in
    another order still share most of them. (Of sorted sequences, the longest common subsequence
    is what they have in common; rapidfuzz finds it in microseconds.)
    """
    return round(fuzz.ratio(one.pairs, other.pairs)) if one.pairs and other.pairs else 0


def suspects(issue: Matter, others: Iterable[Matter], city: City) -> list[Suspect]:
    """Which of the others may be the same matter, best first, at most `MOST`.

    Best is whose words exceed by most what its rule asks; of equals, the oldest.
    """
    near = cache(partial(city.near, issue.area))  # of few areas, many times
    found = [
        (margin, other.age, suspect)
        for other in others
        if (judged := _judge(issue, other, near, city.duplicates)) is not None
        for margin, suspect in [judged]
    ]
    found.sort(key=lambda each: (-each[0], each[1]))
    return [Suspect(**suspect) for _, _, suspect in found[:MOST]]


def _judge(
    issue: Matter, other: Matter, near: Callable[[str | None], bool], rules: Duplicates
) -> tuple[int, dict[str, Any]] | None:
    """By how much the words exceed the rule that asks least; None when no rule holds."""
    if issue.issue_id == other.issue_id or issue.item != other.item:
        return None
    apart = abs(issue.reported_at - other.reported_at) // _MINUTE
    between = metres(issue, other)
    asked = [
        rule.text
        for rule in rules.rules
        if apart <= rule.minutes
        and (near(other.area) if rule.place == "near" else _same(issue, other, between, rules))
    ]
    if not asked:
        return None
    score = text_score(issue, other)
    if score < min(asked):
        return None
    suspect = {"issue_id": other.issue_id, "metres": between, "minutes": apart, "text_score": score}
    return score - min(asked), suspect


def is_same_place(issue: Matter, other: Matter, city: City) -> bool:
    """The same address in words, or points so close."""
    return _same(issue, other, metres(issue, other), city.duplicates)


def _same(issue: Matter, other: Matter, between: int, rules: Duplicates) -> bool:
    same_words = bool(issue.door) and issue.door == other.door
    return same_words or 0 <= between <= rules.same_place_metres
