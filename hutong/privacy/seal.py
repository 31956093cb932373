"""Seals who reported into a box that only a holder of the keys can open. Pure.

AES-SIV (RFC 5297), a key for each issue by HKDF-SHA256, so that the same report always gives the
same box: a retry must give the same bytes, and with any other mode a repeated nonce would be fatal.
What the box belongs to (event, issue) is authenticated with it: moved to another event, it does not
open. The text is padded, so that its length says little.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hutong.events.fields import Sealed
from hutong.privacy.keys import IdentityKeys

_BLOCK: Final = 64
_KEY_BYTES: Final = 64
_PURPOSE: Final = b"hutong reporter 1\x1f"


class SealBrokenError(Exception):
    """A box that does not open: its key is not there, or it is not what was sealed."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who reported, as far as he said. No value is in its representation."""

    name: str | None = None
    phone: str | None = None
    home: str | None = None

    def __repr__(self) -> str:
        return "Identity(…)"


@dataclass(frozen=True, slots=True)
class Binding:
    """What a box is bound to: the event that carries it, by its name without namespace."""

    event: str
    event_id: str
    issue_id: str


def seal(keys: IdentityKeys, identity: Identity, binding: Binding) -> Sealed:
    """The box; the same for the same arguments."""
    said = {name: value for name, value in asdict(identity).items() if value is not None}
    plain = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    padded = plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK)
    box = _cipher(keys, keys.current, binding).encrypt(padded, _bound_to(binding))
    return Sealed(key=keys.current, box=base64.urlsafe_b64encode(box).decode().rstrip("="))


def unseal(keys: IdentityKeys, sealed: Sealed | Mapping[str, str], binding: Binding) -> Identity:
    """What was sealed there; SealBrokenError when it cannot be known."""
    if not isinstance(sealed, Sealed):
        sealed = Sealed(**sealed)
    if sealed.key not in keys.secrets:
        raise SealBrokenError(f"the key {sealed.key!r} is not in the file of identity keys")
    try:
        box = base64.urlsafe_b64decode(sealed.box + "=" * (-len(sealed.box) % 4))
        plain = _cipher(keys, sealed.key, binding).decrypt(box, _bound_to(binding))
    except (InvalidTag, ValueError):
        why = f"the box of event {binding.event_id} is not what was sealed there"
        raise SealBrokenError(why) from None
    return Identity(**json.loads(plain))


def _cipher(keys: IdentityKeys, key_id: str, binding: Binding) -> AESSIV:
    derive = HKDF(SHA256(), _KEY_BYTES, salt=None, info=_PURPOSE + binding.issue_id.encode())
    return AESSIV(derive.derive(keys.secrets[key_id]))


def _bound_to(binding: Binding) -> list[bytes]:
    return [binding.event.encode(), binding.event_id.encode(), binding.issue_id.encode()]
