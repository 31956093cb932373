"""The token by which departments name a reporter whom they may not know. Pure."""

import hashlib
from typing import Final

_ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH: Final = 10


def contact_token(issue_id: str) -> str:
    """The token of an issue's reporter where his channel gave none: ``c-KDWXRTMLBQ``.

    It follows from the issue alone, so a retry gives the same, and one person has another token in
    every issue. Letters without vowels: no digits that could be taken for a phone, and no words.
    """
    number = int.from_bytes(hashlib.sha256(b"hutong contact\x1f" + issue_id.encode()).digest())
    token = ""
    for _ in range(_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        token += _ALPHABET[letter]
    return f"c-{token}"
