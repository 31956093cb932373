"""The ledger: given chunks handed out, when some are done, then this is committed."""

from __future__ import annotations

import pytest
from hutong_router.ledger import Chunk, Ledger, Partition, TornError

P = Partition("reports-app", 3)
Q = Partition("reports-app", 4)


def opened(ledger: Ledger, first: int, last: int, partition: Partition = P) -> Chunk:
    chunk = Chunk(partition, first, last, ())
    ledger.open(chunk)
    return chunk


def test_commits_nothing_before_anything_is_done() -> None:
    ledger = Ledger()
    opened(ledger, 0, 9)
    assert ledger.take_done(P) is None
    assert ledger.take_done(Q) is None


def test_commits_only_the_prefix_that_is_done() -> None:
    ledger = Ledger()
    first, second, third = opened(ledger, 0, 9), opened(ledger, 10, 19), opened(ledger, 20, 29)

    third.done = True
    assert ledger.take_done(P) is None
    first.done = True
    assert ledger.take_done(P) == 10
    assert ledger.take_done(P) is None
    second.done = True
    assert ledger.take_done(P) == 30
    assert list(ledger) == []


def test_keeps_partitions_apart() -> None:
    ledger = Ledger()
    opened(ledger, 0, 9, P)
    opened(ledger, 0, 4, Q).done = True
    assert ledger.take_done(P) is None
    assert ledger.take_done(Q) == 5
    assert list(ledger) == [P]


def test_offsets_without_records_are_no_hole() -> None:
    """The markers of a writer's transactions take offsets, too."""
    ledger = Ledger()
    opened(ledger, 0, 9).done = True
    opened(ledger, 11, 12).done = True
    assert ledger.take_done(P) == 13


def test_a_late_done_after_a_rebalance_does_not_touch_the_chunk_that_ends_at_the_same_offset() -> (
    None
):
    """Faust's own book-keeping goes by offset and would commit 10 here: ten records lost."""
    ledger = Ledger()
    old = opened(ledger, 0, 9)
    ledger.forget([P])
    new = opened(ledger, 0, 9)

    old.done = True
    assert ledger.take_done(P) is None
    new.done = True
    assert ledger.take_done(P) == 10


def test_a_seek_voids_every_chunk_that_is_out() -> None:
    ledger = Ledger()
    old = opened(ledger, 5, 9)
    ledger.forget_all()
    old.done = True
    assert ledger.take_done(P) is None
    assert list(ledger) == []


def test_reading_on_across_dropped_records_is_refused() -> None:
    ledger = Ledger()
    ledger.tear(P)
    opened(ledger, 0, 9, Q)
    with pytest.raises(TornError):
        opened(ledger, 10, 19)


@pytest.mark.parametrize("how", ["revoked", "sought"])
def test_a_torn_partition_is_whole_again_after_a_seek(how: str) -> None:
    ledger = Ledger()
    ledger.tear(P)
    if how == "revoked":
        ledger.forget([P])
    else:
        ledger.forget_all()
    opened(ledger, 0, 9)
    assert list(ledger) == [P]


def test_position_is_what_was_last_committed() -> None:
    ledger = Ledger()
    assert ledger.position(P) is None
    opened(ledger, 0, 9).done = True
    ledger.take_done(P)
    assert ledger.position(P) == 10
    ledger.forget_all()
    assert ledger.position(P) is None
