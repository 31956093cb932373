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

_TEXTS: Final = (
    "subjects",
    "facts",
    "patrols",
    "details",
    "asks",
    "consults",
    "praises",
    "readings",
)
_ALWAYS = 99.0
"""Share of questions where an item has nothing else."""


@dataclass(frozen=True, slots=True)
class Item:
    """A duty item as people write about it; `code` is that of the duty list."""

    code: str
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
    items = tuple(
        item
        for name in ITEM_FILES
        for entry in _toml(name)["item"]
        for item in phrased.items(entry)
    )
    by_code = {item.code: item for item in items}
    registers = _toml("registers")
    slips = _toml("slips")
    pair = slips["traditional"]
    return Library(
        items=items,
        bursts=tuple(
            phrased.burst(entry, by_code[entry["item"]]) for entry in _toml("bursts")["burst"]
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

    def items(self, entry: Mapping[str, Any]) -> list[Item]:
        """The duty items of an entry: its own, and each that a text names with `code@`.

        A text without a code belongs to the entry's own item, but what may serve all of them
        (subjects, details and requests) serves those that have none of their own, or no fact.
        """
        own = entry["item"]
        parted = {key: _parted(entry.get(key, ()), own) for key in _TEXTS}
        codes = list(dict.fromkeys([own, *parted["facts"], *parted["consults"]]))
        facts = sum(len(texts) for texts in parted["facts"].values())
        items = []
        for code in codes:
            texts = {key: parted[key].get(code, []) for key in _TEXTS}
            shared = {
                key: [text for text in entry.get(key, ()) if "@" not in text]
                for key in ("subjects", "details", "asks")
            }
            for key in ("details", "asks"):
                texts[key] = list(dict.fromkeys([*texts[key], *shared[key]]))
            texts["subjects"] = texts["subjects"] or shared["subjects"]
            share = len(texts["facts"]) / facts if texts["facts"] else 0.1
            items.append(self._item(entry, code, share, texts))
        return items

    def _item(
        self, entry: Mapping[str, Any], code: str, share: float, texts: Mapping[str, list[str]]
    ) -> Item:
        intents = tuple(entry["intents"])
        asks = 0.0
        if not texts["facts"]:
            asks = _ALWAYS
        elif texts["consults"]:
            asks = 0.65 if intents[0] == "consult" else 0.35 if "consult" in intents else 0.12
        grid = float(entry["grid"]) if texts["facts"] else 0.0
        return Item(
            code=code,
            name=entry["name"],
            category=entry["category"],
            at=entry["at"],
            weight=float(entry["weight"]) * share,
            season=entry["season"],
            hours=entry["hours"],
            affinity=(
                1.0,
                1.0,
                grid,
                2.0 if entry["hours"] == "office" else 0.7,
                0.3 + grid / 2 if grid > 1 else 0.05,
                float(entry.get("sensor", 0)) if texts["readings"] else 0.0,
            ),
            intents=intents,
            consult_share=asks,
            subjects=self.phrases(texts["subjects"]),
            facts=self.phrases(texts["facts"]),
            patrols=self.phrases([*texts["patrols"], *texts["facts"]]),
            details=self.phrases(texts["details"]),
            asks=self.phrases(texts["asks"]),
            consults=self.phrases(texts["consults"]),
            praises=self.phrases(texts["praises"]),
            readings=self.phrases(texts["readings"]),
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
            item=self.items({**own, **entry})[0],
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


def _parted(texts: Sequence[str], own: str) -> dict[str, list[str]]:
    """Texts by the item code before their `@`; those without one under `own`."""
    parted: dict[str, list[str]] = {}
    for text in texts:
        code, found, rest = text.partition("@")
        parted.setdefault(code if found else own, []).append(rest if found else text)
    return parted
