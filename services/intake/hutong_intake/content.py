"""Identity numbers in free text."""

import re
import unicodedata

_EIGHTEEN = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_SPACES = re.compile(r"(?<=[0-9])[ \-]+(?=[0-9Xx])")
_WEIGHTS = tuple(2**power % 11 for power in range(17, 0, -1))
_CHECK = "10X98765432"


def looks_like_identity_number(text: str) -> bool:
    """Whether eighteen characters of a citizen's identity number are in it, right or wrong.

    Full-width digits and spaces between digits do not hide it. The check digit is not asked for:
    a misspelt number gives its owner away just the same.
    """
    return _EIGHTEEN.search(_plain(text)) is not None


def holds_identity_number(text: str) -> bool:
    """Like `looks_like_identity_number`, but the check digit must fit: order numbers do not."""
    return any(_check_fits(match[0]) for match in _EIGHTEEN.finditer(_plain(text)))


def _plain(text: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", text))


def _check_fits(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[17].upper() == _CHECK[total % 11]
