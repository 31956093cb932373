"""How long to wait before sending again."""

import random
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

FIRST_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 300.0
MOST_ASKED_SECONDS: Final = 3_600.0
"""Most that a Retry-After can make us wait. A stored deadline further ahead than this was not made
by this clock: the clock was set back, and the deadline counts as reached."""


def jittered(attempts: int, random_: random.Random) -> float:
    """Seconds after so many failed attempts (1 is the first): anything from 0 to a bound that
    doubles from 0.5 s to 5 min. All of it is random ("full jitter"), so that a thousand devices
    that lost the network at once do not come back at once.
    """
    bound = FIRST_SECONDS * 2.0 ** min(attempts - 1, 20)
    return random_.uniform(0, min(LONGEST_SECONDS, bound))


def asked_for(retry_after: str | None, now: float) -> float | None:
    """The seconds of a Retry-After header, as a number or a date; None where it says nothing.

    ``now`` is in seconds since 1970.
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(float(text), MOST_ASKED_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, moment.timestamp() - now), MOST_ASKED_SECONDS)
