"""Whether free text says anything at all."""

import re
import unicodedata

#: Letters by Unicode, but seen as blank: Hangul fillers and the braille blank.
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"
_WORD = re.compile(rf"[^\W_{_BLANK}]")


def has_content(text: str) -> bool:
    """Whether there is a letter, a digit or a picture: not only spaces and punctuation."""
    if _WORD.search(text):
        return True
    return any(
        unicodedata.category(character) == "So" and character not in _BLANK for character in text
    )
