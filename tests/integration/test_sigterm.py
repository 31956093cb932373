"""SIGTERM in the middle of work: within 10 s, with status 0, and nothing is lost or doubled."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from hutong.events.ids import new_id
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

REPORTS = 1_000
SENDERS = 3
_PAUSE = 0.02
#: Of each sender and reader before the service is told to stop, so that it is in the middle.
FIRST = 10
REPORT = {"occurred_at": "2026-11-22T18:31:44+08:00", "body": "槐荫路自来水管爆裂，停水"}


class Load:
    """Senders of single reports and readers of pages that go on until they are told to end.

    A sender tries each report under the same key until it is taken, as a client should.
    """

    def __init__(self, whole: Whole) -> None:
        self.issue_ids: list[str] = []
        self.pages = 0
        self.failures: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._whole = whole
        self._ending = threading.Event()
        jobs = [self._send] * SENDERS + [self._read]
        self._threads = [threading.Thread(target=job, daemon=True) for job in jobs]

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            self._until_under_way()
            yield
        finally:
            self._ending.set()
            for thread in self._threads:
                thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)

    def _until_under_way(self) -> None:
        until = time.monotonic() + 30
        while len(self.issue_ids) < FIRST * SENDERS or self.pages < FIRST:
            assert time.monotonic() < until, (self.failures, self.wrong)
            time.sleep(0.01)

    def _send(self) -> None:
        while not self._ending.is_set():
            key = new_id()
            while (answer := self._post(key)) is None:
                time.sleep(_PAUSE)
            if answer.status_code == 202:
                self.issue_ids.append(answer.json()["issue_id"])
            else:
                self.wrong.append(answer.text)
            time.sleep(_PAUSE)

    def _post(self, key: str) -> httpx.Response | None:
        """None when the same report has to be sent again."""
        try:
            answer = self._whole.post(REPORT, key=key)
        except httpx.TransportError:
            self.failures["intake"] += 1
            return None
        if answer.status_code == 503:
            self.failures["503"] += 1
            return None
        return answer

    def _read(self) -> None:
        while not self._ending.is_set():
            try:
                answer = self._whole.http.get(f"{self._whole.stack.web_url}/")
            except httpx.TransportError:
                self.failures["web"] += 1
                time.sleep(_PAUSE)
                continue
            self.pages += 1
            if answer.status_code != 200:
                self.wrong.append(f"{answer.status_code} {answer.text[:200]}")


def send(whole: Whole, count: int) -> list[str]:
    """Issue ids of so many reports, sent as one batch."""
    lines = [json.dumps({**REPORT, "idempotency_key": new_id()}) for _ in range(count)]
    headers = {**whole.headers(), "Content-Type": "application/x-ndjson"}
    answer = whole.http.post(
        f"{whole.stack.intake_url}/v1/reports:batch", content="\n".join(lines), headers=headers
    )
    found = [json.loads(line) for line in answer.text.splitlines()]
    return [one["report"]["issue_id"] for one in found]


@pytest.mark.parametrize("service", ["intake", "router", "projections", "processes", "web"])
def test_a_service_that_is_told_to_stop_under_load(whole: Whole, service: str) -> None:
    places = whole.places()
    load = Load(whole)
    issue_ids = send(whole, REPORTS)
    with load.running():
        taken, pages = len(load.issue_ids), load.pages
        started = time.monotonic()
        whole.stack.stop_child(service)
        seconds = time.monotonic() - started
        try:
            assert seconds < 10
            assert whole.stack.child(service).last_exit == 0
        finally:
            whole.stack.start_child(service)
    assert load.wrong == []
    # Only what was stopped was out of reach, and afterwards all went on.
    assert set(load.failures) <= {service, "503"}
    assert load.failures[service] > 0 or service in {"router", "projections", "processes"}
    assert len(load.issue_ids) > taken
    assert load.pages > pages

    assert len(issue_ids) == REPORTS
    issue_ids += load.issue_ids
    whole.wait(issue_ids)
    reports, issues = whole.settle(places, "reports-app")
    # A report whose answer was cut off is in the log once more, under the same issue.
    assert 0 <= len(reports) - len(issue_ids) <= load.failures.total()
    assert {(one.key or b"").decode() for one in issues} == set(issue_ids)
    expected = {issue_id: ["applied", "applied"] for issue_id in issue_ids}
    assert whole.verdicts(issue_ids) == expected
