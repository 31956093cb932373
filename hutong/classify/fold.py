"""Folding: one spelling for what people write in many, so that a keyword is found in all of them.

Folded text is lower case, simplified Chinese, half-width letters and digits, without white space,
control, zero-width and combining characters. Punctuation is left as it is: no keyword has any.
"""

import re
import sys
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

from opencc import OpenCC

_HAN: Final = range(0x3400, 0xFB00)
"""The blocks in which opencc has single traditional characters."""
_BMP: Final = 0xFFFF
"""A pattern class stays a fast bitmap only up to here; what lies above takes the slow path."""


class Folder:
    """Folds text by one table, made once (0.1 s). Text with nothing to fold costs two C passes."""

    def __init__(self) -> None:
        self._table, self._needs_it = _tables()

    @property
    def table(self) -> Mapping[int, str | None]:
        """Code point -> what stands for it, after NFKC; None: it goes. Others stay as they are."""
        return self._table

    def fold(self, text: str) -> str:
        """The folded text; never longer in meaning than the text, shorter or longer in length."""
        text = "".join(text.split()).lower()
        if self._needs_it.search(text) is None:
            return text
        return unicodedata.normalize("NFKC", text).translate(self._table)


@cache
def _tables() -> tuple[dict[int, str | None], re.Pattern[str]]:
    table: dict[int, str | None] = {}
    simplify = OpenCC("t2s").convert
    han = [chr(code) for code in _HAN if unicodedata.category(chr(code)) == "Lo"]
    for before, after in zip(han, simplify("\n".join(han)).split("\n"), strict=True):
        if before != after:
            table[ord(before)] = after
    untouched: list[str] = []
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        category = unicodedata.category(char)
        if category in ("Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"):
            table[code] = None
        elif char.lower() != char:
            table[code] = char.lower()
        elif code <= _BMP and code not in table and _is_plain(char, category):
            untouched.append(char)
    return table, re.compile(f"[^{re.escape(''.join(untouched))}]")


def _is_plain(char: str, category: str) -> bool:
    """True if no keyword could be missed for leaving this character as it is."""
    normal = unicodedata.normalize("NFKC", char)
    if normal == char:
        return True
    return category[0] not in "LN" and not any(part.isalnum() for part in normal)
