"""Points in polygons, and polygons that overlap. Plain arithmetic; degrees go in as floats."""

from collections.abc import Iterator, Mapping

Point = tuple[float, float]
Ring = tuple[Point, ...]
Rings = tuple[Ring, ...]
"""Closed rings under the even-odd rule: holes and several parts need no special case."""

_Box = tuple[float, float, float, float]
_CELL = 0.01
"""Side of an index cell in degrees, about 1 km: a grid of 100-500 households is smaller."""
_SCALE = 10_000_000
"""Degrees to whole units of about 1 cm, so that overlap is decided without rounding."""


def box_of(rings: Rings) -> _Box:
    """(west, south, east, north) of the rings."""
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def contains(rings: Rings, lon: float, lat: float) -> bool:
    """True if the point is inside; a point on an edge may count to either side."""
    inside = False
    for ring in rings:
        x1, y1 = ring[-1]
        for x2, y2 in ring:
            if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
                inside = not inside
            x1, y1 = x2, y2
    return inside


class AreaIndex:
    """Finds the polygon that holds a point, looking only at those near it."""

    def __init__(self, polygons: Mapping[str, Rings]) -> None:
        self._polygons = {code: polygons[code] for code in sorted(polygons)}
        self._cells: dict[tuple[int, int], list[str]] = {}
        for code, rings in self._polygons.items():
            west, south, east, north = box_of(rings)
            for column in range(_cell(west), _cell(east) + 1):
                for row in range(_cell(south), _cell(north) + 1):
                    self._cells.setdefault((column, row), []).append(code)

    def find(self, lon: float, lat: float) -> str | None:
        """The code of the polygon that holds the point, the first by code if several do."""
        for code in self._cells.get((_cell(lon), _cell(lat)), ()):
            if contains(self._polygons[code], lon, lat):
                return code
        return None


def neighbours(polygons: Mapping[str, Rings]) -> dict[str, frozenset[str]]:
    """By code, the others that touch it: neighbours of a tiling share their corners."""
    at_corner: dict[Point, set[str]] = {}
    for code, rings in polygons.items():
        for ring in rings:
            for corner in ring:
                at_corner.setdefault(corner, set()).add(code)
    touching: dict[str, set[str]] = {code: set() for code in polygons}
    for codes in at_corner.values():
        for code in codes:
            touching[code] |= codes
    return {code: frozenset(found - {code}) for code, found in touching.items()}


def _cell(degrees: float) -> int:
    return int(degrees // _CELL)


def overlaps(one: Rings, other: Rings) -> bool:
    """True if the two share ground. Shared corners and edges are not an overlap.

    Exact for polygons of a tiling that share their corners: an edge crosses another, or a point
    inside one lies inside the other.
    """
    a, b = box_of(one), box_of(other)
    if a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]:
        return False
    edges = [_whole(*edge) for edge in _edges(other)]
    for p, q in (_whole(*edge) for edge in _edges(one)):
        for r, s in edges:
            if (
                _side(p, q, r) * _side(p, q, s) < 0  # r and s lie on either side of pq
                and _side(r, s, p) * _side(r, s, q) < 0
            ):
                return True
    return contains(other, *_inner_point(one)) or contains(one, *_inner_point(other))


def _edges(rings: Rings) -> Iterator[tuple[Point, Point]]:
    for ring in rings:
        previous = ring[-1]
        for point in ring:
            if point != previous:
                yield previous, point
            previous = point


_Whole = tuple[int, int]


def _whole(p: Point, q: Point) -> tuple[_Whole, _Whole]:
    return (round(p[0] * _SCALE), round(p[1] * _SCALE)), (
        round(q[0] * _SCALE),
        round(q[1] * _SCALE),
    )


def _side(p: _Whole, q: _Whole, r: _Whole) -> int:
    turn = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
    return (turn > 0) - (turn < 0)


def _inner_point(rings: Rings) -> Point:
    """A point well inside: the middle of the widest span that a level line cuts out."""
    _, south, _, north = box_of(rings)
    best: tuple[float, Point] = (-1.0, rings[0][0])
    for step in (0.5, 0.37, 0.63):
        lat = south + (north - south) * step
        cuts = sorted(
            x1 + (x2 - x1) * (lat - y1) / (y2 - y1)
            for (x1, y1), (x2, y2) in _edges(rings)
            if (y1 > lat) != (y2 > lat)
        )
        for west, east in zip(cuts[::2], cuts[1::2], strict=False):
            best = max(best, (east - west, ((west + east) / 2, lat)))
    return best[1]
