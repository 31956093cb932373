"""The area tree and its polygons."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hutong.city.files import Faults, line_of, read_table
from hutong.city.geometry import Ring, Rings, box_of, overlaps
from hutong.city.model import AREA_LEVELS, Area

_TABLE: Final = "areas.csv"
_SHAPES: Final = "areas.geojson"
_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def read_areas(
    table: str, shapes: str, faults: Faults
) -> tuple[Mapping[str, Area], Mapping[str, int]]:
    """The areas by code, in file order, and the line each is defined on."""
    polygons = _polygons(shapes, faults)
    found: dict[str, Area] = {}
    lines: dict[str, int] = {}
    columns = ("code", "level", "parent", "zh", "en", "office")
    for row in read_table(_TABLE, table, columns, faults):
        code = row["code"]
        if not _CODE.fullmatch(code):
            faults.add(_TABLE, row.line, f"code '{code}' is not a slug")
        elif code in found:
            faults.add(_TABLE, row.line, f"code '{code}' is there twice")
        elif row["level"] not in AREA_LEVELS:
            levels = " ".join(AREA_LEVELS)
            faults.add(_TABLE, row.line, f"level '{row['level']}' is none of: {levels}")
        elif not row["zh"] or not row["en"]:
            faults.add(_TABLE, row.line, f"area '{code}' lacks a name (zh, en)")
        else:
            lines[code] = row.line
            found[code] = Area(
                code,
                row["level"],
                row["parent"] or None,
                row["zh"],
                row["en"],
                row["office"] or None,
                polygons.pop(code, None),
            )
    for code in polygons:
        faults.add(_SHAPES, _line(shapes, code), f"area '{code}' is not in {_TABLE}")
    _check_tree(found, lines, faults)
    _check_ground(found, shapes, faults)
    return MappingProxyType(found), lines


def _line(shapes: str, code: str) -> int:
    return line_of(shapes, rf'"code": *"{re.escape(code)}"')


def _polygons(text: str, faults: Faults) -> dict[str, Rings]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        faults.add(_SHAPES, error.lineno, f"cannot be read as JSON: {error.msg}")
        return {}
    found: dict[str, Rings] = {}
    for feature in data.get("features", []) if isinstance(data, dict) else []:
        code = str((feature.get("properties") or {}).get("code", ""))
        rings = _rings(feature.get("geometry") or {})
        if code in found:
            faults.add(_SHAPES, _line(text, code), f"area '{code}' is there twice")
        elif rings is None:
            message = f"area '{code}' is not a Polygon or MultiPolygon in WGS84 degrees"
            faults.add(_SHAPES, _line(text, code), message)
        else:
            found[code] = rings
    return found


def _rings(geometry: Mapping[str, Any]) -> Rings | None:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    try:
        if kind == "Polygon":
            rings = tuple(_ring(ring) for ring in coordinates or ())
        elif kind == "MultiPolygon":
            rings = tuple(_ring(ring) for part in coordinates or () for ring in part)
        else:
            return None
    except (TypeError, ValueError, IndexError):
        return None
    return rings or None


def _ring(points: list[list[float]]) -> Ring:
    ring = tuple((float(point[0]), float(point[1])) for point in points)
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("a ring has at least four points and ends where it begins")
    if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring):
        raise ValueError("out of range")
    return ring


def _check_tree(areas: Mapping[str, Area], lines: Mapping[str, int], faults: Faults) -> None:
    for area in areas.values():
        line = lines[area.code]
        parent = areas.get(area.parent) if area.parent else None
        if area.parent and parent is None:
            faults.add(_TABLE, line, f"parent '{area.parent}' is not an area")
        elif parent is None and area.level != AREA_LEVELS[0]:
            faults.add(_TABLE, line, f"{area.level} '{area.code}' has no parent")
        elif parent and AREA_LEVELS.index(parent.level) != AREA_LEVELS.index(area.level) - 1:
            message = f"{area.level} '{area.code}' lies in {parent.level} '{parent.code}'"
            faults.add(_TABLE, line, f"{message}: a level is skipped or turned round")
        if _in_cycle(area, areas):
            faults.add(_TABLE, line, f"'{area.code}' is its own ancestor")


def _in_cycle(area: Area, areas: Mapping[str, Area]) -> bool:
    seen: set[str] = set()
    code = area.parent
    while code is not None and code in areas and code not in seen:
        if code == area.code:
            return True
        seen.add(code)
        code = areas[code].parent
    return False


def _check_ground(areas: Mapping[str, Area], shapes: str, faults: Faults) -> None:
    """Look for grids that overlap, comparing only those whose spans of longitude meet."""
    grids = sorted(
        (box_of(area.polygon), area.code, area.polygon)
        for area in areas.values()
        if area.level == "grid" and area.polygon
    )
    for position, (box, code, polygon) in enumerate(grids):
        for other_box, other_code, other in grids[position + 1 :]:
            if other_box[0] >= box[2]:
                break
            if overlaps(polygon, other):
                message = f"grids '{code}' and '{other_code}' overlap"
                faults.add(_SHAPES, _line(shapes, other_code), message)
