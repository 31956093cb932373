"""`hutong demo`: how many reports its options ask for."""

from __future__ import annotations

import pytest

from hutong.cli.demo import simulated_reports


@pytest.mark.parametrize(
    ("history", "days", "per_day", "count"),
    [
        (None, None, None, 3_000),
        (1_000, None, None, 1_000),
        (1_000, 30, None, 1_000),
        (None, 30, None, 12_000),
        (None, 30, 50, 1_500),
        (None, None, 2, 728),
    ],
)
def test_what_is_said_counts(
    history: int | None, days: int | None, per_day: int | None, count: int
) -> None:
    assert simulated_reports(history, days, per_day) == count
