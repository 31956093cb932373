"""What a record of `dead-letters` is made of: for the router, and the tools that read them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from hutong.events.headers import Source

Headers = tuple[tuple[str, bytes | None], ...]

#: Our headers, in this order before those that the record came with. Those may have the same names,
#: so ours are known by their place alone.
NAMES: Final = (
    "dl_topic",
    "dl_partition",
    "dl_offset",
    "dl_time",
    "dl_reason",
    "dl_detail",
    "dl_version",
    "dl_left_out",
    "dl_redriven",
)

#: Before the names of the record's own headers that cannot be written as they are, percent-encoded.
_ESCAPED: Final = "dl_name:"
_UNWRITABLE = re.compile("[\0\ud800-\udfff]").search


def kept_name(name: str) -> str:
    """The name under which a dead letter keeps a record's own header; `original_name` undoes it.

    Its own, unless that is bytes that are no UTF-8 (surrogates here), which no client of ours can
    write; has a NUL, where librdkafka would cut it; or begins like an escaped one. So
    ``b"caf\\xe9"`` is kept as ``dl_name:caf%E9``.
    """
    if _UNWRITABLE(name) is None and not name.startswith(_ESCAPED):
        return name
    return _ESCAPED + quote_from_bytes(name.encode("utf-8", "surrogateescape"))


def original_name(kept: str) -> bytes:
    """The bytes of the name that the sender gave a header which is kept under this one."""
    if kept.startswith(_ESCAPED):
        return unquote_to_bytes(kept.removeprefix(_ESCAPED))
    return kept.encode("utf-8")


class Fault(StrEnum):
    """Why a record may not enter the log. Part of the dead letters: a code is never reused."""

    # What the codec finds (hutong.events.codec).
    NO_VALUE = "no-value"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    BAD_MAGIC = "bad-magic"
    UNKNOWN_SCHEMA = "unknown-schema"
    BAD_BODY = "bad-body"
    NOT_CANONICAL = "not-canonical"
    OUT_OF_LIMITS = "out-of-limits"
    # What the router finds.
    BAD_HEADERS = "bad-headers"
    NO_TYPE = "no-type"
    WRONG_TYPE = "wrong-type"
    NOT_ALLOWED = "not-allowed"
    NO_KEY = "no-key"
    WRONG_KEY = "wrong-key"
    WRONG_ID = "wrong-id"
    WRONG_CHANNEL = "wrong-channel"
    NO_CAUSE = "no-cause"
    BAD_RECEIVED = "bad-received"
    BAD_REDRIVE = "bad-redrive"
    UNKNOWN_DEPARTMENT = "unknown-department"


@dataclass(frozen=True, slots=True)
class Burial:
    """Where a dead letter came from, why it is one, and which version of the router said so.

    ``time`` is the append time of the input in milliseconds UTC. ``reason`` is a `Fault` that this
    version knows, or a code of another version. ``left_out`` is empty, or size and digest of a
    value that was too large to copy and is only where ``source`` says. ``redriven`` is empty, or
    the place in `redriven` of a record that came back.
    """

    source: Source
    time: int
    reason: str
    detail: str
    version: str
    left_out: str = ""
    redriven: str = ""

    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """The headers that go before the record's own."""
        texts = (
            self.source.topic,
            str(self.source.partition),
            str(self.source.offset),
            str(self.time),
            self.reason,
            self.detail,
            self.version,
            self.left_out,
            self.redriven,
        )
        # A header's name is bytes of the sender's choice; repeated in a detail it need not encode.
        pairs = zip(NAMES, texts, strict=True)
        return tuple((name, text.encode("utf-8", "replace")) for name, text in pairs)

    @classmethod
    def read(cls, headers: Sequence[tuple[str, bytes | None]]) -> tuple["Burial", Headers]:
        """The inverse of `headers`, and the record's own; ValueError when they are none of ours."""
        ours, theirs = headers[: len(NAMES)], tuple(headers[len(NAMES) :])
        if tuple(name for name, _ in ours) != NAMES:
            raise ValueError(f"its headers do not begin with {', '.join(NAMES)}")
        texts = [(value or b"").decode("utf-8") for _, value in ours]
        topic, partition, offset, time, *rest = texts
        return cls(Source(topic, int(partition), int(offset)), int(time), *rest), theirs
