"""What was sent lately, so that a repeat gets the same receipt and not a second record.

Best effort, in this process's memory: across a restart or two intakes, the same key still gives the
same issue id, and the fold counts the issue once.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hutong_intake.log import Appended


class OtherBodyError(Exception):
    """The same id came with another body."""


class OtherChannelError(Exception):
    """The same id came from another channel."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A report on its way, or confirmed. ``digest`` is of its body."""

    channel: str
    digest: bytes
    future: "asyncio.Future[Appended]"


class Memory:
    """The latest ``limit`` reports by issue id. Used from one event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._sent: OrderedDict[str, Sent] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sent)

    def find(self, issue_id: str, channel: str, digest: bytes) -> "asyncio.Future[Appended] | None":
        """The future of the same report, or None when it is new.

        Raises OtherBodyError or OtherChannelError when the id belongs to something else.
        """
        sent = self._sent.get(issue_id)
        if sent is None:
            return None
        if sent.channel != channel:
            raise OtherChannelError
        if sent.digest != digest:
            raise OtherBodyError
        self._sent.move_to_end(issue_id)
        return sent.future

    def keep(self, issue_id: str, sent: Sent) -> None:
        """Remember a report. It is forgotten again if its future fails: a retry then sends anew."""
        self._sent[issue_id] = sent
        if len(self._sent) > self._limit:
            self._sent.popitem(last=False)
        sent.future.add_done_callback(lambda future: self._settle(issue_id, future))

    def _settle(self, issue_id: str, future: "asyncio.Future[Appended]") -> None:
        sent = self._sent.get(issue_id)
        if sent is not None and sent.future is future and _failed(future):
            del self._sent[issue_id]


def digest_of(body: Mapping[str, Any]) -> bytes:
    """The same for the same JSON, however spaced and ordered."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _failed(future: "asyncio.Future[Appended]") -> bool:
    return future.cancelled() or future.exception() is not None
