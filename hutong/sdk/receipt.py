"""What has become of a message, as far as this device knows."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hutong.sdk.errors import Problem


class State(StrEnum):
    """`queued` is on this device alone; from `accepted` on it is in the log.

    `routed`: the router has read it too. `dead`: refused for good, in nobody's log; a person must
    look (`hutong outbox show`).
    """

    QUEUED = "queued"
    ACCEPTED = "accepted"
    ROUTED = "routed"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Of one report or act. Holds nothing of what was said in it.

    ``number`` can be read over a phone; only reports have one, from `accepted` on. ``received_at``
    is the log's time (RFC 3339). ``place`` is the place in the log, where it is told. ``problem``
    says why it waits or is dead, ``held_by`` which earlier event of the issue it waits for.
    ``status`` is that of the issue, once routed.
    """

    event_id: str
    issue_id: str
    verb: str
    state: State
    number: str | None = None
    received_at: str | None = None
    place: str | None = None
    attempts: int = 0
    problem: Problem | None = None
    held_by: str | None = None
    status: str | None = None
    answer: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def in_log(self) -> bool:
        """Whether the log has it."""
        return self.state in (State.ACCEPTED, State.ROUTED)

    @property
    def log_id(self) -> str:
        """The event's id in the log. Of an act over HTTP it is intake's, known once accepted."""
        return str(self.answer.get("event_id", self.event_id))
