"""What the fold knows of one issue."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

#: Version of the fold. A state table made by another version refuses to start until rebuilt.
FOLD_VERSION = 2


class Status(StrEnum):
    """Where an issue stands."""

    #: Something answers an event of this issue, but the report itself was not seen yet.
    AWAITED = "awaited"
    REPORTED = "reported"
    QUEUED = "queued"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    RESPONDED = "responded"
    RETURNED = "returned"
    RESOLVED = "resolved"
    UNRESOLVABLE = "unresolvable"
    VERIFIED = "verified"
    CLOSED = "closed"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


#: An issue in one of these is off everybody's table.
ENDED = frozenset({Status.CLOSED, Status.MERGED, Status.WITHDRAWN, Status.TRANSFERRED})


@dataclass(frozen=True, slots=True)
class IssueState:
    """The present of one issue. Times are milliseconds UTC, by the clock that `counts_at` names."""

    issue_id: str
    status: Status
    channel: str
    origin: str
    source: str
    area: str | None
    reported_at: int
    hop: int = 0
    item: str | None = None
    category: str | None = None
    kind: str | None = None
    intent: str | None = None
    tier: str | None = None
    lead: str | None = None
    co_owners: tuple[str, ...] = ()
    dispatched_at: int | None = None
    accepted_at: int | None = None
    responded_at: int | None = None
    resolved_at: int | None = None
    #: Whether ``resolved_at`` is a declaration that it cannot be solved: counted apart.
    unresolvable: bool = False
    closed_at: int | None = None
    subject: str = ""
    lon: float | None = None
    lat: float | None = None
    address: str | None = None
    applied: int = 0
    #: event_id -> `Record.digest` of what was judged, refused events included. A repeat changes
    #: nothing; another event under the id of one is refused.
    seen: Mapping[str, str] = field(default_factory=dict)
    #: Records that answer an event not seen yet, as `Record.to_json`.
    waiting: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values for the state table."""
        return {name: getattr(self, name) for name in _NAMES}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "IssueState":
        """The inverse of `to_json`, also after a round trip through JSON."""
        plain = dict(value)
        plain["status"] = Status(plain["status"])
        for name in ("co_owners", "waiting"):
            plain[name] = tuple(plain[name])
        return cls(**plain)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.status not in ENDED and self.status is not Status.AWAITED


_NAMES = tuple(each.name for each in fields(IssueState))
