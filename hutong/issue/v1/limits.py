"""The limits of version 1: windows and greatest lengths, in minutes.

From public rules (Shandong's hotline, Beijing's draft) where they give a figure; the rest is ours.
"""

from collections.abc import Mapping
from typing import Final

from hutong.issue.calendar import NATURAL, WORKING

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR

#: A working day of the windows below: seven hours, whatever the city's office hours are.
_WORKING_DAY: Final = 7 * _HOUR

#: How long after its dispatch a department may return an issue: tier -> (minutes, calendar).
RETURN_WINDOW: Final[Mapping[str, tuple[int, str]]] = {"urgent": (2 * _HOUR, NATURAL)}
USUAL_RETURN_WINDOW: Final = (_WORKING_DAY, WORKING)

#: The most that each level may grant: level -> calendar of the clock -> minutes. An extension is
#: granted once, and never more than ten working days (two weeks on a natural clock).
_FIVE: Final = {WORKING: 5 * _WORKING_DAY, NATURAL: 7 * _DAY}
_TEN: Final = {WORKING: 10 * _WORKING_DAY, NATURAL: 14 * _DAY}
EXTENSION: Final[Mapping[str, Mapping[str, int]]] = {
    "desk": _FIVE,
    "district": _TEN,
    "leader": _TEN,
}

#: The follow-up call is due seven days after the result; an earlier call than three days after it
#: is kept, and the window's call is still owed: what was mended must have had time to break again.
FOLLOW_UP_OPENS: Final = 3 * _DAY
FOLLOW_UP_DUE: Final = 7 * _DAY
#: So many calls without an answer count as called.
FOLLOW_UP_TRIES: Final = 3

#: So long after an issue's end its reporter may still be named to those who handled it: the
#: follow-up call and a complaint about the result fall into it.
REVEAL_AFTER_END: Final = 90 * _DAY

#: A clock longer than five years is a mistake.
LONGEST_CLOCK: Final = 5 * 366 * _DAY

#: Grounds on which a due time may be revised.
CALENDAR_ANNOUNCED: Final = "calendar-announced"
OUTAGE_EXCUSED: Final = "outage-excused"

#: Results that were not what they claimed: the promise goes on as though they had not been given.
#: Reopening for any other reason is a new matter with a new promise.
FALSE_CLAIMS: Final = frozenset({"check-failed", "false-result"})

#: The result that answers the promise while the law's own term runs on.
ENFORCED: Final = "enforced"
