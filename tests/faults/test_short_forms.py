"""The faults of every run, in short form on one stack. `make faults` has all of them, whole."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from hutong.local.errors import LocalStackError
from tests.faults import rows
from tests.faults.arena import Arena, Report
from tests.fixtures.sources import missing

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]

SEED = int(os.environ.get("HUTONG_FAULTS_SEED", "0")) or random.randrange(1, 100_000)
"""Printed by each run, and a run with the same seed has the same schedule."""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    try:
        with Arena(tmp_path_factory.mktemp("faults"), rate=60) as arena:
            yield arena
    except LocalStackError as error:
        missing("stack of three brokers", "hutong[local]", error)


def held(report: Report) -> None:
    """Nothing lost, nothing doubled, nothing else amiss, and something was tried at all."""
    assert report.violations == [], "\n".join(map(str, report.violations[:20]))
    assert (report.lost, report.doubled) == (0, 0)
    assert report.accepted > 100
    assert report.accepts_again < 60  # the rows' own bounds hold for `make faults`


def test_f01_the_busiest_leader_dies(arena: Arena) -> None:
    held(arena.run(lambda a, _: rows.chase(a, 1), SEED))


def test_f08_router_at_its_named_places(arena: Arena) -> None:
    held(arena.run(rows.router_points, SEED))


def test_f09_projector_at_its_named_places(arena: Arena) -> None:
    held(arena.run(rows.projector_points, SEED))


def test_f11_workers_come_and_go_and_sleep(arena: Arena) -> None:
    held(arena.run(lambda a, _: rows.storm(a, 1), SEED))


def test_f13_postgresql_dies_and_sleeps(arena: Arena) -> None:
    held(arena.run(lambda a, _: rows.postgres(a, 5), SEED))
