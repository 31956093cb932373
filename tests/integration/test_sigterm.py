"""SIGTERM in the middle of work: within 10 s, with status 0, and nothing is lost or doubled."""

from __future__ import annotations

import json
import time

import pytest

from hutong.events.ids import new_id
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

REPORTS = 1_000


def send(whole: Whole, count: int) -> list[str]:
    """Issue ids of so many reports, sent as one batch."""
    report = {"occurred_at": "2026-11-22T18:31:44+08:00", "body": "槐荫路自来水管爆裂，停水"}
    lines = [json.dumps({**report, "idempotency_key": new_id()}) for _ in range(count)]
    headers = {**whole.headers(), "Content-Type": "application/x-ndjson"}
    answer = whole.http.post(
        f"{whole.stack.intake_url}/v1/reports:batch", content="\n".join(lines), headers=headers
    )
    found = [json.loads(line) for line in answer.text.splitlines()]
    return [one["report"]["issue_id"] for one in found]


@pytest.mark.parametrize("service", ["intake", "router", "projections", "web"])
def test_a_service_that_is_told_to_stop_under_load(whole: Whole, service: str) -> None:
    places = whole.places()
    issue_ids = send(whole, REPORTS)
    started = time.monotonic()
    whole.stack.stop_child(service)
    seconds = time.monotonic() - started
    try:
        assert seconds < 10
        assert whole.stack.child(service).last_exit == 0
    finally:
        whole.stack.start_child(service)
    assert len(issue_ids) == REPORTS
    whole.wait(issue_ids)
    reports, issues = whole.settle(places, "reports-app")
    assert len(reports) == REPORTS
    assert {(one.key or b"").decode() for one in issues} == set(issue_ids)
    expected = {issue_id: ["applied", "applied"] for issue_id in issue_ids}
    assert whole.verdicts(issue_ids) == expected
