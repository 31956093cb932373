"""The one list of pages that every page leads to. A page that is there has its line here."""

from dataclasses import dataclass
from typing import Final

from hutong_web.language import Language, Name, name_in


@dataclass(frozen=True, slots=True)
class Destination:
    """A page of the navigation; all addresses below its own belong to it too."""

    address: str
    name: Name


@dataclass(frozen=True, slots=True)
class Link:
    """A destination as it is drawn on one page; ``here``: that page belongs to it."""

    address: str
    name: str
    here: bool


#: In the order of the work: look, dispatch, handle, assess, report.
DESTINATIONS: Final = (
    Destination("/", Name("看板", "Board")),
    Destination("/desk", Name("派单台", "Desk")),
    Destination("/grid", Name("网格", "Grid")),
    Destination("/departments", Name("承办单位", "Departments")),
    Destination("/workers", Name("人员", "Workers")),
    Destination("/returns", Name("退单", "Returns")),
    Destination("/circular", Name("通报", "Circular")),
)


def navigation(path: str, language: Language) -> tuple[Link, ...]:
    """The links of a page at this path; none while there is only one place to go."""
    if len(DESTINATIONS) < 2:
        return ()
    return tuple(
        Link(d.address, name_in(d.name, language), _is_at(path, d.address)) for d in DESTINATIONS
    )


def _is_at(path: str, address: str) -> bool:
    if address == "/":
        return path == "/"
    return path == address or path.startswith(address + "/")
