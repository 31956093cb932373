"""An intake that misbehaves on purpose, and says what a client in any language did about it.

`hutong sdk conformance --listen PORT` runs it: the client under test sends its reports there. Of
what comes for the first time, one in three is answered 503 with a Retry-After, and one in three is
taken and its answer cut off; all else, and whatever comes again, is answered as it should be.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from hutong.events.ids import derived_id
from hutong.sdk.testing.memory import MemoryIntake
from hutong.sdk.testing.serving import Answered

KEY: Final = "hk_conformance"
RETRY_SECONDS: Final = 2
_SLACK_SECONDS: Final = 0.2
_REPORTS: Final = "/v1/reports"


@dataclass(slots=True)
class Seen:
    """All that was seen of one report, by its id."""

    digests: set[str] = field(default_factory=set)
    at: list[float] = field(default_factory=list)
    done: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One rule for clients, in words, and what was wrong; "" where nothing was."""

    code: str
    zh: str
    en: str
    why: str


class Exam:
    """What a client did. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.intake = MemoryIntake({KEY: "channel:app"})
        self._clock = clock
        self._seen: dict[str, Seen] = {}
        self._nameless = 0
        self._lock = threading.Lock()

    def answer(
        self, method: str, target: str, headers: dict[str, str], content: bytes
    ) -> Answered | None:
        """What to answer; None: cut the connection."""
        with self._lock:
            if method == "POST" and target == _REPORTS:
                return self._report(method, target, headers, content)
            return self.intake.answer(method, target, headers, content)

    def marks(self, reports: int) -> list[Mark]:
        """The verdict on a client that was to send so many reports."""
        with self._lock:
            taken = len(self.intake.effects)
            seen = list(self._seen.values())
        cut = [s for s in seen if s.done == "cut"]
        busy = [s for s in seen if s.done == "busy"]
        changed = sum(len(s.digests) > 1 for s in seen)
        lost = sum(len(s.at) < 2 for s in (*cut, *busy))
        hasty = sum(
            len(s.at) > 1 and s.at[1] - s.at[0] < RETRY_SECONDS - _SLACK_SECONDS for s in busy
        )
        return [
            Mark(
                "names",
                "每件上报带 event_id 或幂等键",
                "each report has an event_id or an Idempotency-Key",
                f"{self._nameless} had none" if self._nameless else "",
            ),
            Mark(
                "repeats",
                "未获答复的一律重发",
                "whatever got no good answer is sent again",
                f"{lost} were not sent again" if lost else "",
            ),
            Mark(
                "same",
                "重发的编号与内容不变",
                "what is sent again is the very same",
                f"{changed} came with another body under the same id" if changed else "",
            ),
            Mark(
                "waits",
                "遵守 Retry-After",
                "a Retry-After is waited for",
                f"{hasty} came again too soon" if hasty else "",
            ),
            Mark(
                "all",
                f"{reports} 件各收妥一次",
                f"{reports} reports are in, each once",
                f"{taken} different ones are in" if taken != reports else "",
            ),
        ]

    def _report(
        self, method: str, target: str, headers: dict[str, str], content: bytes
    ) -> Answered | None:
        name = _name_of(headers, content)
        if name is None:
            self._nameless += 1
            return self.intake.answer(method, target, headers, content)
        first = name not in self._seen
        seen = self._seen.setdefault(name, Seen())
        seen.at.append(self._clock())
        seen.digests.add(hashlib.sha256(content).hexdigest())
        if first and len(self._seen) % 3 == 1:
            seen.done = "busy"
            self.intake.down = True
            status, answered, body = self.intake.answer(method, target, headers, content)
            self.intake.down = False
            return status, {**answered, "retry-after": str(RETRY_SECONDS)}, body
        found = self.intake.answer(method, target, headers, content)
        if first and len(self._seen) % 3 == 2 and found[0] == 202:
            seen.done = "cut"
            return None
        return found


def _name_of(headers: dict[str, str], content: bytes) -> str | None:
    key = headers.get("idempotency-key")
    if key:
        return derived_id("report", "app", key)
    try:
        body: Any = json.loads(content)
    except ValueError:
        return None
    name = body.get("event_id") if isinstance(body, dict) else None
    return name if isinstance(name, str) else None
