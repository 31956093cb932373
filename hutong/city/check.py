"""What the files of a pack say about each other: references, routes that lead nowhere, clashes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final

from hutong.city.duplicates import AUTO_MERGE_REASON
from hutong.city.files import Faults
from hutong.city.model import STREET, City, DutyItem

MAX_SHARING: Final = 6
"""A word in the keywords of more items than this tells none of them apart."""

URGENT: Final = "urgent"
"""The tier that `urgent_words` raise an item to; a pack must have it."""

FALLBACK_TIER: Final = "general"
"""The tier of a report that no item matches; a pack must have it."""

RULE_KINDS: Final = ("dispute", "hazard", "patrol", "opinion", "service", "management")
RULE_INTENTS: Final = ("consult", "help", "complain", "report", "suggest", "praise")


def check_references(
    city: City,
    duty_lines: Sequence[int],
    exception_lines: Sequence[int],
    area_lines: Mapping[str, int],
    line: Callable[[str, str], int],
    faults: Faults,
) -> None:
    """Add every reference that points at nothing; `line(file, code)` finds a row of a file."""
    _check_fixed_codes(city, faults)
    for category in city.categories.values():
        if category.kind not in city.kinds:
            where = line("categories.csv", category.code)
            faults.add("categories.csv", where, f"kind '{category.kind}' is not in kinds.csv")
    for channel in city.channels.values():
        if channel.intent not in city.intents:
            where = line("channels.csv", channel.code)
            faults.add("channels.csv", where, f"intent '{channel.intent}' is not in intents.csv")
    for department in city.departments:
        if department == STREET:
            message = f"'{STREET}' stands for the area's street office and cannot be a department"
            faults.add("departments.csv", line("departments.csv", department), message)
    _check_rulings(city, line, faults)
    for area in city.areas.values():
        where = area_lines[area.code]
        if area.level == "street" and area.office not in city.departments:
            message = f"office '{area.office or ''}' of street '{area.code}' is not a department"
            faults.add("areas.csv", where, message)
        if area.level != "street" and area.office:
            faults.add("areas.csv", where, "only a street has an office")
    for item, where in zip(city.duty_list, duty_lines, strict=True):
        _check_item(city, item, where, faults)
    _check_words(city.duty_list, duty_lines, faults)
    items = {item.code for item in city.duty_list}
    for exception, where in zip(city.exceptions, exception_lines, strict=True):
        file = "exceptions.csv"
        if exception.area not in city.areas:
            faults.add(file, where, f"area '{exception.area}' is not in areas.csv")
        if exception.target not in items and exception.target not in city.categories:
            message = f"target '{exception.target}' is neither a duty item nor a category"
            faults.add(file, where, message)
        _check_owners(city, file, where, exception.lead, exception.co_owners, faults)


def _check_fixed_codes(city: City, faults: Faults) -> None:
    needed: tuple[tuple[str, Iterable[str], Iterable[str]], ...] = (
        ("tiers.toml", (URGENT, FALLBACK_TIER), city.tiers),
        ("kinds.csv", RULE_KINDS, city.kinds),
        ("intents.csv", RULE_INTENTS, city.intents),
        (
            "reasons.csv",
            [AUTO_MERGE_REASON] if city.duplicates.auto_merge else [],
            city.reasons.get("merge", {}),
        ),
    )
    for file, codes, present in needed:
        for code in codes:
            if code not in present:
                faults.add(file, 1, f"'{code}' is missing; the rules name it")


def _check_item(city: City, item: DutyItem, where: int, faults: Faults) -> None:
    file = "duty_list.csv"
    if item.category not in city.categories:
        faults.add(file, where, f"category '{item.category}' is not in categories.csv")
    elif "." not in item.category:
        faults.add(file, where, f"category '{item.category}' is too broad: give a second level")
    if item.tier not in city.tiers:
        faults.add(file, where, f"tier '{item.tier}' is not in tiers.toml")
    if item.kind is not None and item.kind not in city.kinds:
        faults.add(file, where, f"kind '{item.kind}' is not in kinds.csv")
    if not item.keywords:
        faults.add(file, where, f"item '{item.code}' has no keywords, so no text can reach it")
    _check_owners(city, file, where, item.lead, item.co_owners, faults)


def _check_rulings(city: City, line: Callable[[str, str], int], faults: Faults) -> None:
    file = "rulings.csv"
    named: set[str] = set()
    for ruling in city.rulings.values():
        where = line(file, ruling.code)
        owners = (ruling.lead, *ruling.co_owners) if ruling.lead else ruling.co_owners
        if owners:
            _check_owners(city, file, where, owners[0], owners[1:], faults)
        for category in ruling.categories:
            if category not in city.categories:
                faults.add(file, where, f"category '{category}' is not in categories.csv")
            if category in named:
                faults.add(file, where, f"category '{category}' has two rulings")
            named.add(category)


def _check_owners(
    city: City, file: str, where: int, lead: str, co_owners: tuple[str, ...], faults: Faults
) -> None:
    for code in (lead, *co_owners):
        if code != STREET and code not in city.departments:
            faults.add(file, where, f"department '{code}' is not in departments.csv")
    if lead in co_owners or len(set(co_owners)) < len(co_owners):
        faults.add(file, where, "a department is named twice as lead and co-owner")


def _check_words(items: Sequence[DutyItem], lines: Sequence[int], faults: Faults) -> None:
    """A word that works against its own item, or that says nothing because many items have it."""
    file = "duty_list.csv"
    sharing: dict[str, list[int]] = {}
    for item, where in zip(items, lines, strict=True):
        for keyword in item.keywords:
            sharing.setdefault(keyword.text, []).append(where)
            for word in item.not_words:
                if word.text in keyword.text:
                    message = f"keyword '{keyword.text}' clashes with not-word '{word.text}'"
                    faults.add(file, where, f"{message} of the same item")
    for text, wheres in sharing.items():
        if len(wheres) > MAX_SHARING:
            message = f"keyword '{text}' is shared by {len(wheres)} items and tells none apart"
            faults.add(file, wheres[-1], message)
    for (one, _), (other, where) in combinations(zip(items, lines, strict=True), 2):
        same = {word.text for word in one.keywords} == {word.text for word in other.keywords}
        if same and one.needs == other.needs and one.keywords:
            message = f"item '{other.code}' has the same keywords as '{one.code}'"
            faults.add(file, where, message)
