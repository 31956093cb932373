"""What the board is asked to show: read from the address, and written back into addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final
from urllib.parse import urlencode

from hutong.events.fields import CODE_PATTERN, UUID_PATTERN
from hutong.issue.state import ENDED, Status
from hutong_web.names import ORIGINS

#: Several statuses under one word.
GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "desk": frozenset({Status.QUEUED, Status.RETURNED, Status.DISPUTED}),
    "open": frozenset(Status) - ENDED - {Status.AWAITED},
}
#: Not a status but a fact: it was dispatched at least once.
DISPATCHED_ONCE: Final = "sent"

_CODE: Final = re.compile(CODE_PATTERN)
_CURSOR: Final = re.compile(r"(\d{1,15})_(" + UUID_PATTERN.strip("^$") + ")")


class BadFilterError(ValueError):
    """The address asks for something that cannot be."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means all. `before` is the place in the list to go on from."""

    status: str = ""
    department: str = ""
    category: str = ""
    street: str = ""
    origin: str = ""
    before: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "Filters":
        """From a query string; BadFilterError for what can match nothing by its very form."""
        found = cls(**{field.name: query.get(field.name, "").strip() for field in fields(cls)})
        if found.status and found.status not in {*Status, *GROUPS, DISPATCHED_ONCE}:
            raise BadFilterError("status")
        if found.origin and found.origin not in ORIGINS:
            raise BadFilterError("origin")
        for name in ("department", "category", "street"):
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
        return any((self.status, self.department, self.category, self.street))

    def address(self, path: str = "/", **changes: str) -> str:
        """The address with these filters, some of them changed; another choice starts anew."""
        changed = replace(self, **{"before": "", **changes})
        chosen = {f.name: value for f in fields(changed) if (value := getattr(changed, f.name))}
        return f"{path}?{urlencode(chosen)}" if chosen else path
