"""One dead letter: what the router kept of it, and what of that a person may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hutong.events.codec import Codec, UndecodableError
from hutong.events.deadletter import Burial, Headers

#: Bytes of a value that are shown when it cannot be decoded: ids come first, texts last.
SHOWN_BYTES = 64
_HIDDEN = "***"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record of `dead-letters`. ``buried_at`` is its append time there, milliseconds UTC.

    ``key``, ``value`` and ``headers`` are the sender's, as they came, but for names of headers that
    could not be written: see `hutong.events.deadletter.original_name`.
    """

    partition: int
    offset: int
    buried_at: int
    burial: Burial
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def place(self) -> str:
        """Where it is in `dead-letters`, as `hutong dead-letters show` takes it."""
        return f"{self.partition}/{self.offset}"


def read_letter(
    *,
    partition: int,
    offset: int,
    timestamp: int,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
) -> DeadLetter:
    """A dead letter from a record; ValueError when the router did not write it."""
    burial, theirs = Burial.read(headers)
    return DeadLetter(partition, offset, timestamp, burial, key, value, theirs)


def event_of(letter: DeadLetter, codec: Codec) -> tuple[str, Mapping[str, Any]] | None:
    """Name and version, and body, of the event in it, without who reported it; None if none is."""
    try:
        decoded = codec.decode(letter.value)
    except UndecodableError:
        return None
    return decoded.schema.label, {name: _shown(name, v) for name, v in decoded.body.items()}


def _shown(name: str, value: Any) -> Any:
    if name == "reporter" and isinstance(value, Mapping):
        return {part: None if told is None else _HIDDEN for part, told in value.items()}
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value


def hex_dump(value: bytes, most: int = SHOWN_BYTES) -> str:
    """The first bytes in rows of 16: offset, hex, and what is plain ASCII."""
    rows = []
    for start in range(0, min(len(value), most), 16):
        row = value[start : min(start + 16, most)]
        plain = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"{start:08x}  {row.hex(' '):<47}  {plain}")
    return "\n".join(rows)


def plain_text(value: bytes | None) -> str:
    """A key or header value on one line, with escapes for what cannot be shown, cut when long."""
    if value is None:
        return "-"
    text = value.decode("utf-8", "backslashreplace")
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(value)} bytes)"
