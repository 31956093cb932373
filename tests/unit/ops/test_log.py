from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from hutong.ops.log import Repeats, hold_repeats


class Kept(logging.Handler):
    """A handler that keeps texts, with a clock set by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.texts: list[str] = []
        self.addFilter(Repeats("aiokafka", 10, clock=lambda: self.now))

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, root = Kept(), logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def complain(where: str, broker: int) -> None:
    logging.getLogger(where).error("Unable to update metadata from %s", [broker])


def test_ten_a_second_become_one_in_ten_seconds(kept: Kept) -> None:
    """Given a broker that is away for a minute, its absence is said six times, and counted."""
    for tenth in range(600):
        kept.now = tenth / 10
        complain("aiokafka.client", tenth % 3)
    assert len(kept.texts) == 6
    assert kept.texts[0] == "Unable to update metadata from [0]"
    assert kept.texts[1] == "Unable to update metadata from [1] (and 99 more like it)"


def test_another_text_of_the_library_and_other_libraries_are_not_held(kept: Kept) -> None:
    complain("aiokafka.client", 0)
    logging.getLogger("aiokafka.consumer").warning("Heartbeat failed")
    for _ in range(3):
        complain("hutong_router", 0)
    assert len(kept.texts) == 5


def test_it_holds_for_all_handlers_of_the_process(kept: Kept) -> None:
    kept.filters.clear()
    hold_repeats("aiokafka")
    for _ in range(3):
        complain("aiokafka.client", 0)
    for handler in logging.getLogger().handlers:
        for held in [f for f in handler.filters if isinstance(f, Repeats)]:
            handler.removeFilter(held)
    assert len(kept.texts) == 1
