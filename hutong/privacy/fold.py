"""Text with every way to write a digit, a letter or a gap made one way, place for place. Pure."""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

#: Seen as nothing: what stands between digits only to hide them.
_NOTHING: Final = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_GAPS: Final = (
    "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_AS_ASCII: Final = {"·": ".", "•": ".", "．": ".", "（": "(", "）": ")", "＋": "+", "：": ":"}
#: The Cyrillic letter, the multiplication sign and the Roman ten pass for an X.
_LIKE_X: Final = "ХхⅩⅹ×"
#: What people write for digits to be understood by people alone.
_LIKE_DIGITS: Final = {
    **dict(zip("〇一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("零壹贰叁肆伍陆柒捌玖", "0123456789", strict=True)),
    **dict.fromkeys("OoＯｏ", "0"),
    **dict.fromkeys("幺Il|", "1"),
}
_LAST_CODE_POINT: Final = 0x10FFFF


class Folded:
    """A text to look for numbers in; ``place(i)`` is where its i-th character stands in the text
    that it was made of.
    """

    __slots__ = ("_places", "text")

    def __init__(self, text: str, places: Sequence[int] | None) -> None:
        self.text = text
        self._places = places

    def place(self, index: int) -> int:
        """The place in the original text."""
        return index if self._places is None else self._places[index]


def fold(text: str, *, loose: bool = False) -> Folded:
    """ASCII digits, capitals, spaces, hyphens; invisible characters left out.

    ``loose`` also reads Chinese numerals as digits, and the letters that pass for 0 and 1.
    """
    places = None
    if _NOTHING.search(text):
        places = [i for i, character in enumerate(text) if not _NOTHING.match(character)]
        text = "".join([text[i] for i in places])
    return Folded(text.translate(_loose() if loose else _strict()), places)


@functools.cache
def _strict() -> Mapping[int, str]:
    """What `str.translate` takes: every character becomes exactly one."""
    table = {ord(dash): "-" for dash in _DASHES}
    table |= {ord(gap): " " for gap in _GAPS}
    table |= {ord(one): other for one, other in _AS_ASCII.items()}
    table |= {ord(letter): "X" for letter in _LIKE_X}
    for code in range(ord("a"), ord("z") + 1):
        table[code] = chr(code).upper()
    for code in range(0xFF21, 0xFF3B):  # full-width capitals, then small letters
        table[code] = table[code + 32] = chr(code - 0xFF21 + ord("A"))
    for code in range(0x80, _LAST_CODE_POINT + 1):
        digit = unicodedata.decimal(chr(code), None)
        if digit is not None:
            table[code] = str(digit)
    return table


@functools.cache
def _loose() -> Mapping[int, str]:
    return {**_strict(), **{ord(one): digit for one, digit in _LIKE_DIGITS.items()}}
