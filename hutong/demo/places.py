"""Invented places of a grid: estates, roads, shops, each with points inside the grid's polygon.

They follow from the area codes alone, so a place keeps its name and corner whatever the seed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random as Stream
from typing import Final, Protocol

from hutong.city.geometry import Point, Rings, box_of, contains
from hutong.demo.phrases import SPOT_WORDS, Random

SPOTS: Final = 24
"""Spots per grid and kind: enough that neighbours meet, few enough to draw once."""
_POINTS = 6
_REACH = 0.0006
"""Degrees round an estate or a road within which its reports lie: some 60 m."""


class AreaLike(Protocol):
    """What a place needs of an area of the city pack."""

    @property
    def code(self) -> str:
        """Unique in the pack."""
        ...

    @property
    def level(self) -> str:
        """city, district, street, community or grid."""
        ...

    @property
    def parent(self) -> str | None:
        """Code of the area above; None at the top."""
        ...

    @property
    def zh(self) -> str:
        """Chinese name."""
        ...

    @property
    def polygon(self) -> Rings | None:
        """WGS84 rings; None if not drawn."""
        ...


class CityLike(Protocol):
    """What the generator needs of a city pack; `hutong.city.City` has it."""

    @property
    def timezone(self) -> str:
        """IANA name."""
        ...

    @property
    def areas(self) -> Mapping[str, AreaLike]:
        """All areas by code."""
        ...


@dataclass(frozen=True, slots=True)
class Spot:
    """One place that reports come from. `words` are in the order of `SPOT_WORDS`."""

    words: tuple[str, ...]
    address: str
    points: tuple[Point, ...]


class GridPlaces:
    """The places of one grid; those of a kind are drawn when first asked for."""

    def __init__(
        self, grid: AreaLike, areas: Mapping[str, AreaLike], parts: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.code = grid.code
        self._parts = parts
        self._polygon = grid.polygon
        self._box = (0.0, 0.0, 0.0, 0.0) if grid.polygon is None else box_of(grid.polygon)
        names = {grid.level: grid.zh}
        area = grid
        while area.parent is not None:
            area = areas[area.parent]
            names[area.level] = area.zh
        self._grid, self._community = grid.zh, names.get("community", grid.zh)
        self._street = names.get("street", "")
        shared = Stream(f"places/{grid.parent}").random
        roads = [
            f"{head}{_one(parts['road_tails'], shared)}"
            for head in _some(parts["road_heads"], 9, shared)
        ]
        estates = [
            f"{head}{_one(parts['estate_tails'], shared)}"
            for head in _some(parts["estate_heads"], 20, shared)
        ]
        self._school = f"{roads[0]}{_one(parts['schools'], shared)}"
        self._river = _one(parts["rivers"], shared)
        self._village = _one(parts["villages"], shared)
        own = Stream(f"places/{grid.code}").random
        self._roads = _some(roads, 4, own)
        self._estates = _some(estates, 4, own)
        self._sites = [self._named("site", own) for _ in range(2)]
        self._factory = f"{_one(parts['firm_heads'], own)}{_one(parts['factory_tails'], own)}"
        self._anchors = [self._point_near(None, own) for _ in range(8)]
        points = [point for point in self._anchors if point is not None]
        self.centre: Point | None = points[0] if points else None
        self._spots: dict[str, tuple[Spot, ...]] = {}

    def spots(self, kind: str) -> tuple[Spot, ...]:
        """The places of a kind: estate, road, shop, site, … as `at` of a duty item names them."""
        spots = self._spots.get(kind)
        if spots is None:
            rnd = Stream(f"places/{self.code}/{kind}").random
            spots = tuple(self._spot(kind, rnd) for _ in range(SPOTS))
            self._spots[kind] = spots
        return spots

    def _spot(self, kind: str, rnd: Random) -> Spot:
        parts = self._parts
        which, street = int(rnd() * 4), int(rnd() * 4)
        estate, road = self._estates[which], self._roads[street]
        number = 1 + int(rnd() * 120)
        building, unit = f"{1 + int(rnd() * 22)}号楼", f"{1 + int(rnd() * 4)}单元"
        words = {
            "estate": estate,
            "building": building,
            "unit": unit,
            "road": road,
            "shop": self._named("shop", rnd),
            "shop2": self._named("shop2", rnd),
            "firm": self._named("firm", rnd),
            "site": _one(self._sites, rnd),
            "factory": self._factory,
            "project": f"{_one(parts['site_heads'], rnd)}{_one(('一期', '二期', '三期'), rnd)}",
            "bus": f"{1 + int(rnd() * 86)}",
            "school": self._school,
            "clinic": _one(parts["clinics"], rnd),
            "river": self._river,
            "village": self._village,
            "office": _one(parts["offices"], rnd),
            "community": self._community,
            "street": self._street,
            "grid": self._grid,
        }
        door, crossing = f"{road}{number}号", self._roads[(street + 1) % 4]
        where, short = self._where(kind, words, door, crossing, rnd)
        lead = rnd()
        if where and lead < 0.25:
            where = f"{self._community}{where}"
        elif where and lead < 0.37:
            where = f"{self._street}{self._community}{where}"
        words |= {"where": where, "short": short, "at": f"{where}，" if where else ""}
        if not where:
            words["where"] = self._community
        at_home = kind in ("estate", "none")
        anchor = self._anchors[which if at_home else 4 + street]
        near = [self._point_near(anchor, rnd) for _ in range(_POINTS)]
        return Spot(
            words=tuple([words[name] for name in SPOT_WORDS]),
            address=f"{self._street}{self._community}{door}{estate if at_home else ''}"
            f"{building if kind == 'estate' else ''}",
            points=tuple([point for point in near if point is not None]),
        )

    def _where(
        self, kind: str, words: Mapping[str, str], door: str, crossing: str, rnd: Random
    ) -> tuple[str, str]:
        """How people name the spot, in full and in short; empty where the text says it itself."""
        road = words["road"]
        if kind == "estate":
            unit = words["unit"] if rnd() < 0.4 else ""
            block = words["building"] if rnd() < 0.8 else ""
            return f"{words['estate']}{block}{unit if block else ''}", words["estate"]
        if kind == "road":
            forms = (
                f"{road}与{crossing}交叉口",
                f"{road}{_one(self._parts['road_spots'], rnd)}",
                f"{road}{_one(self._parts['road_spots'], rnd)}",
                f"{door}门前",
                f"{road}{words['estate']}门口",
            )
            return _one(forms, rnd), road
        if kind in ("shop", "shop2"):
            name = words[kind]
            return _one((f"{door}{name}", f"{words['estate']}楼下的{name}"), rnd), name
        if kind == "site":
            return f"{road}{words['site']}工地", words["site"]
        if kind == "factory":
            return f"{door}{words['factory']}", words["factory"]
        if kind == "river":
            spot = _one(self._parts["river_spots"], rnd)
            return f"{words['river']}{spot}", words["river"]
        if kind in ("clinic", "firm", "office", "project"):
            return words[kind], words[kind]
        return "", self._community

    def _named(self, kind: str, rnd: Random) -> str:
        return f"{_one(self._parts[f'{kind}_heads'], rnd)}{_one(self._parts[f'{kind}_tails'], rnd)}"

    def _point_near(self, anchor: Point | None, rnd: Random) -> Point | None:
        """A point inside the polygon, six decimals: near `anchor`, or anywhere."""
        if self._polygon is None:
            return None
        west, south, east, north = self._box
        if anchor is not None:
            west, east = max(west, anchor[0] - _REACH), min(east, anchor[0] + _REACH)
            south, north = max(south, anchor[1] - _REACH), min(north, anchor[1] + _REACH)
        for _ in range(200):
            lon = round(west + (east - west) * rnd(), 6)
            lat = round(south + (north - south) * rnd(), 6)
            if contains(self._polygon, lon, lat):
                return lon, lat
        return anchor


def nearest(places: Sequence[GridPlaces], centre: int, count: int) -> list[int]:
    """Indexes of the `count` grids nearest to the one at `centre`, itself first."""
    start = places[centre].centre
    if start is None:
        return [centre]

    def distance(index: int) -> tuple[float, int]:
        point = places[index].centre
        if point is None:
            return 1e9, index
        return (point[0] - start[0]) ** 2 + (point[1] - start[1]) ** 2, index

    others = sorted((index for index in range(len(places)) if index != centre), key=distance)
    return [centre, *others[: count - 1]]


def _one(choices: Sequence[str], rnd: Random) -> str:
    return choices[int(rnd() * len(choices))]


def _some(choices: Sequence[str], count: int, rnd: Random) -> list[str]:
    """`count` different ones, in the order drawn."""
    rest = list(choices)
    return [rest.pop(int(rnd() * len(rest))) for _ in range(min(count, len(rest)))]
