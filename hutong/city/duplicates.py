"""The pack's rules on which reports may be about the same matter, from `city.toml`."""

import re
from collections.abc import Mapping
from typing import Any, Final

from hutong.city.files import Faults, line_of
from hutong.city.model import Calendar, DuplicateRule, Duplicates
from hutong.city.times import read_length

PLACES: Final = ("near", "same")
AUTO_MERGE_REASON: Final = "same-incident"
"""The reason code, of group `merge`, of what is merged without a person."""

_FILE: Final = "city.toml"
_AT: Final = r"^\[duplicates\]"
_RULE: Final = re.compile(r"(?=^\[\[duplicates\.rules\]\])", re.MULTILINE)
_TOP_METRES: Final = 10_000
_LONGEST: Final = 60 * 24 * 60
"""Sixty days: what is handled that long ago is another matter."""


def read_duplicates(
    data: Mapping[str, Any], text: str, calendar: Calendar, faults: Faults
) -> Duplicates:
    """The section `[duplicates]` of the file read as ``data``; ``text`` shows where faults are."""

    def fault(message: str, *needles: str) -> None:
        faults.add(_FILE, line_of(text, *needles), f"duplicates: {message}")

    section = data.get("duplicates")
    if not isinstance(section, dict):
        fault("the section [duplicates] is missing")
        return Duplicates(False, 0, ())
    auto_merge, metres = section.get("auto_merge"), section.get("same_place_metres")
    for key in sorted(section.keys() - {"auto_merge", "same_place_metres", "rules"}):
        fault(f"'{key}' is not known", _AT, rf"^{key}\b")
    if type(auto_merge) is not bool:
        fault("'auto_merge' must be true or false", _AT, r"^auto_merge\b")
    if type(metres) is not int or not 0 <= metres <= _TOP_METRES:
        message = f"'same_place_metres' must be a whole number from 0 to {_TOP_METRES}"
        fault(message, _AT, r"^same_place_metres\b")
        metres = 0
    written = section.get("rules", [])
    rules = [
        _rule(number, table, text, calendar, faults)
        for number, table in enumerate(written if isinstance(written, list) else [], 1)
    ]
    if not rules:
        fault("has no [[duplicates.rules]]", _AT)
    return Duplicates(auto_merge is True, metres, tuple(rule for rule in rules if rule))


def _rule(
    number: int, table: Any, text: str, calendar: Calendar, faults: Faults
) -> DuplicateRule | None:
    wrong: list[tuple[str, str]] = []
    if not isinstance(table, dict):
        table = {}
    length = read_length(str(table.get("within", "")), calendar)
    if length is None or length.calendar != "natural" or not 0 < length.minutes <= _LONGEST:
        wrong.append(("within", "must read like '2 hours' or '14 days', at most 60 days"))
    alike = table.get("text")
    if type(alike) is not int or not 0 <= alike <= 100:
        wrong.append(("text", "must be a whole number from 0 to 100"))
    place = table.get("place")
    if place not in PLACES:
        wrong.append(("place", f"must be one of: {' '.join(PLACES)}"))
    wrong += [(key, "is not known") for key in sorted(table.keys() - {"within", "text", "place"})]
    before = _RULE.split(text, maxsplit=number)
    above = len("".join(before[:-1]).splitlines()) if len(before) > number else 0
    for key, words in wrong:
        line = above + line_of(before[-1], rf"^{re.escape(key)}\b")
        faults.add(_FILE, line, f"duplicates, rule {number}: '{key}' {words}")
    if wrong or length is None:
        return None
    return DuplicateRule(length.minutes, alike, place)
