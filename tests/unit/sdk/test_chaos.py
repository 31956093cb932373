"""Over a bad network nothing is lost, nothing counts twice, and each issue's order holds."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pytest

from hutong.sdk import Client, new_id, retry
from hutong.sdk.http import Api, HttpTransport
from hutong.sdk.testing import Chances, ChaosTransport, MemoryIntake
from tests.unit.sdk.conftest import DESK_SECRET, SECRET, URL

BAD_NETWORK = Chances(drop=0.3, cut=0.1, duplicate=0.1, delay=0.2, reorder=0.1, delay_seconds=0.002)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a hundredth of the time between attempts."""
    monkeypatch.setattr(retry, "FIRST_SECONDS", 0.005)
    monkeypatch.setattr(retry, "LONGEST_SECONDS", 0.05)


@pytest.mark.parametrize("seed", range(3))
def test_reports_over_a_bad_network(
    intake: MemoryIntake, tmp_path: Path, seed: int, quickly: None
) -> None:
    network = ChaosTransport(intake, BAD_NETWORK, seed=seed)
    with Client(
        URL, SECRET, outbox=tmp_path / "o.db", transport=HttpTransport(Api(URL, SECRET, network))
    ) as client:
        sent = [client.report_issue(body=f"第{n}件").event_id for n in range(300)]
        assert client.flush(timeout=60) == 0
    assert sorted(event.head.event_id for event in intake.effects) == sorted(sent)
    assert network.counts["drop"] > 0


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_each_issue_holds(
    intake: MemoryIntake, tmp_path: Path, seed: int, quickly: None
) -> None:
    network = ChaosTransport(intake, BAD_NETWORK, seed=seed)
    drawn = random.Random(seed)
    issues = [new_id() for _ in range(10)]
    said: dict[str, list[str]] = defaultdict(list)
    with Client(
        URL,
        DESK_SECRET,
        outbox=tmp_path / "o.db",
        transport=HttpTransport(Api(URL, DESK_SECRET, network)),
    ) as client:
        for number in range(80):
            issue_id = drawn.choice(issues)
            client.resume(issue_id, ground=f"第{number}次")
            said[issue_id].append(f"第{number}次")
        assert client.flush(timeout=60) == 0
    heard: dict[str, list[str]] = defaultdict(list)
    for event in intake.effects:
        heard[event.head.issue_id].append(event.to_body()["ground"])
    assert heard == said
