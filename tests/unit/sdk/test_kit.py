"""The testing kit, as an app's own tests use it."""

from __future__ import annotations

import httpx

from hutong.sdk import Client, Delivery, OrderIssued, OrderWithdrawn, Reply, State
from hutong.sdk.testing import (
    Chances,
    ChaosTransport,
    MemoryIntake,
    Sandbox,
    exam,
    example_order,
    example_withdrawal,
)

pytest_plugins = ["hutong.sdk.testing.fixtures"]


def test_the_fixtures_work_together(hutong_client: Client, hutong_intake: MemoryIntake) -> None:
    receipt = hutong_client.wait(hutong_client.report_issue(body="路灯不亮"), timeout=5)
    assert receipt.state is State.ACCEPTED
    assert [event.head.event_id for event in hutong_intake.effects] == [receipt.event_id]


def test_a_sandbox_plays_a_script_and_repeats_it(hutong_sandbox: Sandbox) -> None:
    one, two = example_order("water-co"), example_order("water-co")
    open_orders: set[str] = set()

    def handle(delivery: Delivery, reply: Reply) -> None:
        match delivery.event:
            case OrderIssued() as order:
                open_orders.add(order.order_id)
                reply.accept()
            case OrderWithdrawn() as withdrawal:
                open_orders.discard(withdrawal.order_id)

    played = hutong_sandbox.play(handle, [one, two, example_withdrawal(one)])
    assert open_orders == {two.order_id}
    assert len(played.deliveries) == 3
    assert played.replies_to(one.head.issue_id) == ["IssueAccepted"]
    later = example_order("water-co")
    assert hutong_sandbox.play(handle, [later]).replies_to(later.head.issue_id)


def answering(calls: list[str]) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return httpx.Response(202, json={"n": len(calls)})

    return httpx.MockTransport(answer)


def send(chances: Chances, count: int, seed: int = 1) -> tuple[list[str], int, ChaosTransport]:
    """What arrived, how many answers came, and the network."""
    calls: list[str] = []
    network = ChaosTransport(answering(calls), chances, seed=seed, sleep=lambda _: None)
    answered = 0
    with httpx.Client(transport=network) as client:
        for number in range(count):
            try:
                client.get(f"https://x/{number}")
                answered += 1
            except httpx.TransportError:
                continue
    return calls, answered, network


def test_each_fault_of_the_network_does_what_its_name_says() -> None:
    assert send(Chances(drop=1), 3)[:2] == ([], 0)
    assert send(Chances(cut=1), 3)[:2] == (["/0", "/1", "/2"], 0)
    assert send(Chances(duplicate=1), 2)[:2] == (["/0", "/0", "/1", "/1"], 2)
    assert send(Chances(reorder=1), 3)[:2] == (["/0", "/1", "/0", "/2", "/1"], 3)
    assert send(Chances(delay=1), 2)[2].counts["delay"] == 2


def test_the_same_seed_gives_the_same_faults() -> None:
    bad = Chances(drop=0.3, cut=0.3, duplicate=0.3, reorder=0.3)
    first, again, other = (send(bad, 60, seed)[0] for seed in (5, 5, 6))
    assert first == again != other


class Vendor:
    """A client of another make, honest or not."""

    def __init__(self, examined: exam.Exam, now: list[float]) -> None:
        self.examined = examined
        self.now = now

    def post(self, event_id: str | None, text: str = "路灯不亮") -> int | None:
        named = f'"event_id": "{event_id}", ' if event_id else ""
        body = f'{{{named}"occurred_at": "2026-11-22T18:31:44+08:00", "body": "{text}"}}'
        headers = {"x-api-key": exam.KEY, "content-type": "application/json"}
        found = self.examined.answer("POST", "/v1/reports", headers, body.encode())
        return None if found is None else found[0]


IDS = [f"00000000-0000-7000-8000-00000000000{n}" for n in range(6)]


def run(
    *, wait: float = 2.0, again: bool = True, same: bool = True, named: bool = True
) -> set[str]:
    """The codes of what an examined client did wrong."""
    now = [0.0]
    examined = exam.Exam(lambda: now[0])
    client = Vendor(examined, now)
    for event_id in IDS:
        status = client.post(event_id if named else None)
        if status != 202 and again:
            now[0] += wait
            client.post(event_id, "路灯不亮" if same else "别的")
    return {mark.code for mark in examined.marks(len(IDS)) if mark.why}


def test_a_good_client_passes_its_exam_and_a_bad_one_does_not() -> None:
    assert run() == set()
    assert run(wait=0.1) == {"waits"}
    assert run(again=False) == {"repeats", "all"}
    assert run(same=False) == {"same"}
    assert run(named=False) == {"names"}
