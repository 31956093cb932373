"""What a transport says of each message that it was given."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from hutong.sdk.errors import Problem


@dataclass(frozen=True, slots=True)
class Message:
    """One message to send now. ``attempts`` counts this one. Its text is not shown."""

    seq: int
    event_id: str
    issue_id: str
    verb: str
    body: str = field(repr=False)
    attempts: int


@dataclass(frozen=True, slots=True)
class Taken:
    """It is in the log: the only outcome after which it is never sent again."""

    answer: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Later:
    """Not known to be in the log: send again. ``after``: seconds, where the other side has said.

    ``everyone``: the fault lies with the way, not with this message, so nothing else gets through
    now either.
    """

    problem: Problem
    after: float | None = None
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken as it is."""

    problem: Problem


Outcome = Taken | Later | Refused


class Transport(Protocol):
    """A way to the log."""

    def deliver(self, messages: list[Message]) -> list[Outcome]:
        """Send these; the outcome of each, in the same order. Raises for faults of ours alone."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...
