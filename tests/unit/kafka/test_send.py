from __future__ import annotations

from typing import Any

import pytest

from hutong.kafka.send import enqueue


class Full:
    """A producer whose queue has room after so many waits."""

    def __init__(self, waits: int, error: Exception | None = None) -> None:
        self.waits = waits
        self.error = error
        self.sent: list[tuple[str, Any]] = []

    def produce(self, topic: str, **record: Any) -> None:
        if self.waits:
            raise BufferError
        self.sent.append((topic, record["value"]))

    def poll(self, _seconds: float) -> None:
        if self.error is not None:
            raise self.error
        self.waits -= 1


def test_a_record_waits_for_room_and_goes_out_once() -> None:
    full = Full(waits=3)
    enqueue(full, "t", b"k", b"v", [("ce_type", b"x")], lambda _error, _message: None)
    assert full.sent == [("t", b"v")]


def test_what_a_confirmation_raises_meanwhile_comes_out() -> None:
    full = Full(waits=3, error=RuntimeError("refused"))
    with pytest.raises(RuntimeError, match="refused"):
        enqueue(full, "t", b"k", b"v", [], lambda _error, _message: None)
    assert full.sent == []
