"""Event ids: made once on the device, or derived from what they follow from."""

import hashlib
import secrets
import time
import uuid

#: Fixed for ever: ids derived with it are in the log.
NAMESPACE = uuid.UUID("6f1c1a52-55a5-5e0d-8c4a-3a0f6b0f7d11")
_PREFIX = NAMESPACE.bytes


def new_id() -> str:
    """A fresh UUIDv7 (RFC 9562): milliseconds, then 74 random bits. Sorts by time of making.

    Written out like `derived_id`, and for the same reason.
    """
    millis = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (millis & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (random >> 62) << 64
    value |= 0b10 << 62 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def made_at(event_id: str) -> int | None:
    """The milliseconds in a UUIDv7 as `new_id` writes it; None of any other text."""
    if len(event_id) != 36 or event_id[14] != "7":
        return None
    try:
        return int(event_id[:8] + event_id[9:13], 16)
    except ValueError:
        return None


def derived_id(*parts: str) -> str:
    """The uuid5 of the parts: the same parts always give the same id.

    Parts are joined by a unit separator, which no code or key may hold, so ("ab", "c") and
    ("a", "bc") differ. Written out because the router makes several a report, and `uuid.uuid5`
    takes three times as long on its way through a UUID object; a test holds the two equal.
    """
    digest = hashlib.sha1(_PREFIX + "\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
