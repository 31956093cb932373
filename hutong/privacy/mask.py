"""Free text as departments and pages may see it: numbers that are somebody's are hidden. Pure.

| what | becomes |
|---|---|
| a phone: mobile, landline, abroad, local behind 电话 | `138******00`: six digits hidden |
| a citizen's identity number (18 or 15 characters) | `[身份证号]` |
| a bank card | `[银行卡号]` |
| a number plate | `京A***45` |

Everything else stays byte for byte. Full-width digits, spaces, dots, hyphens and invisible
characters do not hide a number, nor do Chinese numerals or O for 0 hide a phone. Numbers of orders,
receipts and meters stay.
"""

import functools
import re
from collections.abc import Iterator
from typing import Final

from hutong.privacy.fold import Folded, fold
from hutong.privacy.numbers import Found, Kind, find

_DIGITS: Final = r"\d〇一二三四五六七八九零壹贰叁肆伍陆柒捌玖幺OoＯｏIl|"
_PROVINCE: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
#: Nearly every text has none of this, and is done.
_SUSPECT: Final = re.compile(
    rf"[{_DIGITS}](?:[^\w\n/:,;，、；。]{{0,3}}[{_DIGITS}]){{6}}"
    rf"|[{_PROVINCE}][^\w\n]?[A-Za-zＡ-Ｚａ-ｚ][^\w\n]?[^\W_](?:[^\W_]){{4}}"
)
_SUBSTITUTE: Final = re.compile(r"[〇一二三四五六七八九零壹贰叁肆伍陆柒捌玖幺OoＯｏIl|]")
#: Receipt numbers and ids of ours look like nothing else.
_OURS: Final = re.compile(
    r"(?<![0-9])[0-9]{2}-[0-9]{2}-[0-9]{8,18}-[0-9](?![0-9])"
    r"|(?<![0-9A-Z])[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}(?![0-9A-Z])"
)
_PLATE: Final = re.compile(
    rf"(?<![A-Z0-9])[{_PROVINCE}] ?[A-HJ-NP-Z][ .-]?"
    r"([A-HJ-NP-Z0-9]{4}(?:[A-HJ-NP-Z0-9]{1,2}|[挂学警港澳领试超]))(?![A-Z0-9])"
)
_PLATE_DIGITS: Final = 3
_PLATE_KEPT: Final = 2
_SHORTEST: Final = 7
#: Of a batch's short texts most come again: actors, codes, an issue's subject with each of its
#: events. Longer ones seldom do, and 4,096 of the longest that a report may bring were 160 MB.
_REMEMBERED: Final = 4_096
_LONGEST_REMEMBERED: Final = 128


def mask(text: str) -> str:
    """The text with phones, identity numbers, bank cards and number plates hidden.

    Never longer than the text; masking it again changes nothing.
    """
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _masked(text)


def _masked(text: str) -> str:
    if len(text) < _SHORTEST or _SUSPECT.search(text) is None:
        return text
    while True:
        masked = _once(text)
        if masked == text:
            return text
        text = masked


_remembered: Final = functools.lru_cache(maxsize=_REMEMBERED)(_masked)


def _once(text: str) -> str:
    """What is left of a number may make another one with its neighbours, so once is not enough."""
    strict = fold(text)
    plain = _OURS.sub(lambda match: "#" * len(match[0]), strict.text)
    cuts = [_cut(strict, found) for found in find(plain)]
    cuts += [_plate(strict, match) for match in _PLATE.finditer(plain)]
    if _SUBSTITUTE.search(text):
        loose = fold(text, loose=True)
        plain = _OURS.sub(lambda match: "#" * len(match[0]), loose.text)
        cuts += [_cut(loose, found) for found in find(plain, phones_only=True)]
    if not cuts:
        return text
    return _applied(text, cuts)


#: Places of characters to replace, each with what takes its place.
_Cut = dict[int, str]


def _cut(folded: Folded, found: Found) -> _Cut:
    cut = {folded.place(index): instead for index, instead in found.hidden().items()}
    if found.kind is not Kind.PHONE:  # a word stands for all of it, what cannot be seen too
        cut = dict.fromkeys(range(min(cut), max(cut) + 1), "") | cut
    return cut


def _plate(folded: Folded, match: re.Match[str]) -> _Cut:
    if sum(character.isdigit() for character in match[1]) < _PLATE_DIGITS:
        return {}
    return {folded.place(index): "*" for index in range(match.start(1), match.end(1) - _PLATE_KEPT)}


def _applied(text: str, cuts: list[_Cut]) -> str:
    replaced: _Cut = {}
    for cut in cuts:
        if not cut.keys() & replaced.keys():
            replaced |= cut
    return "".join(_pieces(text, replaced))


def _pieces(text: str, replaced: _Cut) -> Iterator[str]:
    for place, character in enumerate(text):
        yield replaced.get(place, character)
