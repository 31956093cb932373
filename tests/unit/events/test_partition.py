"""Keys go where Java's clients put them."""

from __future__ import annotations

import pytest

from hutong.events.partition import murmur2, partition_of


@pytest.mark.parametrize(
    ("data", "expected"),
    # The cases of Kafka's own UtilsTest.testMurmur2, as unsigned numbers.
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_counts_as_kafka_does(data: bytes, expected: int) -> None:
    assert murmur2(data) == expected & 0xFFFF_FFFF


def test_a_partition_is_one_of_those_there_are() -> None:
    assert {partition_of(str(n).encode(), 12) for n in range(500)} == set(range(12))
