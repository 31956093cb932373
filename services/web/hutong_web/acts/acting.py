"""As whom the reader acts: chosen on the page, kept in a cookie. There is no sign-in yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from hutong.city import City

ROLE_COOKIE: Final = "hutong_role"
BY_COOKIE: Final = "hutong_by"
AREA_COOKIE: Final = "hutong_area"

DESK: Final = "desk"
GRID: Final = "channel:grid"
_MOST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Acting:
    """A role: its principal ('' only reads), who in it (`by`), and the grid that is walked."""

    principal: str = ""
    by: str = ""
    area: str = ""

    @property
    def department(self) -> str:
        """The code of the department acted for, '' for other roles."""
        kind, _, code = self.principal.partition(":")
        return code if kind == "dept" else ""

    @property
    def is_desk(self) -> bool:
        """Whether the desk acts."""
        return self.principal == DESK

    @property
    def is_grid(self) -> bool:
        """Whether a grid worker acts."""
        return self.principal == GRID

    def cookies(self) -> Iterator[tuple[str, str]]:
        """Name and value of each cookie that keeps the choice."""
        yield ROLE_COOKIE, quote(self.principal, safe="")
        yield BY_COOKIE, quote(self.by, safe="")
        yield AREA_COOKIE, quote(self.area, safe="")


def roles_of(city: City) -> tuple[str, ...]:
    """Every principal that may be chosen."""
    return (DESK, GRID, *(f"dept:{code}" for code in city.departments))


def chosen(principal: str, by: str, area: str, city: City) -> Acting:
    """The role as typed or kept; what is not there any more falls away."""
    name = "".join(c for c in by if c.isprintable()).strip()[:_MOST_NAME]
    return Acting(
        principal if principal in roles_of(city) else "",
        name,
        area if area in city.areas else "",
    )


def kept(cookies: Mapping[str, str], city: City) -> Acting:
    """The role that the cookies keep."""
    role, by, area = (unquote(cookies.get(n, "")) for n in (ROLE_COOKIE, BY_COOKIE, AREA_COOKIE))
    return chosen(role, by, area, city)
