"""Which digits are somebody's: phones, identity numbers, bank cards. Pure, over folded text.

A number is read as *groups* of digits with what stands between them. Whether three groups are one
phone or three amounts is a matter of their lengths, of what joins them and of the words before.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Final

_RUN: Final = re.compile(r"[0-9](?:[ .()-]{0,3}[0-9])*(?:[ -]?X(?![A-Z0-9]))?")
_GROUP: Final = re.compile(r"[0-9]+X?|X")
_MOBILE: Final = re.compile(r"(?:0|(?:00)?86)?(1[3-9][0-9]{9})")
_AREA: Final = r"0(?:10|2[0-57-9]|[3-9][0-9]{2})"
_LANDLINE: Final = re.compile(rf"({_AREA})([2-8][0-9]{{6,7}})")
_ABROAD_HOME: Final = re.compile(r"(?:00)?86(10|2[0-57-9]|[3-9][0-9]{2})([2-8][0-9]{6,7})")
_PROVINCES: Final = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_DAY: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_IDENTITY: Final = re.compile(
    rf"{_PROVINCES}[0-9]{{4}}(?:18|19|20)[0-9]{{2}}{_DAY}[0-9]{{3}}[0-9X]"
)
_OLD_IDENTITY: Final = re.compile(rf"{_PROVINCES}[0-9]{{4}}[0-9]{{2}}{_DAY}[0-9]{{3}}")
#: First digits of cards in use: UnionPay, Visa, MasterCard, JCB, and older ones of Chinese banks.
_CARD: Final = re.compile(r"(?:62|60|4|5[1-5]|35|9[15]5)[0-9]+")
_CARD_LENGTHS: Final = range(16, 20)
#: A day, or from one year to another.
_DATE: Final = re.compile(rf"(?:19|20)[0-9]{{2}}(?:{_DAY}|(?:19|20)[0-9]{{2}})")

#: A bare local number is a phone only behind such a word, or behind a phone that is hidden by now.
_PHONE_WORD: Final = re.compile(
    r"(?:电话|座机|固话|致电|来电|回电|拨打|联系方式|联系|号码|TEL|PHONE|CALL)[^0-9A-Z\n]{0,4}$"
    r"|\*{3}[0-9]{2}(?:或者?|[、，,/;；和及 ]){1,2}$"
)
#: Behind these, digits name a thing: an order, a meter, a case.
_THING: Final = re.compile(
    r"(?:(?:[单户表编案票井杆理据列批文产记照]|流水|合同|设备|回执|权证|可证|快件)号码?|订单|工单|编码|条码|NO|SN)"
    r"[ .:#是为-]{0,3}$"
)
_CARD_WORD: Final = re.compile(r"(?:卡号|银行卡|账号|帐号|账户|帐户)[^0-9\n]{0,6}$")
_IDENTITY_WORD: Final = re.compile(r"(?:身份证|证件)[^0-9\n]{0,6}$")
#: Letters that lead to a phone; other letters make digits part of a code.
_LETTERS: Final = re.compile(r"[A-Z]+$")
_LEADS: Final = frozenset(
    {"TEL", "T", "PHONE", "MOB", "MOBILE", "CALL", "WX", "VX", "V", "WECHAT", "WEIXIN", "DH", "SJ"}
)
_MEASURE: Final = re.compile(r" ?(?:元|万|亿|米|毫米|厘米|公里|平方|立方|吨|度|千瓦|KWH|斤)")
_BACK: Final = 16

#: As mobile numbers are written; others only where they stand alone.
_USUAL: Final = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4)})
_LOCAL: Final = frozenset({(7,), (8,), (3, 4), (4, 3), (4, 4)})
_ONE_BY_ONE: Final = (1,) * 11

#: Fewest characters of each kind; most runs of digits are shorter, and are done at once.
_SHORTEST_LOCAL: Final = 7
_SHORTEST_LANDLINE: Final = 10
_SHORTEST_IDENTITY: Final = 15

#: Of a phone, digits hidden, and digits kept behind these.
_HIDDEN: Final = 6
_KEPT: Final = 2


class Kind(StrEnum):
    """Whose number it is."""

    PHONE = "phone"
    IDENTITY = "identity"
    CARD = "card"


_WORDS: Final = {Kind.IDENTITY: "[身份证号]", Kind.CARD: "[银行卡号]"}


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody's number: its kind, where its characters stand, and how many of them lead it (a
    country or area code, which is no secret).
    """

    kind: Kind
    places: tuple[int, ...]
    lead: int = 0

    def hidden(self) -> dict[int, str]:
        """Places of characters to replace, each with what takes its place."""
        word = _WORDS.get(self.kind)
        if word is not None:
            gone = dict.fromkeys(range(self.places[0], self.places[-1] + 1), "")
            return {**gone, self.places[0]: word}
        local = self.places[self.lead :]
        return dict.fromkeys(local[max(0, len(local) - _KEPT - _HIDDEN) : -_KEPT], "*")


@dataclass(frozen=True, slots=True)
class _Group:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def find(text: str, *, phones_only: bool = False) -> Iterator[Found]:
    """The numbers in a folded text, from left to right, none over another.

    What stands before a number is read as it will be shown: a list of numbers, of which each is
    known by the hidden one before it, is found at once and not one by one.
    """
    before, at = "", 0
    for run in _RUN.finditer(text):
        before = (before + text[max(at, run.start() - _BACK) : run.start()])[-_BACK:]
        groups = [
            _Group(run.start() + match.start(), match[0]) for match in _GROUP.finditer(run[0])
        ]
        shown = list(run[0])
        for found in _in_run(_Run(text, groups, before), phones_only=phones_only):
            for place, instead in found.hidden().items():
                shown[place - run.start()] = instead
            yield found
        before, at = (before + "".join(shown))[-_BACK:], run.end()


def _in_run(run: "_Run", *, phones_only: bool) -> Iterator[Found]:
    first = 0
    while first < len(run.groups) and run.left[first] >= _SHORTEST_LOCAL:
        found = None
        if run.free(first):
            if not phones_only and run.left[first] >= _SHORTEST_IDENTITY:
                found = run.identity(first) or run.card(first)
            found = found or run.phone(first)
        if found is None:
            first += 1
            continue
        yield found
        while first < len(run.groups) and run.groups[first].start <= found.places[-1]:
            first += 1


class _Run:
    """Groups of digits that stand together; ``left[n]``: how many digits there are from group n on.

    What it may be is asked only of a group that is `free`.
    """

    def __init__(self, text: str, groups: Sequence[_Group], before: str) -> None:
        """``before``: the last characters before them, as they will be shown."""
        self.text = text
        self.groups = groups
        self.left = list(accumulate(len(each.text) for each in reversed(groups)))[::-1]
        self._before = before

    # -- what it may be ------------------------------------------------------------------------

    def identity(self, first: int) -> Found | None:
        """A citizen's number of 18 characters, or an old one of 15."""
        for last, digits in self._joined(first, 18):
            if not self._ends(last):
                continue
            named = _IDENTITY_WORD.search(self._before) is not None
            if _IDENTITY.fullmatch(digits):
                known = named or _identity_fits(digits)
            else:
                known = _OLD_IDENTITY.fullmatch(digits) is not None and (
                    named or (self._alone(first, last) and not _THING.search(self._before))
                )
            if known:
                return self._found(Kind.IDENTITY, first, last)
        return None

    def card(self, first: int) -> Found | None:
        """A bank card: by its first digits and Luhn's check digit, or by the word before it."""
        if "X" in self.groups[-1].text:
            return None
        named = _CARD_WORD.search(self._before) is not None
        if not named and _THING.search(self._before):
            return None
        for last, digits in reversed(list(self._joined(first, _CARD_LENGTHS[-1]))):
            lengths = tuple(len(each.text) for each in self.groups[first : last + 1])
            if len(digits) not in _CARD_LENGTHS or not self._ends(last):
                continue
            if len(lengths) > 1 and (
                any(n < 3 for n in lengths[:-1]) or self._gaps(first, last) is None
            ):
                continue
            if named or (_CARD.match(digits) and _luhn_fits(digits) and self._alone(first, last)):
                return self._found(Kind.CARD, first, last)
        return None

    def phone(self, first: int) -> Found | None:
        """A mobile number, a landline with its area code, a number abroad, a local one."""
        found = self._abroad(first)
        if found is None and self.left[first] >= _SHORTEST_LANDLINE:
            found = self._mobile(first) or self._landline(first)
        return found or self._local(first)

    def _mobile(self, first: int) -> Found | None:
        if _THING.search(self._before) or self._decimal(first):
            return None
        for last, digits in self._joined(first, 15):
            match = _MOBILE.fullmatch(digits)
            if match is None or not self._ends(last) or self._measured(last):
                continue
            lead = match.start(1)
            lengths = [len(each.text) for each in self.groups[first : last + 1]]
            if lengths[0] < lead:
                continue  # the code is a group of its own, the number begins behind it
            shape = tuple(n for n in (lengths[0] - lead, *lengths[1:]) if n)
            gaps = self._gaps(first, last)
            if gaps is None or (gaps == "." and len(shape) == 2):
                continue
            if shape in _USUAL or (
                self._alone(first, last)
                and (shape == _ONE_BY_ONE or (gaps != "." and shape[0] > 2 and min(shape) > 1))
            ):
                return self._found(Kind.PHONE, first, last, lead + 3)
        return None

    def _landline(self, first: int) -> Found | None:
        if _THING.search(self._before) or self._tied(first):
            return None
        after_country = first > 0 and self.groups[first - 1].text in {"86", "0086"}
        for last, digits in self._joined(first, 16):
            if not self._ends(last):
                continue
            match = _LANDLINE.fullmatch(digits) or _ABROAD_HOME.fullmatch(digits)
            if match is None and after_country:
                digits = "86" + digits
                match = _ABROAD_HOME.fullmatch(digits)
            if match is None or not _area_fits(match[1], match[2]):
                continue
            lengths = tuple(len(each.text) for each in self.groups[first : last + 1])
            lead = len(digits) - len(match[2])
            if digits.startswith("86") and after_country:
                lead -= 2
            if lengths in {(lead + len(match[2]),)} or (
                lengths[0] == lead and lengths[1:] in _LOCAL
            ):
                return self._found(Kind.PHONE, first, last, lead)
        return None

    def _local(self, first: int) -> Found | None:
        if first or not _PHONE_WORD.search(self._before) or _THING.search(self._before):
            return None
        for last, digits in self._joined(first, 8):
            lengths = tuple(len(each.text) for each in self.groups[first : last + 1])
            if lengths not in _LOCAL or digits[0] not in "2345678" or not self._ends(last):
                continue
            if _DATE.fullmatch(digits) or self._measured(last) or not self._alone(first, last):
                continue
            return self._found(Kind.PHONE, first, last)
        return None

    def _abroad(self, first: int) -> Found | None:
        """Behind a plus: up to fifteen digits, in whatever groups; not the mainland's."""
        group = self.groups[first]
        if self.text[group.start - 1 : group.start] != "+" or group.text.startswith("86"):
            return None
        fitting = [(last, digits) for last, digits in self._joined(first, 15) if len(digits) >= 8]
        if not fitting or not self._ends(fitting[-1][0]):
            return None
        return self._found(Kind.PHONE, first, fitting[-1][0], 1)

    # -- how it stands -------------------------------------------------------------------------

    def _joined(self, first: int, most: int) -> Iterator[tuple[int, str]]:
        """Index of the last group and all digits, for one, two, three… groups from the first."""
        # Not a slice to the end: of thousands of groups, each would be looked at from each.
        texts = (each.text for each in self.groups[first : first + most])
        for last, digits in enumerate(accumulate(texts), start=first):
            if len(digits) > most:
                return
            yield last, digits

    def _gaps(self, first: int, last: int) -> str | None:
        """What joins the groups: '' for one group, None where they are joined in unlike ways."""
        between = {self._gap(i) for i in range(first + 1, last + 1)}
        if len(between) > 1:
            return "-" if between <= {"-", " ", " -", "- ", " - ", ")", ") ", ")-"} else None
        return next(iter(between), "").strip("() ") or " "

    def _gap(self, index: int) -> str:
        """What stands before a group, behind the one before it."""
        return self.text[self.groups[index - 1].end : self.groups[index].start]

    def _tied(self, first: int) -> bool:
        """Whether a hyphen or a point ties it to the digits before: part of a code."""
        if not first or self.groups[first - 1].text in {"86", "0086"}:
            return False
        return self._gap(first) in {"-", "."}

    def _decimal(self, first: int) -> bool:
        return first > 0 and self._gap(first) == "." and len(self.groups[first].text) > 4

    def free(self, first: int) -> bool:
        """Whether no letter of a code stands right before it."""
        start = self.groups[first].start
        letters = _LETTERS.search(self.text[max(0, start - _BACK) : start])
        return letters is None or letters[0] in _LEADS

    def _ends(self, last: int) -> bool:
        """Whether no letter of a code follows."""
        following = self.text[self.groups[last].end : self.groups[last].end + 1]
        return not ("A" <= following <= "Z")

    def _alone(self, first: int, last: int) -> bool:
        """Whether no other digits stand beside it, a country code aside."""
        behind_code = first == 1 and self.groups[0].text in {"86", "0086"}
        return (first == 0 or behind_code) and last == len(self.groups) - 1

    def _measured(self, last: int) -> bool:
        return _MEASURE.match(self.text, self.groups[last].end) is not None

    def _found(self, kind: Kind, first: int, last: int, lead: int = 0) -> Found:
        places = [
            place for each in self.groups[first : last + 1] for place in range(each.start, each.end)
        ]
        return Found(kind, tuple(places), lead)


def _area_fits(area: str, local: str) -> bool:
    """Two-digit area codes have eight-digit numbers."""
    return len(local) == 8 or area.removeprefix("0")[0] not in "12"


def _identity_fits(number: str) -> bool:
    """The check digit by ISO 7064 MOD 11-2 (GB 11643)."""
    total = sum(
        int(digit) * (2**power % 11) for digit, power in zip(number, range(17, 0, -1), strict=False)
    )
    return number[17] == "10X98765432"[total % 11]


def _luhn_fits(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    total = sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return total % 10 == 0
