"""Texts that strangers wrote, made safe to look at: escaped, and with nothing hidden in them.

Control, bidirectional, zero-width and other invisible characters are shown by their code point
(`U+202E`) instead of acting on the page: a reader sees what was written, all of it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape

_KEPT: Final = "\n\t"
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
#: Letters and signs by category that take no ink at all.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
#: Space of other widths than the plain and the ideographic one.
_ODD_SPACES: Final = frozenset("\u00a0\u1680\u180e\u202f\u205f") | {
    chr(c) for c in range(0x2000, 0x200B)
}
#: Joiners and selectors are part of an emoji when they stand inside one.
_EMOJI_GLUE: Final = "\u200d\ufe0f\ufe0e"
_MOST_MARKS: Final = 4
"""Combining marks in a row that are drawn; more would climb over the lines above."""


def is_hidden(char: str) -> bool:
    """True if the character acts on a text, or stands in it, without being seen."""
    if char in _KEPT:
        return False
    if char in _BLANK or char in _ODD_SPACES or "\ufe00" <= char <= "\ufe0f":
        return True
    return unicodedata.category(char) in _HIDDEN_CATEGORIES


def plain(text: str) -> str:
    """The text on one line with hidden characters spelt out; for titles and attributes."""
    return " ".join(
        "".join(f"[{_code(c)}]" if hidden else c for c, hidden in _judged(text)).split()
    )


def visible(text: str) -> Markup:
    """The text as markup: escaped, hidden characters as little marks, kept apart from its
    neighbours so that right-to-left writing cannot reorder them."""
    return Markup("<bdi>{}</bdi>").format(_markup(text))


def highlight(text: str, keywords: Iterable[str]) -> Markup:
    """As `visible`, with each keyword marked where it stands.

    Case, width and white space do not matter, as they do not to the classifier; a keyword that
    was found in traditional writing alone is not marked, only listed beside the text.
    """
    folded, places = _fold(text)
    wanted = {_fold(keyword)[0] for keyword in keywords} - {""}
    marked = bytearray(len(text))
    for keyword in wanted:
        start = folded.find(keyword)
        while start >= 0:
            end = start + len(keyword)
            span = range(places[start], places[end - 1] + 1)
            marked[span.start : span.stop] = b"\x01" * len(span)
            start = folded.find(keyword, end)
    pieces = []
    for on, group in groupby(range(len(text)), key=marked.__getitem__):
        positions = list(group)
        piece = _markup(text[positions[0] : positions[-1] + 1])
        pieces.append(Markup("<mark>{}</mark>").format(piece) if on else piece)
    return Markup("<bdi>{}</bdi>").format(Markup("").join(pieces))


def _fold(text: str) -> tuple[str, list[int]]:
    """The text as keywords are compared, and for each of its characters the place it came from."""
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Mn", "Me"):
            continue
        for part in unicodedata.normalize("NFKC", char).lower():
            folded.append(part)
            places.append(place)
    return "".join(folded), places


def _markup(text: str) -> Markup:
    pieces: list[str] = []
    for hidden, group in groupby(_judged(text), key=lambda pair: pair[1]):
        chars = [char for char, _ in group]
        if hidden:
            pieces.extend(_mark(char) for char in chars)
        else:
            pieces.append(str(escape("".join(chars))))
    return Markup("".join(pieces))


def _judged(text: str) -> Iterator[tuple[str, bool]]:
    """Each character, and whether it must be spelt out here."""
    marks = 0
    for place, char in enumerate(text):
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            yield char, marks > _MOST_MARKS or (is_hidden(char) and not _in_emoji(text, place))
        else:
            marks = 0
            yield char, is_hidden(char) and not _in_emoji(text, place)


def _in_emoji(text: str, place: int) -> bool:
    if text[place] not in _EMOJI_GLUE or place == 0:
        return False
    before = text[place - 1]
    return (
        before == "\ufe0f"
        or unicodedata.category(before) in ("So", "Sk")
        or before in "#*0123456789"
    )


def _mark(char: str) -> str:
    name = unicodedata.name(char, "")
    label = f"{_code(char)} {name}".strip()
    return f'<span class="hidden-char" title="{escape(label)}">{_code(char)}</span>'


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"
