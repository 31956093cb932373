"""How partitions are dealt out to workers."""

from __future__ import annotations

import pytest

from hutong.replay.workers import shares


@pytest.mark.parametrize(
    ("position", "workers", "expected"),
    [
        ({}, 1, [{0, 1, 2, 3}]),
        ({}, 2, [{0, 3}, {1, 2}]),
        ({}, 9, [{0}, {1}, {2}, {3}]),
        ({0: 90, 1: 50}, 2, [{2}, {3}]),
        ({0: 90, 1: 50, 2: 40, 3: 20}, 2, []),
    ],
)
def test_the_longest_go_first_to_who_has_least(
    position: dict[int, int], workers: int, expected: list[set[int]]
) -> None:
    assert shares({0: 90, 1: 50, 2: 40, 3: 20}, position, workers) == expected
