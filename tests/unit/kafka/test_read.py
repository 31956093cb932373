"""Reading ranges with a consumer that is fed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from confluent_kafka import KafkaError, KafkaException

from hutong.kafka.read import read_ranges


@dataclass
class Said:
    """A message, or with a code what the broker says instead of one."""

    offset_: int
    code: int | None = None
    partition_: int = 0

    def topic(self) -> str:
        return "t"

    def partition(self) -> int:
        return self.partition_

    def offset(self) -> int:
        return self.offset_

    def error(self) -> KafkaError | None:
        return None if self.code is None else KafkaError(self.code)


class Fed:
    """A consumer with prepared answers; afterwards it is silent. Each call takes a second."""

    def __init__(self, *answers: list[Said]) -> None:
        self.answers = list(answers)
        self.seconds = 0.0
        self.paused: list[int] = []
        self.resumed: list[int] = []
        self.assigned: list[tuple[int, int]] = []

    def assign(self, places: list[object]) -> None:
        self.assigned = [(p.partition, p.offset) for p in places]  # type: ignore[attr-defined]

    def unassign(self) -> None:
        self.assigned = []

    def resume(self, places: list[object]) -> None:
        self.resumed += [p.partition for p in places]  # type: ignore[attr-defined]

    def pause(self, places: list[object]) -> None:
        self.paused += [p.partition for p in places]  # type: ignore[attr-defined]

    def consume(self, _most: int, _seconds: float) -> list[Said]:
        self.seconds += 1
        return self.answers.pop(0) if self.answers else []

    def read(self, ranges: dict[int, tuple[int, int]], silent: float = 30) -> Iterator[list[int]]:
        wanted = {("t", partition): bounds for partition, bounds in ranges.items()}
        for batch in read_ranges(self, wanted, silent_seconds=silent, clock=lambda: self.seconds):
            yield [message.offset() for message in batch]


def test_reads_to_before_the_end_and_no_further() -> None:
    fed = Fed([Said(3), Said(4)], [Said(5), Said(6)])
    assert list(fed.read({0: (3, 6), 1: (8, 8)})) == [[3, 4], [5]]
    assert (fed.paused, fed.assigned) == ([0], [])
    assert 0 in fed.resumed  # or the same consumer would hear nothing of it the next time


@pytest.mark.parametrize(
    "after", [Said(9), Said(8, KafkaError._PARTITION_EOF)], ids=["record after", "end of log"]
)
def test_offsets_without_a_record_at_the_end_are_passed(after: Said) -> None:
    """A transaction's marker is an offset that nobody is ever given."""
    assert list(Fed([Said(5)], [after]).read({0: (5, 8)})) == [[5]]


def test_an_end_that_is_before_ours_is_not_it() -> None:
    """A copy that is behind says where it ends; the records come later."""
    fed = Fed([Said(5), Said(6, KafkaError._PARTITION_EOF)], [Said(6)])
    assert list(fed.read({0: (5, 7)})) == [[5], [6]]


def test_silence_of_the_broker_ends_it_and_names_what_was_missing() -> None:
    fed = Fed([Said(0)])
    read = fed.read({0: (0, 2), 1: (0, 1)}, silent=30)
    assert next(read) == [0]
    with pytest.raises(KafkaException, match="30 s while reading t/0 to 2, t/1 to 1"):
        next(read)
    assert 30 < fed.seconds < 35


def test_what_the_caller_does_with_a_batch_is_no_silence() -> None:
    fed = Fed([Said(0)], [], [Said(1)])
    read = fed.read({0: (0, 2)}, silent=30)
    assert next(read) == [0]
    fed.seconds += 1_000
    assert next(read) == [1]


def test_an_error_of_the_broker_is_raised() -> None:
    fed = Fed([Said(0, KafkaError.OFFSET_OUT_OF_RANGE)])
    with pytest.raises(KafkaException, match="OFFSET_OUT_OF_RANGE"):
        list(fed.read({0: (0, 2)}))
