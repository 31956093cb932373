"""Editions for tests."""

from __future__ import annotations

from typing import Final

from hutong.circular.edition import Edition
from hutong.city import load_city
from hutong.readmodels.category_weekly.tables import CATEGORY_WEEKLY
from hutong.readmodels.department_scorecard.tables import DEPARTMENT_SCORECARD
from hutong.readmodels.periods import Period

CITY: Final = load_city()
WEEK: Final = Period.parse("2026-W23")
#: Monday 8 June 2026, 09:00 in Shanghai.
AT: Final = 1_780_880_400_000


def some(*, reported: int = 12) -> Edition:
    """A quiet week of one kind and street."""
    rates = {"respond_on_time": 9, "respond_late": 1, "respond_overdue": 2, "overdue": 2}
    numbers = {"reported": reported, "dispatched": 11, "queued": 1, **rates}
    rest = {**numbers, "reported": 12}
    figures = {
        "live": {
            "total": {"": numbers},
            "before": {"": {"reported": 9}},
            "kind": {"service": rest},
            "street": {"east": rest},
            "category": {"utilities": rest, "utilities.water": rest},
            "category_street": {"utilities/east": rest, "utilities.water/east": rest},
            "kind_week": {"service/2026-W22": {"reported": 9}, "service/2026-W23": rest},
            "place": {"east": {"reported": 12}, "east-canal": {"reported": 12}},
        }
    }
    return Edition(WEEK, AT, {0: 128}, CITY.hash, figures)


def full() -> Edition:
    """A very full week of everything in the pack, two origins."""
    counts = dict.fromkeys((*CATEGORY_WEEKLY.values, "overdue", "respond_overdue"), 54_321)
    scores = dict.fromkeys((*DEPARTMENT_SCORECARD.values, "overdue"), 4_321)
    tables = {
        "total": {"": counts},
        "before": {"": counts},
        "kind": dict.fromkeys(CITY.kinds, counts),
        "street": {"east": counts, "west": counts, "": counts},
        "category": {c: counts for c, each in CITY.categories.items() if each.level < 3},
        "category_street": {
            f"{c}/east": counts for c, each in CITY.categories.items() if each.level < 3
        },
        "kind_week": {
            f"{kind}/2026-W{week}": {"reported": 54_321}
            for kind in CITY.kinds
            for week in range(16, 24)
        },
        "place": {
            code: {"reported": 54_321}
            for code, area in CITY.areas.items()
            if area.level in ("street", "community", "grid")
        },
        "department": dict.fromkeys(CITY.departments, scores),
        "return": {
            reason: {"returns": 54_321, "upheld": 21, "refused": 43, "open": 1, "hops_after": 7}
            for reason in CITY.reasons["return"]
        },
    }
    position = {partition: 123_456 + partition for partition in range(12)}
    return Edition(WEEK, AT, position, CITY.hash, {"live": tables, "imported": tables})
