"""Dead letters: what could not be read or was not allowed, kept as it came. Pure."""

import hashlib

from hutong.events.deadletter import Burial
from hutong.events.topics import DEAD_LETTERS
from hutong_router.records import DeadLetter, InputRecord, Outgoing
from hutong_router.route import MAX_RECORD_BYTES

_MOST_DETAIL = 1_000


def dead_letter_record(record: InputRecord, letter: DeadLetter, version: str) -> Outgoing:
    """The record for `dead-letters`: raw key, value and headers behind our own ``dl_*`` headers.

    ``dl_time`` is the append time of the input, so that the same input always gives the same
    bytes. What would be too large to write is left where it is, for input topics are kept for
    ever: ``dl_left_out`` then gives size and SHA-256 of the value that ``dl_topic``,
    ``dl_partition`` and ``dl_offset`` point at, and key, value and headers are empty.
    """
    value, left_out = record.value or b"", ""
    if _size(record) > MAX_RECORD_BYTES:
        left_out = f"{len(value)} sha256:{hashlib.sha256(value).hexdigest()}"
    burial = Burial(
        record.source,
        record.timestamp,
        letter.reason.value,
        letter.detail[:_MOST_DETAIL],
        version,
        left_out,
    )
    if left_out:
        return Outgoing(DEAD_LETTERS, None, None, burial.headers())
    return Outgoing(DEAD_LETTERS, record.key, record.value, (*burial.headers(), *record.headers))


def _size(record: InputRecord) -> int:
    headers = sum(len(name.encode()) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers
