"""What `--since` means."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from hutong.settings import EXIT_USAGE

_SPAN = re.compile(r"(\d{1,6})([mhd])").fullmatch
_SPAN_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def earliest_of(since: str | None, zone: ZoneInfo, now: int) -> int:
    """The instant in milliseconds UTC: a span before ``now`` or a time, in ``zone`` where it names
    none; 0 for None. Ends the command where it is neither.
    """
    if since is None:
        return 0
    if (span := _SPAN(since.strip())) is not None:
        return now - int(span[1]) * _SPAN_MS[span[2]]
    try:
        moment = datetime.fromisoformat(since.strip())
    except ValueError:
        typer.echo(f"hutong: --since {since}: say 30m, 2h, 7d or 2026-06-01T08:00", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp() * 1000)
