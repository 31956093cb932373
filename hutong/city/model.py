"""What a city pack says, as frozen values. Nothing here reads a file or a clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from hutong.city.geometry import AreaIndex, Rings

AREA_LEVELS: Final = ("city", "district", "street", "community", "grid")
CLOCKS: Final = ("dispatch", "accept", "respond", "resolve")
STATUTORY: Final = "statutory"
"""The clock of a duty item's own term."""
CALENDARS: Final = ("natural", "working")
STREET: Final = "street"
"""Written as a lead or co-owner in the duty list: the street office of the issue's area."""


class Keyword(NamedTuple):
    """A word people write, and how strongly it speaks for its item (1 to 9)."""

    text: str
    weight: int


class ClockLength(NamedTuple):
    """The length of one clock: minutes of natural or of working time."""

    minutes: int
    calendar: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a pack, at the place where a person can mend it (line 1 is the first)."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class CityError(Exception):
    """A pack that cannot be used; `faults` lists everything wrong with it, not only the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Department:
    """A department that owns an inbox topic (`dept-<code>`). `hours` is `office` or `always`."""

    code: str
    zh: str
    en: str
    hours: str


@dataclass(frozen=True, slots=True)
class Category:
    """What an issue is about: a dotted slug of one to three levels.

    `kind` and `maps_to` are inherited from the parent when the row leaves them empty; `maps_to` is
    the first-level class of the older catalogue that a city's history was filed under.
    """

    code: str
    level: int
    parent: str | None
    zh: str
    en: str
    kind: str
    maps_to: str


@dataclass(frozen=True, slots=True)
class DutyItem:
    """One line of the duty list: which words mean it, and who answers for it, how fast.

    `needs`: where not empty, the item counts only if one of these words occurs (place words decide
    between rivals). `not_words` subtract. `urgent_words` raise the tier to `urgent`.
    `lead` and `co_owners` are department codes or `street`, the office of the issue's area.
    `statutory`: the law's own term, which runs beside the promises of the tier.
    """

    code: str
    zh: str
    en: str
    category: str
    lead: str
    co_owners: tuple[str, ...]
    tier: str
    keywords: tuple[Keyword, ...]
    needs: tuple[str, ...]
    not_words: tuple[Keyword, ...]
    urgent_words: tuple[str, ...]
    kind: str | None
    gbt: str | None
    statutory: ClockLength | None
    basis: str


@dataclass(frozen=True, slots=True)
class RoutingException:
    """In `area` and all below it, this duty item (or category) goes to another lead."""

    area: str
    target: str
    lead: str
    co_owners: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Tier:
    """How fast: one length for each of the clocks dispatch, accept, respond, resolve."""

    code: str
    zh: str
    en: str
    clocks: Mapping[str, ClockLength]


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the escalation ladder: after this long on the rung below, its office is told.

    `level` is the area level of the office; `to` is the next rung, None at the top.
    """

    code: str
    zh: str
    en: str
    level: str
    after: ClockLength
    to: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason or result code. Every use needs a text; some need evidence too."""

    group: str
    code: str
    zh: str
    en: str
    evidence_required: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    """A standing rule on whose a matter is, cited by the desk when departments disagree.

    `question_zh`/`question_en` say what decides; `lead` and `co_owners` are what holds where
    nothing speaks against it: department codes or `street`; `lead` is '' where it depends on the
    case alone. `categories`: what it is mostly about.
    """

    code: str
    zh: str
    en: str
    question_zh: str
    question_en: str
    lead: str
    co_owners: tuple[str, ...]
    categories: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Area:
    """A node of the area tree. `polygon` is WGS84 (longitude, latitude), rings under even-odd."""

    code: str
    level: str
    parent: str | None
    zh: str
    en: str
    office: str | None
    polygon: Rings | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the weekly circular."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Intent:
    """What the sender wants; `cues` are words that show it, in `rank` order on equal score."""

    code: str
    zh: str
    en: str
    rank: int
    cues: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A way in; `intent` is assumed when the text shows none."""

    code: str
    zh: str
    en: str
    intent: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time. A year that is not in `years` has not been announced: provisional."""

    weekdays: frozenset[int]
    """ISO weekdays, Monday is 1."""
    hours: tuple[tuple[int, int], ...]
    """Spans of a working day as minutes since local midnight, in order."""
    holidays: frozenset[date]
    workdays: frozenset[date]
    years: frozenset[int]

    @property
    def minutes_per_day(self) -> int:
        """Working minutes in one working day."""
        return sum(end - start for start, end in self.hours)

    def is_working_day(self, day: date) -> bool:
        """True if people work on `day`: make-up workdays win over holidays and weekends."""
        if day in self.workdays:
            return True
        return day.isoweekday() in self.weekdays and day not in self.holidays


@dataclass(frozen=True, slots=True)
class Gate:
    """When the classifier may dispatch alone; see `hutong.classify`."""

    min_score: int
    min_margin: int


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """Reports at most so far apart in time, with words at least so alike, may be the same matter.

    `text` is 0 to 100; `place` is `near` (the same or a neighbouring grid, or not known) or `same`.
    """

    minutes: int
    text: int
    place: str


@dataclass(frozen=True, slots=True)
class Duplicates:
    """When reports may be about the same matter, and whether to merge what is at the same place."""

    auto_merge: bool
    same_place_metres: int
    rules: tuple[DuplicateRule, ...]

    @property
    def window(self) -> int:
        """Minutes after which a report cannot be suspected any more."""
        return max((rule.minutes for rule in self.rules), default=0)


@dataclass(frozen=True, slots=True)
class City:
    """A loaded, checked city pack."""

    hash: str
    name_zh: str
    name_en: str
    timezone: str
    departments: Mapping[str, Department]
    categories: Mapping[str, Category]
    duty_list: tuple[DutyItem, ...]
    tiers: Mapping[str, Tier]
    escalation: Mapping[str, Rung]
    """From the first rung to the last."""
    reasons: Mapping[str, Mapping[str, Reason]]
    """By group (`return`, `extension`, …), then by code: a code is unique in its group only."""
    rulings: Mapping[str, Ruling]
    """Rules D01 and following, by code, in the order of their file."""
    areas: Mapping[str, Area]
    kinds: Mapping[str, Kind]
    intents: Mapping[str, Intent]
    channels: Mapping[str, Channel]
    calendar: Calendar
    exceptions: tuple[RoutingException, ...]
    gate: Gate
    duplicates: Duplicates
    _neighbours: Mapping[str, frozenset[str]] = field(repr=False, compare=False)
    _grids: AreaIndex = field(repr=False, compare=False)
    _outline: AreaIndex = field(repr=False, compare=False)

    def promises(self, tier: str, item: str | None) -> Mapping[str, ClockLength]:
        """Clock -> length of an issue of that tier and duty item: what a dispatch promises.

        The item's statutory term is one of them, beside the tier's own.
        """
        found = dict(self.tiers[tier].clocks)
        term = next((each.statutory for each in self.duty_list if each.code == item), None)
        if term is not None:
            found[STATUTORY] = term
        return found

    def area_path(self, code: str) -> tuple[Area, ...]:
        """The areas from the root down to `code`; empty if the code is unknown."""
        path: list[Area] = []
        area = self.areas.get(code)
        while area is not None:
            path.append(area)
            area = self.areas.get(area.parent) if area.parent else None
        return tuple(reversed(path))

    def ruling_for(self, category: str) -> Ruling | None:
        """The ruling on a category: the one that names it, or the nearest category above it."""
        by_category = {
            code: ruling for ruling in self.rulings.values() for code in ruling.categories
        }
        while category and category not in by_category:
            category = category.rpartition(".")[0]
        return by_category.get(category)

    def street_office(self, area_code: str) -> str | None:
        """The department code of the street office for an area at or below a street."""
        for area in self.area_path(area_code):
            if area.level == "street":
                return area.office
        return None

    def near(self, one: str | None, other: str | None) -> bool:
        """True unless both areas are known and lie apart. It is the same either way round."""
        if one is None or other is None or one == other or other not in self.areas:
            return True
        around = self.near_to(one)
        return around is None or other in around

    def near_to(self, code: str) -> frozenset[str] | None:
        """The areas near one: what lies in it, the grids that touch that, and all that hold those.

        None stands for everywhere: an area above a street says no more than one that is not known.
        """
        if not any(area.level == "street" for area in self.area_path(code)):
            return None
        inside = {code}
        if self.areas[code].level != "grid":
            inside |= {c for c in self.areas if any(a.code == code for a in self.area_path(c))}
        around = inside.union(*(self._neighbours.get(each, ()) for each in inside))
        return frozenset(area.code for each in around for area in self.area_path(each))

    def locate(self, lon: float, lat: float) -> Area | None:
        """The grid that holds the WGS84 point; on a shared edge, the first by code."""
        code = self._grids.find(lon, lat)
        return None if code is None else self.areas[code]

    def inside(self, lon: float, lat: float) -> bool:
        """True if the point lies in the outline of a district (of the grids, where none is)."""
        return self._outline.find(lon, lat) is not None
