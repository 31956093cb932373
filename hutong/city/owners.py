"""Whose a matter is by the list: the duty item, and what the exceptions of its area say."""

from hutong.city.model import STREET, City, DutyItem


def owners_of(city: City, item: DutyItem, area: str | None) -> tuple[str, tuple[str, ...]]:
    """Lead and co-owners of an item in an area (a code of the pack, or None), `street` resolved.

    Of several exceptions that apply, the one of the smallest area and then of the nearest target
    counts. With no area the lead stays `street`, and a co-owner `street` is left out.
    """
    lead, co_owners = item.lead, item.co_owners
    office = None
    if area is not None:
        office = city.street_office(area)
        path = [a.code for a in city.area_path(area)]
        targets = _targets_of(item)
        applying = [
            (path.index(e.area), -targets.index(e.target), e)
            for e in city.exceptions
            if e.area in path and e.target in targets
        ]
        if applying:
            exception = max(applying, key=lambda found: found[:2])[2]
            lead, co_owners = exception.lead, exception.co_owners
    if lead == STREET and office is not None:
        lead = office
    resolved = [office if code == STREET else code for code in co_owners]
    return lead, tuple(dict.fromkeys(c for c in resolved if c is not None and c != lead))


def _targets_of(item: DutyItem) -> list[str]:
    """What an exception may name to mean this item, the most particular first."""
    targets = [item.code]
    category = item.category
    while category:
        targets.append(category)
        category = category.rpartition(".")[0]
    return targets
