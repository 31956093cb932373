"""The commands that an empty board offers: to send one report, and to fill the board."""

from dataclasses import dataclass
from typing import Final

from hutong_web.times import CityTime

_WEEK: Final = 7 * 86_400_000

#: One report through the front door, with a key of the local stack.
_REPORT: Final = """\
curl -i http://127.0.0.1:{port}/v1/reports \\
  -H "Authorization: Bearer $(sed -n 's/^"app" = "\\(.*\\)"/\\1/p' .hutong/client-keys.toml)" \\
  -H 'Content-Type: application/json' \\
  -d '{{"occurred_at": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'",
       "subject": "井盖翻起",
       "body": "槐里路12号门口的井盖翻起来了，夜里容易绊倒人，请尽快处理。"}}'"""

_FILL: Final = """\
hutong generate --count 500 --from {start} --to {end} --out reports.csv
hutong import reports.csv"""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Commands for a shell in the folder where `hutong up` was run."""

    report: str
    fill: str


def first_steps(intake_port: int, now: int, clock: CityTime) -> FirstSteps:
    """The commands for an intake on this port; the made-up history is of the last eight weeks."""
    start, end = (f"{clock.at(at):%Y-%m-%d}" for at in (now - 8 * _WEEK, now))
    return FirstSteps(_REPORT.format(port=intake_port), _FILL.format(start=start, end=end))
