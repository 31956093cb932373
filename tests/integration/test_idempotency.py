"""One key is one issue: in parallel, at two intakes at once, and across a kill -9 in the middle."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from hutong.events.ids import derived_id, new_id
from tests.fixtures.intake_process import IntakeProcess
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

REPORT = {"occurred_at": "2026-11-22T18:31:44+08:00", "body": "槐荫路自来水管爆裂，停水"}
POSTS = 1_000
AT_ONCE = 100


async def _send_until_accepted(
    client: httpx.AsyncClient, urls: list[str], headers: dict[str, str]
) -> dict[str, Any]:
    """As a device does: whatever is no answer, or "not now", is sent again, here or there."""
    for url in itertools.cycle(urls):
        try:
            answer = await client.post(f"{url}/v1/reports", json=REPORT, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.05)
            continue
        if answer.status_code == 202:
            found: dict[str, Any] = answer.json()
            return found
        assert answer.status_code == 503, answer.text
        await asyncio.sleep(0.05)
    raise AssertionError("not reached")


def test_row_33_a_thousand_posts_at_two_intakes_one_of_which_is_killed(
    whole: Whole, tmp_path: Path
) -> None:
    """1,000 parallel posts of one key to two intakes, one of which is killed with -9 half-way.

    Gets: one issue id in every answer. The log may hold the report a few times, in the same bytes;
    the read models have one issue, and each of its events once.
    """
    key, places = new_id(), whole.places()
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (IntakeProcess(whole.stack.kafka, folder) for folder in folders)
    second.use_keys_of(first)
    headers = first.headers(key=key)

    async def send() -> list[dict[str, Any]]:
        gate, done = asyncio.Semaphore(AT_ONCE), 0
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:

            async def one(number: int) -> dict[str, Any]:
                nonlocal done
                urls = [first.url, second.url]
                async with gate:
                    answer = await _send_until_accepted(
                        client, urls[:: 1 - number % 2 * 2], headers
                    )
                done += 1
                return answer

            async def kill_half_way() -> None:
                while done < POSTS // 2:
                    await asyncio.sleep(0.001)
                first.kill()
                await asyncio.to_thread(first.start)

            answers, _ = await asyncio.gather(
                asyncio.gather(*map(one, range(POSTS))), kill_half_way()
            )
            return list(answers)

    first.start()
    second.start()
    try:
        answers = asyncio.run(send())
    finally:
        assert first.stop() == 0
        assert second.stop() == 0

    issue_id = derived_id("report", "app", key)
    assert len(answers) == POSTS
    assert {answer["issue_id"] for answer in answers} == {issue_id}

    reports, issues = whole.settle(places, "reports-app")
    assert 2 <= len(reports) <= 3  # once for each of the three memories, at most
    assert {record.key for record in [*reports, *issues]} == {issue_id.encode()}
    assert len({record.value for record in reports}) == 1
    assert len({answer["receipt"] for answer in answers}) == len(reports)

    # Each event as often in the log as there were repeats, and once for everybody else.
    events = Counter(record.event_id for record in issues)
    assert set(events.values()) == {len(reports)}
    timeline = whole.timeline(issue_id)
    assert [entry.name for entry in timeline] == ["IssueReported", "IssueDispatched"]
    assert {entry.event_id for entry in timeline} == set(events)
    assert {entry.verdict for entry in timeline} == {"applied"}
    for receipt in {answer["receipt"] for answer in answers}:
        found = whole.http.get(
            f"{whole.stack.intake_url}/v1/reports/{receipt}", headers=whole.headers()
        )
        assert (found.json()["issue_id"], found.json()["status"]) == (issue_id, "dispatched")


def test_row_30_a_hundred_keys_sent_four_times_each(whole: Whole, tmp_path: Path) -> None:
    """100 keys, each sent four times, to an intake that is killed with -9 in the middle.

    Gets: 100 issues, each with one history.
    """
    places = whole.places()
    intake = IntakeProcess(whole.stack.kafka, tmp_path).start()
    keys = [new_id() for _ in range(100)]

    async def send() -> set[str]:
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:
            posts = [
                asyncio.create_task(
                    _send_until_accepted(client, [intake.url], intake.headers(key=key))
                )
                for _ in range(4)
                for key in keys
            ]
            while sum(post.done() for post in posts) < 150:
                await asyncio.sleep(0.001)
            intake.kill()
            await asyncio.to_thread(intake.start)
            return {answer["issue_id"] for answer in await asyncio.gather(*posts)}

    try:
        sent = asyncio.run(send())
    finally:
        assert intake.stop() == 0
    assert sent == {derived_id("report", "app", key) for key in keys}
    reports, issues = whole.settle(places, "reports-app")
    assert {(record.key or b"").decode() for record in reports} == sent
    assert {(record.key or b"").decode() for record in issues} == sent
    assert len({record.value for record in reports}) == len(keys)
    whole.wait(sorted(sent))
    assert whole.verdicts(sent) == {issue_id: ["applied", "applied"] for issue_id in sent}
