"""What can go wrong for whoever calls the SDK: a small tree, in Chinese and English.

No error repeats what was sent: it may hold a phone number or a key.

    HutongError
    ├─ InvalidError        the call is wrong; nothing was kept and nothing was sent
    ├─ OutboxError         the file of the outbox cannot be used
    │  └─ DiskFullError    nothing was kept: make room, call again
    ├─ StoppedError        the sender has stopped by a fault of its own; what was kept is kept
    └─ ApiError            intake answered a question with a problem
       ├─ RefusedError     asking again will not help
       └─ UnavailableError not now, or no connection: ask later
"""

from dataclasses import dataclass
from typing import Any

from hutong.events.faults import FieldFault


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was refused or must wait.

    ``code`` is the last part of intake's problem type (docs/http-api.md), or a word of the SDK's
    own where no answer came; ``status`` is None then.
    """

    code: str
    zh: str
    en: str
    status: int | None = None
    request_id: str | None = None
    faults: tuple[FieldFault, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.code}: {self.zh} {self.en}"]
        lines += [f"  {f.field}: {f.zh} {f.en} ({f.code})" for f in self.faults]
        return "\n".join(lines)

    def to_plain(self) -> dict[str, Any]:
        """As JSON keeps it; `of_plain` undoes it."""
        return {
            "code": self.code,
            "zh": self.zh,
            "en": self.en,
            "status": self.status,
            "request_id": self.request_id,
            "faults": [list(fault) for fault in self.faults],
        }

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> "Problem":
        """The inverse of `to_plain`."""
        faults = tuple(FieldFault(*fault) for fault in plain["faults"])
        return cls(**{**plain, "faults": faults})


class HutongError(Exception):
    """Base of all errors of the SDK. ``code`` is for programs, ``zh`` and ``en`` for people."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem

    @property
    def code(self) -> str:
        """What kind of problem it is; stable."""
        return self.problem.code

    @property
    def zh(self) -> str:
        """What happened and what to do, in Chinese."""
        return self.problem.zh

    @property
    def en(self) -> str:
        """The same in English."""
        return self.problem.en

    @property
    def status(self) -> int | None:
        """The HTTP status, where intake has answered."""
        return self.problem.status

    @property
    def request_id(self) -> str | None:
        """By which those who run intake find the request in their log."""
        return self.problem.request_id


class InvalidError(HutongError):
    """The call is wrong: nothing was kept, nothing was sent. ``faults`` names each field."""

    @property
    def faults(self) -> tuple[FieldFault, ...]:
        """Every fault at once."""
        return self.problem.faults


class OutboxError(HutongError):
    """The file of the outbox or inbox cannot be used."""


class DiskFullError(OutboxError):
    """There is no room: nothing was kept. Make room and call again."""


class StoppedError(HutongError):
    """The sender has stopped by a fault of its own; the cause is chained. Start a new client."""


class ApiError(HutongError):
    """Intake answered a question with a problem, or not at all."""


class RefusedError(ApiError):
    """Asking again will not help."""


class UnavailableError(ApiError):
    """Not now, or no connection. ``retry_after``: seconds, where intake has said."""

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after
