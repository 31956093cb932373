"""How everybody behaves, from texts/behaviour.toml; what they write, from texts/acts.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Final

from hutong.demo.phrases import Phrase, compile_phrase

USUAL: Final = "usual"


@dataclass(frozen=True, slots=True)
class Character:
    """How a department works. Lengths are minutes (the middle), the rest are shares of cases."""

    roster: str
    accept: float
    respond: float
    work: float
    silent: float
    assigns: float
    notes: float
    extends: float
    returns_wrong: float
    returns_right: float
    insists: float
    late_return: float
    unresolvable: float
    weak: float
    courtesy: float
    twice: float
    rival: str
    helps: float
    presumes: float


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Everybody's habits; tables as in the file."""

    characters: Mapping[str, Character]
    departments: Mapping[str, str]
    rosters: Mapping[str, Any]
    tiers: Mapping[str, float]
    desk: Mapping[str, float]
    grid: Mapping[str, float]
    reporter: Mapping[str, Any]
    twins: Mapping[str, float]
    leader: Mapping[str, float]

    def of(self, department: str) -> Character:
        """How that department works."""
        return self.characters[self.departments.get(department, USUAL)]


@cache
def load_behaviour() -> Behaviour:
    """The habits that come with the package. Raises ValueError for a character that is not whole
    or is not there.
    """
    raw = _toml("behaviour")
    usual = raw["character"][USUAL]
    known = {each.name for each in fields(Character)}
    characters = {}
    for name, own in raw["character"].items():
        if unknown := own.keys() - known:
            raise ValueError(f"behaviour.toml: character {name} has {', '.join(sorted(unknown))}")
        characters[name] = Character(**{**usual, **own})
    for department, name in raw["departments"].items():
        if name not in characters:
            raise ValueError(f"behaviour.toml: {department} is {name}, but there is no such one")
    return Behaviour(
        characters=characters,
        departments=raw["departments"],
        rosters=raw["roster"],
        tiers=raw["tier"],
        desk=raw["desk"],
        grid=raw["grid"],
        reporter=raw["reporter"],
        twins=raw["twins"],
        leader=raw["leader"],
    )


#: Act -> code -> texts.
Texts = Mapping[str, Mapping[str, tuple[Phrase, ...]]]


@cache
def load_texts() -> Texts:
    """What is written with each act."""
    return {
        act: {
            code: tuple(compile_phrase(text, {}) for text in texts) for code, texts in codes.items()
        }
        for act, codes in _toml("acts").items()
    }


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files("hutong.demo") / "texts" / f"{name}.toml").read_text("utf-8"))
