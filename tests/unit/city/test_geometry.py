"""Points in polygons, and the ground of the sample district: tiled, without overlap or gap."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from hutong.city import City
from hutong.city.geometry import AreaIndex, Rings, contains, neighbours, overlaps

SQUARE: Rings = (((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0)),)
HOLED: Rings = (*SQUARE, ((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5), (0.5, 0.5)))


def moved(rings: Rings, dx: float, dy: float) -> Rings:
    return tuple(tuple((x + dx, y + dy) for x, y in ring) for ring in rings)


def test_a_hole_is_outside() -> None:
    assert contains(SQUARE, 1.0, 1.0)
    assert not contains(HOLED, 1.0, 1.0)
    assert contains(HOLED, 0.2, 1.0)
    assert not contains(SQUARE, 3.0, 1.0)


@pytest.mark.parametrize(
    ("dx", "dy", "expected"),
    [
        (0.0, 0.0, True),
        (1.0, 0.0, True),
        (1.0, 1.0, True),
        (2.0, 0.0, False),
        (2.0, 2.0, False),
        (0.0, -2.0, False),
        (1.999, 0.5, True),
        (5.0, 0.0, False),
    ],
)
def test_overlaps(dx: float, dy: float, expected: bool) -> None:
    assert overlaps(SQUARE, moved(SQUARE, dx, dy)) is expected
    assert overlaps(moved(SQUARE, dx, dy), SQUARE) is expected


def test_one_inside_the_other_overlaps() -> None:
    small = tuple(tuple((x / 10 + 0.3, y / 10 + 0.3) for x, y in ring) for ring in SQUARE)
    assert overlaps(SQUARE, small)
    assert overlaps(small, SQUARE)


def test_the_index_agrees_with_looking_at_every_polygon() -> None:
    rng = random.Random(7)
    shapes = {f"s{n}": moved(SQUARE, (n % 5) * 2.0, (n // 5) * 2.0) for n in range(25)}
    shapes = {
        code: tuple(tuple((x / 100, y / 100) for x, y in ring) for ring in rings)
        for code, rings in shapes.items()
    }
    index = AreaIndex(shapes)
    for _ in range(500):
        lon, lat = rng.uniform(-0.02, 0.12), rng.uniform(-0.02, 0.12)
        holding = [code for code in sorted(shapes) if contains(shapes[code], lon, lat)]
        assert index.find(lon, lat) == (holding[0] if holding else None)


def test_grids_of_the_sample_do_not_overlap(city: City) -> None:
    grids = [area.polygon for area in city.areas.values() if area.level == "grid"]
    assert len(grids) == 24
    for one, other in combinations(grids, 2):
        assert one is not None
        assert other is not None
        assert not overlaps(one, other)


def test_grids_tile_the_district(city: City) -> None:
    """Every point inside the district lies in one grid, whose parents hold it too."""
    rng = random.Random(11)
    inside = 0
    for _ in range(2000):
        lon, lat = rng.uniform(116.010, 116.034), rng.uniform(36.415, 36.440)
        grid = city.locate(lon, lat)
        assert (grid is not None) == city.inside(lon, lat)
        if grid is not None:
            inside += 1
            for area in city.area_path(grid.code):
                assert area.polygon is None or contains(area.polygon, lon, lat)
    assert inside > 1000


def test_a_point_elsewhere(city: City) -> None:
    assert city.locate(0.0, 0.0) is None
    assert not city.inside(116.4, 39.9)


def test_neighbours_share_a_corner() -> None:
    shapes = {f"{x}{y}": moved(SQUARE, x * 2.0, y * 2.0) for x in range(3) for y in range(3)}
    found = neighbours(shapes)
    assert found["11"] == shapes.keys() - {"11"}
    assert found["00"] == {"01", "10", "11"}
    assert neighbours({"00": SQUARE, "far": moved(SQUARE, 9.0, 9.0)})["far"] == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("west-bell-01", "west-bell-01", True),
        ("west-bell-01", "west-bell-02", True),
        ("west-bell-01", "east-orchard-04", False),
        ("west-bell-01", "west-bell", True),
        ("west-bell-01", "west", True),
        ("west-bell-01", "east", False),
        ("west-bell", "west-willow", True),
        ("west-bell", "east-orchard", False),
        ("west-bell-01", "huaili", True),
        ("west-bell-01", "no-such-area", True),
        ("west-bell-01", None, True),
        (None, None, True),
    ],
)
def test_what_is_near(city: City, one: str | None, other: str | None, expected: bool) -> None:
    assert city.near(one, other) is expected
    assert city.near(other, one) is expected
