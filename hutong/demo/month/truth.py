"""What is right: whose matter a report truly is."""

from hutong.city import DutyItem
from hutong.city.model import STREET
from hutong.demo.month.stage import Case, Stage


def item_of(stage: Stage, case: Case) -> DutyItem:
    """The duty item that the report was written from."""
    return stage.items[case.truth.item]


def owners(stage: Stage, case: Case, item: DutyItem) -> tuple[str, tuple[str, ...]]:
    """Lead and co-owners of a duty item where the report comes from."""
    city, area = stage.city, case.state.area
    street = city.street_office(area) if area in city.areas and area is not None else None
    if street is None:
        # Nobody said where: the first receiver arranges it.
        offices = sorted(found.office for found in city.areas.values() if found.office is not None)
        street = offices[case.truth.number % len(offices)]
    lead, *co_owners = (
        street if owner == STREET else owner for owner in (item.lead, *item.co_owners)
    )
    return lead, tuple(owner for owner in dict.fromkeys(co_owners) if owner != lead)


def right_lead(stage: Stage, case: Case) -> str:
    """Who should lead."""
    return owners(stage, case, item_of(stage, case))[0]
