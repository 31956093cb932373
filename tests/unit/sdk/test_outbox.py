"""The outbox by itself: order, leases, deadlines, dead messages, full disks, clocks that jump."""

from __future__ import annotations

import json
import random
import threading
from pathlib import Path

import pytest

from hutong.sdk import (
    DiskFullError,
    InvalidError,
    Outbox,
    OutboxError,
    Problem,
    Reporter,
    State,
    new_id,
)
from hutong.sdk.draft import Draft, act_draft, draft_of, event_of, report_draft
from hutong.sdk.outcome import Later, Message, Refused, Taken
from hutong.sdk.retry import MOST_ASKED_SECONDS, asked_for, jittered
from hutong.sdk.store import Store

BAD = Problem("invalid-report", "内容有误。", "Not valid.", 400, "r-1")
AWAY = Problem("no-connection", "连接不上。", "No connection.")
NOW = 1_795_343_504_000
HOUR = 3_600_000


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(tmp_path: Path, clock: Clock) -> Outbox:
    return Outbox(tmp_path / "o.db", clock=clock, random_=random.Random(1))


def report(text: str = "路灯不亮") -> Draft:
    return report_draft(event_id=None, occurred_at=None, fields={"body": text})


def note(issue_id: str, text: str = "已到现场") -> Draft:
    return act_draft(
        "note",
        issue_id,
        event_id=None,
        occurred_at=None,
        by=None,
        answers=None,
        fields={"text": text},
    )


def ids(messages: list[Message]) -> list[str]:
    return [message.event_id for message in messages]


def test_one_of_an_issue_at_a_time_and_others_are_not_held_up(outbox: Outbox) -> None:
    first = report()
    second, third = note(first.issue_id), note(first.issue_id)
    other = report()
    for draft in (first, second, third, other):
        outbox.put(draft)
    claimed = outbox.claim(10)
    assert ids(claimed) == [first.event_id, other.event_id]
    outbox.settle([(claimed[0], Later(AWAY)), (claimed[1], Taken({"receipt": "1"}))])
    assert outbox.claim(10) == []  # the first waits, and what comes after it with it
    held = outbox.receipt(third.event_id)
    assert held is not None
    assert held.held_by == first.event_id


def test_accepted_ones_free_the_next_of_their_issue(outbox: Outbox) -> None:
    first = report()
    second = note(first.issue_id)
    outbox.put(first)
    outbox.put(second)
    outbox.settle((m, Taken({})) for m in outbox.claim(10))
    assert ids(outbox.claim(10)) == [second.event_id]


def test_what_is_claimed_is_nobody_elses_until_the_lease_is_over(
    outbox: Outbox, clock: Clock, tmp_path: Path
) -> None:
    draft = report()
    outbox.put(draft)
    other = Outbox(tmp_path / "o.db", clock=clock)
    assert ids(outbox.claim(10)) == [draft.event_id]
    assert other.claim(10) == []
    clock.now += 60_001
    [late] = other.claim(10)
    assert late.attempts == 2


def test_who_lost_the_lease_may_say_taken_and_nothing_else(
    outbox: Outbox, clock: Clock, tmp_path: Path
) -> None:
    draft = report()
    outbox.put(draft)
    other = Outbox(tmp_path / "o.db", clock=clock)
    [old] = outbox.claim(1)
    clock.now += 60_001
    [new] = other.claim(1)
    outbox.settle([(old, Refused(BAD))])
    assert state(other, draft) is State.QUEUED
    outbox.settle([(old, Taken({"receipt": "1"}))])
    other.settle([(new, Later(AWAY))])
    assert state(other, draft) is State.ACCEPTED


def state(outbox: Outbox, draft: Draft) -> State:
    found = outbox.receipt(draft.event_id)
    assert found is not None
    return found.state


def test_two_threads_never_claim_the_same(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    with_all = Outbox(path)
    for _ in range(60):
        with_all.put(report())
    claimed: list[str] = []

    def claim() -> None:
        outbox = Outbox(path)
        while found := outbox.claim(3):
            claimed.extend(ids(found))

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 60


def test_waits_grow_and_are_all_random() -> None:
    drawn = random.Random(2)
    bounds = [max(jittered(attempts, drawn) for _ in range(2_000)) for attempts in range(1, 15)]
    assert bounds[0] == pytest.approx(0.5, rel=0.01)
    assert bounds[1] == pytest.approx(1.0, rel=0.01)
    assert bounds[-1] == pytest.approx(300, rel=0.01)
    assert min(jittered(10, drawn) for _ in range(2_000)) < 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("5", 5.0),
        ("soon", None),
        ("99999999", MOST_ASKED_SECONDS),
        ("Sun, 22 Nov 2026 10:32:44 GMT", 60.0),
        ("Sun, 22 Nov 2026 10:30:44 GMT", 0.0),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    assert asked_for(header, NOW / 1000) == seconds


def test_a_retry_after_is_waited_for(outbox: Outbox, clock: Clock) -> None:
    draft = report()
    outbox.put(draft)
    [message] = outbox.claim(1)
    outbox.settle([(message, Later(AWAY, after=120))])
    clock.now += 119_000
    assert outbox.claim(1) == []
    assert outbox.next_due() == pytest.approx(1.0, abs=0.5)
    clock.now += 1_000
    assert ids(outbox.claim(1)) == [draft.event_id]


@pytest.mark.parametrize("jump", [-400 * 24 * HOUR, -2 * HOUR, 2 * HOUR, 400 * 24 * HOUR])
def test_a_clock_that_jumps_holds_nothing_back(outbox: Outbox, clock: Clock, jump: int) -> None:
    draft, leased = report(), report()
    outbox.put(draft)
    [message] = outbox.claim(1)
    outbox.settle([(message, Later(AWAY, after=3_000))])
    outbox.put(leased)
    assert ids(outbox.claim(2)) == [leased.event_id]
    clock.now += jump
    assert outbox.next_due() == 0.0  # nor does the sender sleep until then
    assert ids(outbox.claim(2)) == [draft.event_id, leased.event_id]


def test_dead_ones_say_why_hold_their_issue_and_can_be_mended(outbox: Outbox) -> None:
    first = report_draft(event_id=None, occurred_at=None, fields={"body": "x", "area": "nowhere"})
    second, other = note(first.issue_id), report()
    for draft in (first, second, other):
        outbox.put(draft)
    refused, taken = outbox.claim(10)
    outbox.settle([(refused, Refused(BAD)), (taken, Taken({}))])
    dead = outbox.receipt(first.event_id)
    assert dead is not None
    assert (dead.state, dead.problem) == (State.DEAD, BAD)
    assert outbox.claim(10) == []
    assert outbox.waiting() == 0  # nobody needs to wait for what a person must mend

    mended = draft_of(
        first.event_id, first.issue_id, first.verb, {**json.loads(first.body), "area": "east"}
    )
    assert outbox.requeue(first.event_id, mended)
    assert not outbox.requeue(other.event_id)
    [again] = outbox.claim(10)
    assert json.loads(again.body)["area"] == "east"
    outbox.settle([(again, Taken({}))])
    assert ids(outbox.claim(10)) == [second.event_id]


def test_a_mended_one_is_checked_too() -> None:
    draft = report()
    with pytest.raises(InvalidError):
        draft_of(draft.event_id, draft.issue_id, draft.verb, {"event_id": draft.event_id})
    with pytest.raises(InvalidError):
        draft_of(draft.event_id, draft.issue_id, draft.verb, {"event_id": new_id()})


def test_what_is_given_up_frees_the_next(outbox: Outbox) -> None:
    first = report()
    second = note(first.issue_id)
    outbox.put(first)
    outbox.put(second)
    assert not outbox.discard(first.event_id)
    outbox.settle((m, Refused(BAD)) for m in outbox.claim(1))
    assert outbox.discard(first.event_id)
    assert ids(outbox.claim(10)) == [second.event_id]


def test_a_full_disk_is_told_and_what_was_kept_stays(outbox: Outbox) -> None:
    kept = [outbox.put(report("长" * 500)) for _ in range(5)]
    [[pages]] = outbox.store.execute("PRAGMA page_count")
    outbox.store.limit_pages(pages)

    def fill() -> None:
        while True:
            kept.append(outbox.put(report("长" * 500)))

    with pytest.raises(DiskFullError) as caught:
        fill()
    assert caught.value.zh
    assert {r.event_id for r in outbox.receipts()} == {r.event_id for r in kept}
    outbox.store.limit_pages(1_000_000)
    outbox.put(report())


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "o.db").write_bytes(b"not a database, but long enough to be read as one" * 50)
    with pytest.raises(OutboxError) as caught:
        Outbox(tmp_path / "o.db")
    assert "o.db" in caught.value.en
    with pytest.raises(OutboxError):
        Outbox(tmp_path / "no" / "folder" / "o.db")


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path / "o.db").execute("PRAGMA user_version = 99")
    with pytest.raises(OutboxError, match="newer"):
        Outbox(tmp_path / "o.db")


def test_the_file_is_for_its_owner_alone(outbox: Outbox) -> None:
    outbox.put(report())
    for file in outbox.store.path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_receipts_are_kept_for_a_week(outbox: Outbox, clock: Clock) -> None:
    done, waiting = report(), report()
    outbox.put(done)
    outbox.settle((m, Taken({})) for m in outbox.claim(1))
    outbox.put(waiting)
    assert outbox.forget() == 0
    clock.now += 8 * 24 * HOUR
    assert outbox.forget() == 1
    assert outbox.receipt(done.event_id) is None
    assert outbox.receipt(waiting.event_id) is not None


def test_large_bodies_are_claimed_a_few_at_a_time(outbox: Outbox) -> None:
    drafts = [report("长" * 10_000) for _ in range(150)]
    for draft in drafts:
        outbox.put(draft)
    first = outbox.claim(200)
    assert 1 < len(first) < 150
    second = outbox.claim(200)
    assert ids(first) + ids(second) == [d.event_id for d in drafts[: len(first) + len(second)]]
    assert {m.attempts for m in second} == {1}


def test_an_identity_is_checked_here_and_goes_to_intake_alone() -> None:
    named = report_draft(
        event_id=None,
        occurred_at=None,
        fields={"body": "路灯不亮", "reporter": Reporter(phone="13000000000")},
    )
    with pytest.raises(InvalidError) as refused:
        event_of(named, "channel:hotline")
    assert refused.value.faults[0].code == "identity_not_taken"
    body = {**json.loads(named.body), "reporter": {"phone": 1, "age": 3}}
    with pytest.raises(InvalidError) as wrong:
        draft_of(named.event_id, named.issue_id, named.verb, body)
    assert {fault.field for fault in wrong.value.faults} == {"reporter.phone", "reporter.age"}
