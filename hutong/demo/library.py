"""The texts folder, read and compiled."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from hutong.demo.phrases import Phrase, compile_phrase

CHANNELS: Final = ("hotline", "app", "grid", "mailbox", "open311", "sensor")
ITEM_FILES: Final = ("cityscape", "facilities", "housing", "environment", "safety", "people")


@dataclass(frozen=True, slots=True)
class Item:
    """A duty item as people write about it. `name` is its Chinese name in the duty list."""

    number: int
    name: str
    category: str
    at: str
    weight: float
    season: str
    hours: str
    affinity: tuple[float, ...]
    """How much of it each channel brings, in the order of `CHANNELS`."""
    intents: tuple[str, ...]
    consult_share: float
    subjects: tuple[Phrase, ...]
    facts: tuple[Phrase, ...]
    patrols: tuple[Phrase, ...]
    """What a patrol may have seen: facts in its own words, and those of everybody."""
    details: tuple[Phrase, ...]
    asks: tuple[Phrase, ...]
    consults: tuple[Phrase, ...]
    praises: tuple[Phrase, ...]
    readings: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class BurstKind:
    """A matter that many people write about at once."""

    item: Item
    """The texts of the burst, under the duty item it belongs to."""
    event_place: str
    size: tuple[int, int]
    minutes: int
    months: tuple[int, ...]
    hours: tuple[int, int]
    rain: int
    weight: int


@dataclass(frozen=True, slots=True)
class Register:
    """How one channel speaks."""

    me: tuple[str, ...]
    home: tuple[str, ...]
    subjects: tuple[Phrase, ...]
    problems: tuple[Phrase, ...]
    again: tuple[Phrase, ...]
    consults: tuple[Phrase, ...]
    praises: tuple[Phrase, ...]
    vagues: tuple[Phrase, ...]
    solved: tuple[Phrase, ...]
    results: tuple[str, ...]
    extras: tuple[Phrase, ...]
    """What this kind of sender adds, whatever the matter."""


@dataclass(frozen=True, slots=True)
class Library:
    """All texts, in the order of their files."""

    items: tuple[Item, ...]
    bursts: tuple[BurstKind, ...]
    registers: tuple[Register, ...]
    """In the order of `CHANNELS`."""
    words: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    rhythm: Mapping[str, Any]
    typos: tuple[tuple[str, str], ...]
    traditional: Mapping[int, int]


@cache
def load_library() -> Library:
    """The texts that come with the package. Raises ValueError for a pattern that is not sound."""
    words_file = _toml("words")
    words = {name: tuple(values) for name, values in words_file["words"].items()}
    phrased = _Phrased(words)
    items = tuple(phrased.item(entry) for name in ITEM_FILES for entry in _toml(name)["item"])
    by_number = {item.number: item for item in items}
    registers = _toml("registers")
    slips = _toml("slips")
    pair = slips["traditional"]
    return Library(
        items=items,
        bursts=tuple(
            phrased.burst(entry, by_number[entry["no"]]) for entry in _toml("bursts")["burst"]
        ),
        registers=tuple(phrased.register(registers[channel]) for channel in CHANNELS),
        words=words,
        parts={name: tuple(values) for name, values in words_file["parts"].items()},
        rhythm=_toml("rhythm"),
        typos=tuple(slips["typos"].items()),
        traditional=str.maketrans(pair["simplified"], pair["traditional"]),
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files("hutong.demo") / "texts" / f"{name}.toml").read_text("utf-8"))


class _Phrased:
    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._words = words

    def phrases(self, texts: Sequence[str] = ()) -> tuple[Phrase, ...]:
        return tuple(compile_phrase(text, self._words) for text in texts)

    def item(self, entry: Mapping[str, Any]) -> Item:
        intents = tuple(entry["intents"])
        consults = self.phrases(entry.get("consults", ()))
        share = 0.0
        if consults:
            share = 0.65 if intents[0] == "consult" else 0.35 if "consult" in intents else 0.12
        grid = float(entry["grid"])
        return Item(
            number=entry["no"],
            name=entry["name"],
            category=entry["category"],
            at=entry["at"],
            weight=float(entry["weight"]),
            season=entry["season"],
            hours=entry["hours"],
            affinity=(
                1.0,
                1.0,
                grid,
                2.0 if entry["hours"] == "office" else 0.7,
                0.3 + grid / 2 if grid > 1 else 0.05,
                float(entry.get("sensor", 0)),
            ),
            intents=intents,
            consult_share=share,
            subjects=self.phrases(entry["subjects"]),
            facts=self.phrases(entry["facts"]),
            patrols=self.phrases([*entry.get("patrols", ()), *entry["facts"]]),
            details=self.phrases(entry["details"]),
            asks=self.phrases(entry["asks"]),
            consults=consults,
            praises=self.phrases(entry.get("praises", ())),
            readings=self.phrases(entry.get("readings", ())),
        )

    def burst(self, entry: Mapping[str, Any], item: Item) -> BurstKind:
        own = {
            "name": item.name,
            "category": item.category,
            "at": item.at,
            "weight": 0,
            "season": item.season,
            "hours": item.hours,
            "grid": 1,
            "intents": [intent for intent in item.intents if intent != "consult"],
        }
        return BurstKind(
            item=self.item({**own, **entry}),
            event_place=entry.get("place", "road"),
            size=(entry["size"][0], entry["size"][1]),
            minutes=entry["minutes"],
            months=tuple(entry["months"]),
            hours=(entry["hours"][0], entry["hours"][1]),
            rain=entry.get("rain", 0),
            weight=entry["weight"],
        )

    def register(self, entry: Mapping[str, Any]) -> Register:
        return Register(
            me=tuple(entry["me"]),
            home=tuple(entry["home"]),
            subjects=self.phrases(entry["subjects"]),
            problems=self.phrases(entry["problems"]),
            again=self.phrases(entry["again"]),
            consults=self.phrases(entry.get("consults", ())),
            praises=self.phrases(entry.get("praises", ())),
            vagues=self.phrases(entry.get("vagues", ())),
            solved=self.phrases(entry.get("solved", ())),
            results=tuple(entry.get("results", ())),
            extras=self.phrases(entry.get("extras", ("",))),
        )
