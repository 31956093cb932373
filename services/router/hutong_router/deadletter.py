"""Dead letters: what could not be read or was not allowed, kept as it came. Pure."""

import hashlib

from hutong.events.topics import DEAD_LETTERS
from hutong_router.records import DeadLetter, Headers, InputRecord, Outgoing
from hutong_router.route import MAX_RECORD_BYTES

_MOST_DETAIL = 1_000


def dead_letter_record(record: InputRecord, letter: DeadLetter, version: str) -> Outgoing:
    """The record for `dead-letters`: raw key, value and headers behind our own ``dl_*`` headers.

    ``dl_time`` is the append time of the input, so that the same input always gives the same
    bytes. What would be too large to write is left where it is, for input topics are kept for
    ever: ``dl_left_out`` then gives size and SHA-256 of the value that ``dl_topic``,
    ``dl_partition`` and ``dl_offset`` point at, and key, value and headers are empty.
    """
    ours = {
        "dl_topic": record.topic,
        "dl_partition": str(record.partition),
        "dl_offset": str(record.offset),
        "dl_time": str(record.timestamp),
        "dl_reason": letter.reason.value,
        "dl_detail": letter.detail[:_MOST_DETAIL],
        "dl_version": version,
    }
    if _size(record) > MAX_RECORD_BYTES:
        value = record.value or b""
        ours["dl_left_out"] = f"{len(value)} sha256:{hashlib.sha256(value).hexdigest()}"
        return Outgoing(DEAD_LETTERS, None, None, _encode(ours))
    return Outgoing(DEAD_LETTERS, record.key, record.value, (*_encode(ours), *record.headers))


def _encode(headers: dict[str, str]) -> Headers:
    return tuple((name, text.encode("utf-8", "replace")) for name, text in headers.items())


def _size(record: InputRecord) -> int:
    headers = sum(len(name.encode()) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers
