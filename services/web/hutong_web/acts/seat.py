"""The role switch in the head of each page. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from hutong.city import City
from hutong_web.acts.acting import Acting, roles_of
from hutong_web.city_names import CityNames
from hutong_web.names import principal_name


@dataclass(frozen=True, slots=True)
class Place:
    """One choice of the switch."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """As whom the page acts, and as whom it could. ``after`` is where choosing leads back to."""

    acting: Acting
    label: str
    roles: tuple[Place, ...]
    grids: tuple[Place, ...]
    after: str


def seat_of(
    acting: Acting, principals: Collection[str], names: CityNames, after: str
) -> Seat | None:
    """The switch over those principals that the pages hold a key of; None when there are none."""
    roles = [role for role in roles_of(names.city) if role in principals]
    if not roles:
        return None
    return Seat(
        acting=acting,
        label=principal_name(acting.principal, names.city, names.language),
        roles=tuple(
            Place(role, principal_name(role, names.city, names.language), role == acting.principal)
            for role in roles
        ),
        grids=_grids(names, acting),
        after=after,
    )


def _grids(names: CityNames, acting: Acting) -> tuple[Place, ...]:
    city: City = names.city
    return tuple(
        Place(area.code, names.area(area.code), area.code == acting.area)
        for area in city.areas.values()
        if area.level == "grid"
    )
