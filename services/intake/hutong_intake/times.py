"""RFC 3339 times to milliseconds UTC and back; pure."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

#: Later than this a claimed time is a mistake, not a wrong clock.
LATEST_AHEAD: Final = 7 * 86_400_000
#: From here on a time ahead, or this old, is taken with a warning.
SKEW_AHEAD: Final = 5 * 60_000
SKEW_BEHIND: Final = 365 * 86_400_000

_SHAPE = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


class NoZoneError(ValueError):
    """A time without a zone."""


def parse_time(text: str) -> int:
    """Milliseconds UTC of an RFC 3339 time; finer fractions are dropped.

    Raises NoZoneError, or ValueError for what is no time: 30 February, 24:00, leap seconds (they
    name no instant in any of our stores), anything before 1970.
    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError("not RFC 3339")
    day, time, fraction, zone = match.groups()
    if zone is None:
        raise NoZoneError
    zone = "+00:00" if zone in "Zz" else zone
    try:
        whole = datetime.fromisoformat(f"{day}T{time}{zone}")
        millis = int(whole.timestamp()) * 1000 + int((fraction or "0").ljust(3, "0")[:3])
    except OverflowError as error:
        raise ValueError("out of range") from error
    if millis < 0:
        raise ValueError("before 1970")
    return millis


def format_time(millis: int, zone: tzinfo = UTC) -> str:
    """RFC 3339 with milliseconds, in ``zone``."""
    seconds, rest = divmod(millis, 1000)
    moment = datetime.fromtimestamp(seconds, zone).replace(microsecond=rest * 1000)
    return moment.isoformat(timespec="milliseconds")
