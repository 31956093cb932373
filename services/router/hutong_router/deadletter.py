"""Dead letters: what could not be read or was not allowed, kept as it came. Pure."""

import hashlib

from hutong.events.deadletter import Burial, kept_name
from hutong.events.topics import DEAD_LETTERS
from hutong_router.records import DeadLetter, Headers, InputRecord, Outgoing
from hutong_router.route import MAX_RECORD_BYTES

_MOST_DETAIL = 1_000
#: Most bytes that the lengths of a header's name and value take besides them.
_HEADER_LENGTHS = 10


def dead_letter_record(record: InputRecord, letter: DeadLetter, version: str) -> Outgoing:
    """The record for `dead-letters`: raw key, value and headers behind our own ``dl_*`` headers.

    A header whose name no client of ours can write has an escaped one (`kept_name`).

    ``dl_time`` is the append time of the input, so that the same input always gives the same
    bytes. What would be too large to write is left where it is, for input topics are kept for
    ever: ``dl_left_out`` then gives size and SHA-256 of the value that ``dl_topic``,
    ``dl_partition`` and ``dl_offset`` point at, and key, value and headers are empty.
    """
    value, left_out = record.value or b"", ""
    headers = tuple((kept_name(name), kept) for name, kept in record.headers)
    if len(record.key or b"") + len(value) + _size(headers) > MAX_RECORD_BYTES:
        left_out = f"{len(value)} sha256:{hashlib.sha256(value).hexdigest()}"
    burial = Burial(
        record.source,
        record.timestamp,
        letter.reason.value,
        letter.detail[:_MOST_DETAIL],
        version,
        left_out,
        record.redriven.place if record.redriven else "",
    )
    if left_out:
        return Outgoing(DEAD_LETTERS, None, None, burial.headers())
    return Outgoing(DEAD_LETTERS, record.key, record.value, (*burial.headers(), *headers))


def _size(headers: Headers) -> int:
    """At least what they take in a record; by names and values alone, tiny ones take far more."""
    return sum(len(n.encode()) + len(v or b"") + _HEADER_LENGTHS for n, v in headers)
