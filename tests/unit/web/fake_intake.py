"""Intake in memory: what the pages sent to it, answered as the real one answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hutong_web.acts.intake import Accepted, Effect, Photo

from hutong.events.ids import derived_id
from hutong.events.receipt import Receipt

APPLIED = Effect("applied", "已生效", "it has its effect")


@dataclass(frozen=True)
class Asked:
    """One call: the secret that it came with, the issue, the verb, the body, the key."""

    secret: str
    issue_id: str
    verb: str
    body: Mapping[str, Any]
    key: str


@dataclass
class FakeIntake:
    """Answers every act with ``effect``, or raises ``error``; notes what it was asked."""

    effect_of: Effect = APPLIED
    error: Exception | None = None
    revealed: Mapping[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    reports: list[Mapping[str, Any]] = field(default_factory=list)
    photos: dict[str, Photo] = field(default_factory=dict)
    written: Callable[[Asked, str], None] = lambda _asked, _event_id: None

    def act(
        self, secret: str, issue_id: str, verb: str, body: Mapping[str, Any], key: str
    ) -> Accepted:
        self._fail()
        self.asked.append(Asked(secret, issue_id, verb, body, key))
        event_id = derived_id("act", issue_id, verb, key)
        self.written(self.asked[-1], event_id)
        return Accepted(event_id, "desk/0/7", self.effect_of, self.revealed)

    def report(self, secret: str, body: Mapping[str, Any], key: str) -> str:
        self._fail()
        self.reports.append({**body, "secret": secret, "key": key})
        return str(Receipt(1, 0, 7))

    def keep_photo(self, secret: str, photo: Photo) -> str:
        self._fail()
        sha256 = f"{len(self.photos):064x}"
        self.photos[sha256] = photo
        return sha256

    def photo(self, secret: str, sha256: str) -> Photo | None:
        self._fail()
        return self.photos.get(sha256)

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error
