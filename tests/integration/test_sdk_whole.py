"""The SDK on the whole stack: an app reports, a department system signs and resolves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hutong.events.orders import OrderIssued
from hutong.sdk import Client, DepartmentConsumer, HttpOrders, KafkaOrders, KafkaTransport, State
from hutong.sdk.department import Delivery
from hutong.sdk.http import Api
from hutong.sdk.orders import OrderSource
from hutong.sdk.reply import Reply
from hutong.sdk.testing import suite
from tests.fixtures.names import unique_topic
from tests.fixtures.router_process import wait_until
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

WATER = "water-co"
BURST = "槐荫路自来水管爆裂，停水"


def key(whole: Whole, who: str) -> str:
    return whole.headers(who)["X-API-Key"]


@pytest.mark.parametrize("way", ["http", "kafka"])
def test_from_a_report_to_its_result(whole: Whole, tmp_path: Path, way: str) -> None:
    url = whole.stack.intake_url
    app = Client(url, key(whole, "app"), outbox=tmp_path / "app.db")
    department = make_department(whole, tmp_path, way)
    seen: list[str] = []
    with app, department.client, department.consumer as consumer:
        receipt = app.wait(app.report_issue(body=BURST, area="east"), timeout=30)
        assert receipt.state is State.ACCEPTED

        def handle(delivery: Delivery, reply: Reply) -> None:
            event = delivery.event
            if isinstance(event, OrderIssued) and event.head.issue_id == receipt.issue_id:
                seen.append(delivery.id)
                reply.accept(handler="王师傅")
                reply.respond(means="call")
                reply.resolve(result="fixed", text="已恢复供水")

        working = threading.Thread(target=consumer.run, args=(handle,))
        working.start()
        wait_until(lambda: status(whole, receipt.issue_id) == "resolved", 60, lambda: str(seen))
        consumer.stop()
        working.join(30)
        assert len(seen) == 1
        routed = app.refresh(receipt)
        assert (routed.state, routed.status) == (State.ROUTED, "resolved")
        rated = app.wait(app.rate(receipt.issue_id, resolved=True, stars=5), timeout=30)
        wait_until(lambda: app.refresh(rated).state is State.ROUTED, 30, lambda: "not judged")
        assert app.refresh(rated).status == "applied"
        assert consumer.health().dead_replies == 0
    verdicts = whole.verdicts([receipt.issue_id])[receipt.issue_id]
    assert set(verdicts) == {"applied"}


class Department:
    def __init__(self, client: Client, source: OrderSource) -> None:
        self.client = client
        self.consumer = DepartmentConsumer(source, client)


def make_department(whole: Whole, folder: Path, way: str) -> Department:
    outbox = folder / "department.db"
    if way == "http":
        url, secret = whole.stack.intake_url, key(whole, f"dept:{WATER}")
        client = Client(url, secret, outbox=outbox)
        return Department(client, HttpOrders(WATER, url, secret))
    kafka = whole.stack.kafka
    client = Client(outbox=outbox, transport=KafkaTransport(kafka, f"dept:{WATER}"))
    return Department(client, KafkaOrders(WATER, kafka, group=unique_topic("dept")))


def status(whole: Whole, issue_id: str) -> str:
    answer = whole.http.get(
        f"{whole.stack.intake_url}/v1/issues/{issue_id}", headers=whole.headers("app")
    )
    return str(answer.json().get("status"))


def test_the_real_intake_passes_the_suite(whole: Whole) -> None:
    url = whole.stack.intake_url
    with_key, without = Api(url, key(whole, "app")), Api(url, "hk_of-nobody")
    sends = suite.sends_of(with_key, without)
    assert {check.code: why for check, why in suite.run(sends) if why} == {}
    with_key.close()
    without.close()


def test_orders_are_for_their_department_alone(whole: Whole) -> None:
    path = f"{whole.stack.intake_url}/v1/departments/{WATER}/orders"
    ask: Callable[[str, str], int] = lambda who, query: (  # noqa: E731
        whole.http.get(f"{path}{query}", headers=whole.headers(who)).status_code
    )
    for _ in range(3):
        assert ask(f"dept:{WATER}", "") == 200
    assert ask("dept:housing", "") == 403
    assert ask("desk", "") == 403
    assert ask(f"dept:{WATER}", "?after=999999999") == 400
