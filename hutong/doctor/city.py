"""The city pack in the folder."""

from collections.abc import Iterator
from pathlib import Path

from hutong.checks.finding import Finding, fault, ok
from hutong.city import City, CityError, load_city


def city_findings(folder: Path | None) -> Iterator[Finding]:
    """Whether the pack can be loaded."""
    try:
        city = load_city(folder)
    except CityError as error:
        count = len(error.faults)
        yield fault(
            "city pack",
            f"{folder} has {count} fault{'s' * (count != 1)}, the first: {error.faults[0]}",
            f"`hutong city check {folder}` lists them",
        )
    else:
        yield ok("city pack", f"{city.name_zh} {city.hash[:19]} ({folder or 'built in'})")


def load_quietly(folder: Path | None) -> City | None:
    """The pack, or None when it has faults."""
    try:
        return load_city(folder)
    except CityError:
        return None
