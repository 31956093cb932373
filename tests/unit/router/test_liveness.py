"""Alive is not enough: what makes the router unhealthy, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hutong_router.ledger import Partition
from hutong_router.liveness import StalledError, Stalls, Vitals, healthy, ready

#: A worker at second 1000 that has done everything there is to do.
WELL = Vitals(
    ticked_at=999.9, assigned_at=999.9, progress_at=500.0, assigned=12, lag=0, oldest_chunk_at=None
)


def troubles(vitals: Vitals) -> object:
    health = healthy(vitals, 1000.0, 60.0)
    assert health.ok == (not health.facts["troubles"])
    return health.facts["troubles"]


@pytest.mark.parametrize(
    "vitals",
    [
        WELL,
        Vitals.at_start(990.0),
        replace(WELL, lag=500, progress_at=990.0),
        replace(WELL, lag=None),
        replace(WELL, oldest_chunk_at=950.0),
    ],
    ids=["idle", "just started", "busy", "broker does not say", "chunk on its way"],
)
def test_is_healthy(vitals: Vitals) -> None:
    assert troubles(vitals) == []


@pytest.mark.parametrize(
    ("vitals", "trouble"),
    [
        (replace(WELL, ticked_at=900.0), "the event loop stands still"),
        (replace(WELL, assigned=0, assigned_at=900.0), "no partitions are assigned"),
        (replace(WELL, lag=1), "there is work and no progress"),
        (replace(WELL, oldest_chunk_at=900.0), "a chunk is not confirmed"),
    ],
)
def test_is_not_healthy(vitals: Vitals, trouble: str) -> None:
    assert troubles(vitals) == [trouble]


def test_is_ready_with_partitions_and_not_when_it_is_going_down() -> None:
    assert ready(WELL).ok
    assert not ready(replace(WELL, assigned=0)).ok
    assert not ready(replace(WELL, stopping=True)).ok


A, B = Partition("reports-app", 1), Partition("reports-app", 2)


def test_a_partition_that_is_not_read_while_others_go_on_has_stalled() -> None:
    stalls = Stalls(60)
    for now in range(0, 61, 5):
        stalls.look(now, {A: 44, B: now}, {A: 5, B: 1}, ())
    with pytest.raises(StalledError, match="partition 1: 5 records from 44 on"):
        stalls.look(61, {A: 44, B: 61}, {A: 5, B: 1}, ())


@pytest.mark.parametrize(
    ("position", "lag", "handed_out"),
    [(45, 5, ()), (44, 0, ()), (44, 5, (A,))],
    ids=["it moved", "nothing to read", "the agent has it"],
)
def test_what_moves_or_waits_for_the_agent_has_not_stalled(
    position: int, lag: int, handed_out: tuple[Partition, ...]
) -> None:
    stalls = Stalls(60)
    stalls.look(0, {A: 44}, {A: 5}, ())
    stalls.look(50, {A: position}, {A: lag}, handed_out)
    stalls.look(70, {A: position}, {A: 5}, ())
