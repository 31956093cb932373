"""Phone numbers as people write them in mainland China, to E.164."""

import re
import unicodedata
from typing import Final

_BETWEEN = re.compile(r"[\s.()\-\u2010-\u2015\u2212]+")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
#: Area code without its 0, then the number: two-digit codes have eight-digit numbers.
_LANDLINE = re.compile(r"(?:10|2[0-57-9])[2-8][0-9]{7}|[3-9][0-9]{2}[2-8][0-9]{6,7}")
_FOREIGN = re.compile(r"\+(?!86)[1-9][0-9]{6,14}")
_CHINA = re.compile(r"(?:\+|00)86")

EXAMPLES: Final = "13800138000、010-62345678、+86 138 0013 8000"
"""Forms that are taken, for messages."""


def to_e164(text: str) -> str | None:
    """``+86…`` for a mainland mobile number, or a landline with its area code; else None.

    Full-width digits, spaces, dots, hyphens and brackets are fine; ``+86``, ``0086`` and ``86``
    may lead. A number of another country is taken only in full, with its ``+``.
    Letters, extensions and local numbers without an area code are none of these.
    """
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    if not plain.isascii():
        return None
    if _FOREIGN.fullmatch(plain):
        return plain
    prefix = _CHINA.match(plain)
    rest = plain[prefix.end() :] if prefix else plain
    if not prefix and len(rest) == 13 and rest.startswith("86"):
        rest = rest[2:]
    if _MOBILE.fullmatch(rest):
        return f"+86{rest}"
    # In the country an area code starts with 0; after +86 it goes without, but many leave it in.
    if rest.startswith("0") or prefix:
        landline = rest.removeprefix("0")
        if _LANDLINE.fullmatch(landline):
            return f"+86{landline}"
    return None
