"""Whether a record's time is when it was appended: to this broker, or to the one it was kept from.

A broker gives append times itself and takes none. So `hutong restore` writes the records of an
archive with their own times while the topic allows that, and marks each.
"""

from collections.abc import Sequence

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME

from hutong.events.headers import RESTORED


def is_append_time(stamp: int, headers: Sequence[tuple[str, bytes | None]]) -> bool:
    """``stamp``: Kafka's number for what the timestamp means. The mark is the last header."""
    if stamp == TIMESTAMP_LOG_APPEND_TIME:
        return True
    return stamp == TIMESTAMP_CREATE_TIME and bool(headers) and headers[-1][0] == RESTORED
