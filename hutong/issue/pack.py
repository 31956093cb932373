"""What the rules need of a city pack: its calendar, and which reasons there are."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple, Protocol

from hutong.issue.calendar import TimeKeeper, WorkingDays

#: The tier whose dispatch clock runs until a dispatch names the issue's own tier.
_USUAL_TIER: Final = "general"
_DISPATCH: Final = "dispatch"


class Length(NamedTuple):
    """Of a clock: minutes of natural or working time."""

    minutes: int
    calendar: str


class _Tier(Protocol):
    @property
    def clocks(self) -> Mapping[str, tuple[int, str]]: ...


class _Rung(Protocol):
    @property
    def after(self) -> tuple[int, str]: ...


class _Reason(Protocol):
    @property
    def evidence_required(self) -> bool: ...


class CityPack(Protocol):
    """What is read of a city pack; `hutong.city.City` is one."""

    @property
    def timezone(self) -> str:
        """IANA name."""

    @property
    def calendar(self) -> WorkingDays:
        """Working time."""

    @property
    def tiers(self) -> Mapping[str, _Tier]:
        """Lengths of the clocks by tier."""

    @property
    def reasons(self) -> Mapping[str, Mapping[str, _Reason]]:
        """By group, then by code."""

    @property
    def escalation(self) -> Mapping[str, _Rung]:
        """Rungs of the escalation, the lowest first."""


class Pack:
    """The part of a pack that verdicts and due times depend on, in force from ``since`` on."""

    def __init__(
        self,
        *,
        keeper: TimeKeeper,
        dispatch: Length,
        reasons: Mapping[str, Mapping[str, bool]],
        ladder: Mapping[str, Length],
        digest: str,
        since: int = 0,
    ) -> None:
        self.keeper = keeper
        #: How long the dispatch clock runs while the tier is not known.
        self.dispatch = dispatch
        #: Group -> code -> whether it needs evidence.
        self.reasons = reasons
        #: Rungs of the escalation, the lowest first.
        self.ladder = tuple(ladder)
        #: Rung -> how long after the one below it (the lowest: after the due time).
        self.climbs = ladder
        #: Names this part: states made with another are not comparable.
        self.digest = digest
        self.since = since

    @classmethod
    def of(cls, city: CityPack, *, since: int = 0) -> "Pack":
        """That part of a loaded city pack."""
        tier = city.tiers.get(_USUAL_TIER) or next(iter(city.tiers.values()))
        dispatch = Length(*tier.clocks[_DISPATCH])
        reasons = {
            group: {code: reason.evidence_required for code, reason in codes.items()}
            for group, codes in city.reasons.items()
        }
        days = city.calendar
        facts = [
            since,
            city.timezone,
            sorted(days.weekdays),
            days.hours,
            *(_sorted(found) for found in (days.holidays, days.workdays)),
            sorted(days.years),
            dispatch,
            sorted((group, sorted(codes.items())) for group, codes in reasons.items()),
            [(code, *rung.after) for code, rung in city.escalation.items()],
        ]
        return cls(
            keeper=TimeKeeper(days, city.timezone),
            dispatch=dispatch,
            reasons=reasons,
            ladder={code: Length(*rung.after) for code, rung in city.escalation.items()},
            digest=hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16],
            since=since,
        )


def _sorted(days: Any) -> list[str]:
    return sorted(day.isoformat() for day in days if isinstance(day, date))
