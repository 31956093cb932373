"""What the board is asked to show: read from the address, and written back into addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final
from urllib.parse import urlencode

from hutong.city import City
from hutong.events.fields import CODE_PATTERN, UUID_PATTERN
from hutong.issue.state import ENDED, Status
from hutong.readmodels.issue_current.conditions import FACTS
from hutong.readmodels.periods import BadPeriodError, Period
from hutong_web.names import ORIGINS

#: Several statuses under one word.
GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "desk": frozenset({Status.QUEUED, Status.RETURNED, Status.DISPUTED}),
    "open": frozenset(Status) - ENDED - {Status.AWAITED},
}
#: Not a status but a fact: it was dispatched at least once.
DISPATCHED_ONCE: Final = "sent"

#: Filters that no choice of the form stands for.
SPECIAL: Final = ("kind", "area", "period", "turn", "fact")

_CODE: Final = re.compile(CODE_PATTERN)
_CURSOR: Final = re.compile(r"(\d{1,15})_(" + UUID_PATTERN.strip("^$") + ")")


class BadFilterError(ValueError):
    """The address asks for something that cannot be."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What filters mean in one city at one moment; empty where they ask for nothing.

    ``span``: reported between these instants (milliseconds UTC), ``turns``: got by its present lead
    then, ``areas``: any of them, ``at``: the instant by which open clocks are overdue.
    """

    span: tuple[int, int] | None = None
    turns: tuple[int, int] | None = None
    areas: tuple[str, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means all. `before` is the place in the list to go on from.

    ``period`` and ``turn`` are weeks, months or quarters: when it was reported, when its lead got
    it. ``area`` takes in all below it. ``fact`` is a name of `issue_current.conditions.FACTS`.
    Figures of circulars lead here with them.
    """

    status: str = ""
    department: str = ""
    category: str = ""
    street: str = ""
    origin: str = ""
    kind: str = ""
    area: str = ""
    period: str = ""
    turn: str = ""
    fact: str = ""
    before: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "Filters":
        """From a query string; BadFilterError for what can match nothing by its very form."""
        found = cls(**{field.name: query.get(field.name, "").strip() for field in fields(cls)})
        if found.status and found.status not in {*Status, *GROUPS, DISPATCHED_ONCE}:
            raise BadFilterError("status")
        if found.origin and found.origin not in ORIGINS:
            raise BadFilterError("origin")
        if found.fact and found.fact not in FACTS:
            raise BadFilterError("fact")
        for name in ("period", "turn"):
            if text := getattr(found, name):
                try:
                    Period.parse(text)
                except BadPeriodError:
                    raise BadFilterError(name) from None
        for name in ("department", "category", "street", "kind", "area"):
            code = getattr(found, name)
            if code and (len(code) > 64 or not _CODE.match(code)):
                raise BadFilterError(name)
        if found.before and not _CURSOR.fullmatch(found.before):
            raise BadFilterError("before")
        return found

    @property
    def statuses(self) -> frozenset[str]:
        """The statuses asked for; empty means any."""
        if not self.status or self.status == DISPATCHED_ONCE:
            return frozenset()
        return GROUPS.get(self.status, frozenset({self.status}))

    @property
    def cursor(self) -> tuple[int, str] | None:
        """(reported_at, issue_id) to go on from."""
        match = _CURSOR.fullmatch(self.before)
        return (int(match[1]), match[2]) if match else None

    @property
    def narrowed(self) -> bool:
        """Whether the list is filtered at all; the origin alone does not count."""
        return any((self.status, self.department, self.category, self.street, *self.special))

    @property
    def special(self) -> tuple[str, ...]:
        """What only addresses ask for; the form has no choice for it, and keeps it."""
        return tuple(v for name in SPECIAL if (v := getattr(self, name)))

    def scope(self, city: City, now: int) -> Scope:
        """What they mean in a city at an instant."""
        span, turns = (
            Period.parse(text).span(city.timezone) if text else None
            for text in (self.period, self.turn)
        )
        areas: tuple[str, ...] = ()
        if self.area:
            below = (
                code
                for code in city.areas
                if any(above.code == self.area for above in city.area_path(code))
            )
            areas = (self.area, *below)
        return Scope(span, turns, areas, now)

    def only(self, **choices: str) -> str:
        """The board's address with these choices and the origin, and no others."""
        return Filters(origin=self.origin).address(**choices)

    def address(self, path: str = "/", **changes: str) -> str:
        """The address with these filters, some of them changed; another choice starts anew."""
        changed = replace(self, **{"before": "", **changes})
        chosen = {f.name: value for f in fields(changed) if (value := getattr(changed, f.name))}
        return f"{path}?{urlencode(chosen)}" if chosen else path
