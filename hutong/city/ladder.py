"""The escalation ladder: who is told, one after another, when a clock has run out."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hutong.city.files import Faults, line_of, read_toml
from hutong.city.model import AREA_LEVELS, Calendar, Rung
from hutong.city.times import read_length

FILE: Final = "escalation.toml"
_KEYS: Final = ("zh", "en", "level", "after", "to")


def read_ladder(text: str, calendar: Calendar, faults: Faults) -> Mapping[str, Rung]:
    """The rungs, the first one first. A ladder has one beginning and one end, and no way back."""
    written = read_toml(FILE, text, faults)
    rungs: dict[str, Rung] = {}
    for code, table in written.items():
        rung = _rung(code, table, text, calendar, faults)
        if rung is not None:
            rungs[code] = rung
    if len(rungs) < len(written):
        return MappingProxyType(rungs)
    if not rungs:
        faults.add(FILE, 1, "has no rung")
        return MappingProxyType(rungs)
    return MappingProxyType(_in_order(rungs, text, faults))


def _rung(code: str, table: Any, text: str, calendar: Calendar, faults: Faults) -> Rung | None:
    def fault(message: str, key: str = "") -> None:
        needles = (_at(code), rf"^{re.escape(key)}\b") if key else (_at(code),)
        faults.add(FILE, line_of(text, *needles), f"{code}: {message}")

    if not isinstance(table, dict):
        faults.add(FILE, line_of(text, rf"^{re.escape(code)}\b"), f"'{code}' is not a rung")
        return None
    for key in sorted(table.keys() - set(_KEYS)):
        fault(f"'{key}' is not known", key)
    for key in ("zh", "en"):
        if not isinstance(table.get(key), str) or not table[key]:
            fault(f"a name ({key}) is missing", key)
    if table.get("level") not in AREA_LEVELS:
        fault(f"level '{table.get('level', '')}' is none of: {' '.join(AREA_LEVELS)}", "level")
    after = read_length(str(table.get("after", "")), calendar)
    if after is None:
        fault("after must read like '4 hours' or '1 working day'", "after")
        return None
    to = table.get("to")
    if to is not None and not isinstance(to, str):
        fault("to must be the name of a rung", "to")
        return None
    return Rung(
        code, str(table.get("zh")), str(table.get("en")), str(table.get("level")), after, to
    )


def _in_order(rungs: Mapping[str, Rung], text: str, faults: Faults) -> dict[str, Rung]:
    below: dict[str, str] = {}
    for rung in rungs.values():
        if rung.to is None:
            continue
        line = line_of(text, _at(rung.code), r"^to\b")
        if rung.to not in rungs:
            faults.add(FILE, line, f"{rung.code}: to '{rung.to}' is not a rung")
        elif rung.to in below:
            message = f"{rung.code}: '{rung.to}' already comes after '{below[rung.to]}'"
            faults.add(FILE, line, message)
        else:
            below[rung.to] = rung.code
    for code in _in_cycles(rungs):
        line = line_of(text, _at(code), r"^to\b")
        faults.add(FILE, line, f"'{code}' leads back to itself: the ladder would never end")
    first = [code for code in rungs if code not in below]
    for code in first[1:]:
        message = f"'{code}' is a second beginning: no rung leads to it"
        faults.add(FILE, line_of(text, _at(code)), message)
    ordered: dict[str, Rung] = {}
    rung_up = rungs.get(first[0]) if first else None
    while rung_up is not None and rung_up.code not in ordered:
        ordered[rung_up.code] = rung_up
        rung_up = rungs.get(rung_up.to or "")
    for later in list(ordered.values())[1:]:
        if later.after.minutes == 0:
            line = line_of(text, _at(later.code), r"^after\b")
            message = f"{later.code}: after is zero, as if the rung below were not there"
            faults.add(FILE, line, message)
    return ordered


def _in_cycles(rungs: Mapping[str, Rung]) -> list[str]:
    found = []
    for start in rungs:
        seen = {start}
        code = rungs[start].to
        while code is not None and code in rungs and code not in seen:
            seen.add(code)
            code = rungs[code].to
        if code == start:
            found.append(start)
    return found


def _at(code: str) -> str:
    return rf"^\[{re.escape(code)}\]"
