"""Event ids: made once on the device, or derived from what they follow from."""

import secrets
import time
import uuid

#: Fixed for ever: ids derived with it are in the log.
NAMESPACE = uuid.UUID("6f1c1a52-55a5-5e0d-8c4a-3a0f6b0f7d11")


def new_id() -> str:
    """A fresh UUIDv7 (RFC 9562): milliseconds, then 74 random bits. Sorts by time of making."""
    millis = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (millis & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (random >> 62) << 64
    value |= 0b10 << 62 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return str(uuid.UUID(int=value))


def derived_id(*parts: str) -> str:
    """The uuid5 of the parts: the same parts always give the same id.

    Parts are joined by a unit separator, which no code or key may hold, so ("ab", "c") and
    ("a", "bc") differ.
    """
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))
