"""Receipt numbers as people type them."""

import unicodedata
from enum import StrEnum

from hutong.events.receipt import BadReceiptError, Receipt

_DASH_LIKE = frozenset("_.,·・/")


class Fault(StrEnum):
    """What is wrong with a number."""

    SHAPE = "shape"
    CHECK = "check"


def read_receipt(typed: str) -> str | Fault:
    """The canonical receipt number, whatever the width of digits, dashes and spaces between them.

    `Fault.CHECK` when it has the right number of digits but the last one does not fit.
    """
    kept = [c for c in unicodedata.normalize("NFKC", typed) if not _is_filler(c)]
    digits = "".join(kept)
    if not digits.isascii() or not digits.isdigit() or not 13 <= len(digits) <= 23:
        return Fault.SHAPE
    try:
        return str(Receipt.parse(digits))
    except BadReceiptError:
        return Fault.CHECK


def _is_filler(char: str) -> bool:
    return (
        char.isspace()
        or char in _DASH_LIKE
        or unicodedata.category(char) in ("Pd", "Cf", "Cc", "Sm")
    )
