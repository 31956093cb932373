"""A time as it is typed after a command."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hutong.cli.ending import give_up
from hutong.settings import EXIT_USAGE


def instant_of(text: str, zone: ZoneInfo, what: str) -> int:
    """The instant in milliseconds UTC, in ``zone`` where it names none.

    Ends the command where it is no time; ``what`` names the option or argument.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        give_up(f"{what} wants a time such as 2026-12-01T08:00, not {text!r}", EXIT_USAGE)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    instant = int(moment.timestamp() * 1000)
    if instant < 0:
        give_up(f"{what} {text} is before 1970: no record can be as old", EXIT_USAGE)
    return instant
