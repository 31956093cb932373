"""From the bytes of a pack to a `City`, or to the list of everything that is wrong with it."""

import re
from collections.abc import Mapping
from importlib.resources import files as package_files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hutong.city.areas import read_areas
from hutong.city.check import check_references
from hutong.city.duplicates import read_duplicates
from hutong.city.duty import read_duty_list, read_keywords
from hutong.city.files import (
    PACK_FILES,
    Faults,
    Row,
    decode_text,
    hash_files,
    line_of,
    read_folder,
    read_table,
    read_toml,
)
from hutong.city.geometry import AreaIndex, Rings, neighbours
from hutong.city.ladder import read_ladder
from hutong.city.model import (
    Area,
    Category,
    Channel,
    City,
    CityError,
    Department,
    Fault,
    Gate,
    Intent,
    Kind,
    Reason,
    RoutingException,
    Ruling,
)
from hutong.city.times import read_calendar, read_tiers

__all__ = ["check_city", "city_from_files", "load_city", "read_folder", "read_pack"]

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RULING: Final = re.compile(r"[A-Z]{1,3}[0-9]{1,4}")
_CATEGORY: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+){0,2}")
_HOURS: Final = ("office", "always")


def load_city(path: Path | None = None) -> City:
    """Read and check the pack in `path`, or the built-in sample district.

    Raises `CityError` with every fault, each with file and line.
    """
    return city_from_files(read_pack(path))


def read_pack(path: Path | None = None) -> dict[str, bytes]:
    """The files of the pack in `path`, or of the built-in one; CityError when it is no folder."""
    if path is None:
        return read_folder(package_files("hutong.city") / "default")
    if not path.is_dir():
        raise CityError((Fault(str(path), 1, "is not a folder"),))
    return read_folder(path)


def check_city(path: Path) -> list[Fault]:
    """Every fault of the pack in `path`; empty if it can be loaded."""
    try:
        load_city(path)
    except CityError as error:
        return list(error.faults)
    return []


def city_from_files(files: Mapping[str, bytes]) -> City:
    """The pack from its files' bytes by name, as a `city` event carries them.

    Raises `CityError` like `load_city`.
    """
    faults = Faults()
    texts: dict[str, str] = {}
    for name in sorted({*files, *PACK_FILES}):
        if name not in files:
            faults.add(name, 1, "is missing")
        elif name not in PACK_FILES:
            faults.add(name, 1, "is not a file of a pack (is its name spelt right?)")
        else:
            text = decode_text(name, files[name], faults)
            if text is not None:
                texts[name] = text
    if len(texts) < len(PACK_FILES):
        raise CityError(faults.all())
    city = _Reader(texts, faults).city(hash_files(files))
    if found := faults.all():
        raise CityError(found)
    return city


class _Reader:
    """Parses each file on its own, then has the references between them checked."""

    def __init__(self, texts: Mapping[str, str], faults: Faults) -> None:
        self._texts = texts
        self._faults = faults

    def city(self, pack_hash: str) -> City:
        faults, texts = self._faults, self._texts
        about = read_toml("city.toml", texts["city.toml"], faults)
        name_zh, name_en, timezone, gate = self._about(about)
        calendar = read_calendar(texts["calendar.toml"], faults)
        duty_list, duty_lines = read_duty_list(texts["duty_list.csv"], calendar, faults)
        exceptions, exception_lines = self._exceptions()
        areas, area_lines = read_areas(texts["areas.csv"], texts["areas.geojson"], faults)
        city = City(
            hash=pack_hash,
            name_zh=name_zh,
            name_en=name_en,
            timezone=timezone,
            departments=self._departments(),
            categories=self._categories(),
            duty_list=duty_list,
            tiers=read_tiers(texts["tiers.toml"], calendar, faults),
            escalation=read_ladder(texts["escalation.toml"], calendar, faults),
            reasons=self._reasons(),
            rulings=self._rulings(),
            areas=areas,
            kinds=self._kinds(),
            intents=self._intents(),
            channels=self._channels(),
            calendar=calendar,
            exceptions=exceptions,
            gate=gate,
            duplicates=read_duplicates(about, texts["city.toml"], calendar, faults),
            _neighbours=neighbours(_polygons(areas, "grid")),
            _grids=_index(areas, "grid"),
            _outline=_index(areas, "district", "grid"),
        )
        check_references(city, duty_lines, exception_lines, area_lines, self._lines, faults)
        return city

    def _lines(self, file: str, code: str) -> int:
        """The line of the row that starts with `code`."""
        return line_of(self._texts[file], rf"^\ufeff?\"?{re.escape(code)}\"?\s*,")

    def _rows(self, file: str, *columns: str) -> list[Row]:
        return read_table(file, self._texts[file], columns, self._faults)

    def _names(self, row: Row) -> tuple[str, str]:
        for column in ("zh", "en"):
            if not row[column]:
                self._faults.add(row.file, row.line, f"'{column}' is empty")
        return row["zh"], row["en"]

    def _new(
        self, row: Row, seen: Mapping[str, object], pattern: re.Pattern[str] = _SLUG
    ) -> str | None:
        """The row's code if it is well formed and not taken."""
        code = row["code"]
        if not pattern.fullmatch(code):
            shape = "like D08" if pattern is _RULING else "a slug (a-z, 0-9 and single hyphens)"
            message = f"code '{code}' is not {shape}"
        elif code in seen:
            message = f"code '{code}' is there twice"
        else:
            return code
        self._faults.add(row.file, row.line, message)
        return None

    def _about(self, data: Mapping[str, Any]) -> tuple[str, str, str, Gate]:
        file, text = "city.toml", self._texts["city.toml"]
        values: list[str] = []
        for key in ("name_zh", "name_en", "timezone"):
            value = data.get(key)
            if not isinstance(value, str) or not value:
                self._faults.add(file, line_of(text, rf"^{key}\b"), f"'{key}' must be a text")
                value = ""
            values.append(value)
        if values[2] and not _is_zone(values[2]):
            line = line_of(text, r"^timezone\b")
            self._faults.add(file, line, f"timezone '{values[2]}' is not known")
        gate = data.get("gate", {})
        numbers: list[int] = []
        for key, top in (("min_score", 1_000_000), ("min_margin", 1000)):
            number = gate.get(key)
            if type(number) is not int or not 0 <= number <= top:
                line = line_of(text, r"^\[gate\]", rf"^{key}\b")
                self._faults.add(file, line, f"gate '{key}' must be a whole number from 0 to {top}")
                number = 0
            numbers.append(number)
        return values[0], values[1], values[2], Gate(numbers[0], numbers[1])

    def _departments(self) -> Mapping[str, Department]:
        found: dict[str, Department] = {}
        for row in self._rows("departments.csv", "code", "zh", "en", "hours", "note"):
            if row["hours"] not in _HOURS:
                self._faults.add(row.file, row.line, f"hours '{row['hours']}': office or always")
            if (code := self._new(row, found)) is not None:
                found[code] = Department(code, *self._names(row), row["hours"])
        return MappingProxyType(found)

    def _categories(self) -> Mapping[str, Category]:
        found: dict[str, Category] = {}
        for row in self._rows("categories.csv", "code", "zh", "en", "kind", "maps_to"):
            code = self._new(row, found, _CATEGORY)
            if code is None:
                continue
            above = code.rpartition(".")[0]
            parent = found.get(above)
            if above and parent is None:
                self._faults.add(row.file, row.line, f"parent '{above}' is not in a row above")
                continue
            kind = row["kind"] or (parent.kind if parent else "")
            maps_to = row["maps_to"] or (parent.maps_to if parent else "")
            level = code.count(".") + 1
            found[code] = Category(code, level, above or None, *self._names(row), kind, maps_to)
        return MappingProxyType(found)

    def _kinds(self) -> Mapping[str, Kind]:
        found: dict[str, Kind] = {}
        for row in self._rows("kinds.csv", "code", "zh", "en"):
            if (code := self._new(row, found)) is not None:
                found[code] = Kind(code, *self._names(row))
        return MappingProxyType(found)

    def _intents(self) -> Mapping[str, Intent]:
        found: dict[str, Intent] = {}
        for row in self._rows("intents.csv", "code", "zh", "en", "cues"):
            if (code := self._new(row, found)) is not None:
                cues = read_keywords(row, "cues", self._faults)
                found[code] = Intent(code, *self._names(row), len(found), cues)
        return MappingProxyType(found)

    def _channels(self) -> Mapping[str, Channel]:
        found: dict[str, Channel] = {}
        for row in self._rows("channels.csv", "code", "zh", "en", "intent"):
            if (code := self._new(row, found)) is not None:
                found[code] = Channel(code, *self._names(row), row["intent"])
        return MappingProxyType(found)

    def _reasons(self) -> Mapping[str, Mapping[str, Reason]]:
        found: dict[str, dict[str, Reason]] = {}
        for row in self._rows("reasons.csv", "group", "code", "zh", "en", "evidence"):
            group = found.setdefault(row["group"], {})
            if not _SLUG.fullmatch(row["group"]):
                self._faults.add(row.file, row.line, f"group '{row['group']}' is not a slug")
            if row["evidence"] not in ("", "yes"):
                self._faults.add(row.file, row.line, "evidence must be yes or empty")
            if (code := self._new(row, group)) is not None:
                names = self._names(row)
                group[code] = Reason(row["group"], code, *names, row["evidence"] == "yes")
        return MappingProxyType({name: MappingProxyType(group) for name, group in found.items()})

    def _rulings(self) -> Mapping[str, Ruling]:
        found: dict[str, Ruling] = {}
        columns = ("question_zh", "question_en", "lead", "co_owners", "categories", "basis")
        for row in self._rows("rulings.csv", "code", "zh", "en", *columns):
            for column in ("question_zh", "question_en", "basis"):
                if not row[column]:
                    self._faults.add(row.file, row.line, f"'{column}' is empty")
            if (code := self._new(row, found, _RULING)) is not None:
                found[code] = Ruling(
                    code,
                    *self._names(row),
                    row["question_zh"],
                    row["question_en"],
                    row["lead"],
                    row.words("co_owners"),
                    row.words("categories"),
                    row["basis"],
                )
        return MappingProxyType(found)

    def _exceptions(self) -> tuple[tuple[RoutingException, ...], tuple[int, ...]]:
        found: dict[tuple[str, str], RoutingException] = {}
        lines: list[int] = []
        for row in self._rows("exceptions.csv", "area", "target", "lead", "co_owners", "note"):
            key = (row["area"], row["target"])
            if key in found:
                self._faults.add(row.file, row.line, f"{key[0]} and {key[1]} are there twice")
                continue
            found[key] = RoutingException(*key, row["lead"], row.words("co_owners"), row["note"])
            lines.append(row.line)
        return tuple(found.values()), tuple(lines)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # of a name that is a folder, say
        return False
    return True


def _index(areas: Mapping[str, Area], *levels: str) -> AreaIndex:
    """The polygons of the first of these levels that has any."""
    for level in levels:
        if polygons := _polygons(areas, level):
            return AreaIndex(polygons)
    return AreaIndex({})


def _polygons(areas: Mapping[str, Area], level: str) -> dict[str, Rings]:
    return {a.code: a.polygon for a in areas.values() if a.level == level and a.polygon}
