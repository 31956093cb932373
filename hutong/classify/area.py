"""Where a report lies, as the classifier wants to know it."""

from collections.abc import Mapping
from typing import Any

from hutong.city import City


def area_of(city: City, report: Mapping[str, Any]) -> str | None:
    """The area that a report's body names; where this city does not know it, that of the point."""
    area: str | None = report["head"]["area"]
    place = report["place"]
    if area in city.areas or place is None or None in (place["lon"], place["lat"]):
        return area
    grid = city.locate(place["lon"], place["lat"])
    return area if grid is None else grid.code
