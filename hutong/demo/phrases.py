"""Text patterns: `{a|b}` is one of these, `{road}` a word that the report's context supplies.

Patterns are compiled once into a format string and its choices, since a demo writes millions.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

Random = Callable[[], float]
"""Gives a float in [0, 1). Only this method of random.Random is the same in every version."""

Phrase = tuple[str, tuple[int | tuple[str, ...], ...]]
"""A format string and what fills it: the index of a context word, or alternatives."""

SPOT_WORDS: Final = (
    "at",
    "where",
    "short",
    "estate",
    "building",
    "unit",
    "road",
    "shop",
    "shop2",
    "firm",
    "site",
    "factory",
    "project",
    "bus",
    "school",
    "clinic",
    "river",
    "village",
    "office",
    "community",
    "street",
    "grid",
)
"""Words that a place supplies, in the order of `Spot.words`."""

REPORT_WORDS: Final = (
    "since",
    "me",
    "home",
    "event",
    "subject",
    "fact",
    "fact2",
    "detail",
    "detail2",
    "extra",
    "extra2",
    "ask",
)
"""Words that a report adds after those of its place."""

SLOTS: Final[Mapping[str, int]] = {
    **{name: index for index, name in enumerate(SPOT_WORDS + REPORT_WORDS)},
    # What a report has to say goes where a fact would: it has one or the other.
    "consult": len(SPOT_WORDS) + REPORT_WORDS.index("fact"),
    "praise": len(SPOT_WORDS) + REPORT_WORDS.index("fact"),
    "reading": len(SPOT_WORDS) + REPORT_WORDS.index("fact"),
}

_SLOT = re.compile(r"\{([^{}]*)\}")


def compile_phrase(text: str, words: Mapping[str, tuple[str, ...]]) -> Phrase:
    """The pattern `text`; `words` are lists of alternatives with a name.

    Raises ValueError for a name that is neither in `words` nor in `SLOTS`, or a stray brace.
    """
    fills: list[int | tuple[str, ...]] = []
    pieces: list[str] = []
    end = 0
    for match in _SLOT.finditer(text):
        pieces.append(text[end : match.start()].replace("%", "%%"))
        end = match.end()
        inner = match[1]
        if "|" in inner:
            fills.append(tuple(inner.split("|")))
        elif inner in words:
            fills.append(words[inner])
        elif inner in SLOTS:
            fills.append(SLOTS[inner])
        else:
            raise ValueError(f"no such word {{{inner}}} in: {text}")
    pieces.append(text[end:].replace("%", "%%"))
    if any(brace in piece for piece in pieces for brace in "{}"):
        raise ValueError(f"stray brace in: {text}")
    if not fills:
        return text, ()
    return "%s".join(pieces), tuple(fills)


def render(phrase: Phrase, context: Sequence[str], rnd: Random) -> str:
    """The pattern filled in: context words as they are, alternatives by chance."""
    pattern, fills = phrase
    if not fills:
        return pattern
    return pattern % tuple(
        [
            context[fill] if fill.__class__ is int else fill[int(rnd() * len(fill))]  # type: ignore[index,arg-type]
            for fill in fills
        ]
    )


def pick(choices: Sequence[Phrase], context: Sequence[str], rnd: Random) -> str:
    """One of the patterns by chance, filled in."""
    return render(choices[int(rnd() * len(choices))], context, rnd)
