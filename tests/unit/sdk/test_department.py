"""A department's inbox: each order once, in order; replies leave when the work is done."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hutong.events.orders import ActRefused, OrderIssued, OrderWithdrawn
from hutong.sdk import (
    Client,
    Delivery,
    DepartmentConsumer,
    HttpOrders,
    HutongError,
    Reply,
    RetryLater,
    State,
    retry,
)
from hutong.sdk.department import Handler, Ledger
from hutong.sdk.http import Api, HttpTransport
from hutong.sdk.testing import MemoryIntake, example_order, example_refusal, example_withdrawal
from tests.unit.sdk.conftest import URL

WATER = "water-co"
KEY = "hk_water-secret-of-a-test"


@pytest.fixture
def city() -> MemoryIntake:
    return MemoryIntake({KEY: f"dept:{WATER}"})


class Desk:
    """A department's system on one machine: its file stays, its processes come and go."""

    def __init__(self, city: MemoryIntake, folder: Path, ledger: Ledger | None = None) -> None:
        self._city = city
        self._file = folder / "department.db"
        self._ledger = ledger

    @contextmanager
    def process(self) -> Iterator[DepartmentConsumer]:
        api = Api(URL, KEY, self._city)
        with Client(URL, KEY, outbox=self._file, api=api, transport=HttpTransport(api)) as client:
            source = HttpOrders(WATER, URL, KEY, api=Api(URL, KEY, self._city))
            with DepartmentConsumer(source, client, ledger=self._ledger) as consumer:
                yield consumer
            client.flush(timeout=5)

    def run(self, handler: Handler) -> int:
        """What a process handles until nothing waits; what it raises comes out."""
        with self.process() as consumer:
            return consumer.run(handler, until_empty=True)


@pytest.fixture
def desk(city: MemoryIntake, tmp_path: Path) -> Desk:
    return Desk(city, tmp_path)


def said(city: MemoryIntake) -> list[tuple[str, dict[str, Any]]]:
    return [(type(event).__name__, event.to_body()) for event in city.effects]


def test_orders_come_in_order_and_replies_name_what_they_answer(
    city: MemoryIntake, desk: Desk
) -> None:
    orders = [example_order(WATER, subject=f"第{n}件") for n in range(3)]
    for order in orders:
        city.issue_order(WATER, order)
    seen: list[str] = []

    def handle(delivery: Delivery, reply: Reply) -> None:
        assert isinstance(delivery.event, OrderIssued)
        assert (delivery.redelivered, delivery.attempt) == (False, 1)
        seen.append(delivery.event.subject)
        reply.accept(handler="王师傅")

    assert desk.run(handle) == 3
    assert seen == ["第0件", "第1件", "第2件"]
    for (name, body), order in zip(said(city), orders, strict=True):
        assert (name, body["hop"], body["handler"]) == ("IssueAccepted", 1, "王师傅")
        assert body["head"]["issue_id"] == order.head.issue_id
        assert body["head"]["causation_id"] == order.head.causation_id


def test_the_next_process_goes_on_where_the_last_one_stopped(
    city: MemoryIntake, desk: Desk
) -> None:
    seen: list[str] = []

    def handle(delivery: Delivery, reply: Reply) -> None:
        seen.append(delivery.id)

    for _ in range(3):
        city.issue_order(WATER, example_order(WATER))
        assert desk.run(handle) == 1
    assert len(set(seen)) == 3


def test_an_order_that_comes_twice_is_done_once(city: MemoryIntake, desk: Desk) -> None:
    order = example_order(WATER)
    again = example_order(
        WATER, order_id=order.order_id, hop=2, head=order.head.model_dump()
    )  # another hop is another order
    for each in (order, order, again, order, again):
        city.issue_order(WATER, each)
    seen: list[str] = []
    assert desk.run(lambda delivery, _: seen.append(delivery.id)) == 2
    assert seen == [f"{order.order_id}/1", f"{order.order_id}/2"]


def test_a_handler_that_fails_stops_it_and_gets_the_same_again(
    city: MemoryIntake, desk: Desk
) -> None:
    city.issue_order(WATER, example_order(WATER))
    marks: list[tuple[bool, int]] = []

    def handle(delivery: Delivery, reply: Reply) -> None:
        marks.append((delivery.redelivered, delivery.attempt))
        reply.accept()
        if len(marks) < 3:
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            desk.run(handle)
        assert said(city) == []  # of a handler that raises, no reply leaves
    assert desk.run(handle) == 1
    assert marks == [(False, 1), (True, 2), (True, 3)]
    assert len(said(city)) == 1


def test_not_now_is_tried_again_by_itself(
    city: MemoryIntake, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_SECONDS", 0.001)
    city.issue_order(WATER, example_order(WATER))
    attempts: list[int] = []

    def handle(delivery: Delivery, reply: Reply) -> None:
        attempts.append(delivery.attempt)
        if len(attempts) < 4:
            raise RetryLater("the department's database is away")

    assert desk.run(handle) == 1
    assert attempts == [1, 2, 3, 4]


def test_withdrawals_and_refusals_come_too(city: MemoryIntake, desk: Desk) -> None:
    order = example_order(WATER)
    for event in (order, example_withdrawal(order), example_refusal(order, "not-the-lead")):
        city.issue_order(WATER, event)
    kinds: list[type] = []
    desk.run(lambda delivery, _: kinds.append(type(delivery.event)))
    assert kinds == [OrderIssued, OrderWithdrawn, ActRefused]


def test_a_reply_may_come_days_later(city: MemoryIntake, desk: Desk) -> None:
    order = example_order(WATER)
    city.issue_order(WATER, order)
    desk.run(lambda *_: None)
    with desk.process() as consumer:
        consumer.reply_to(order.order_id).resolve(result="fixed", text="已修好")
        with pytest.raises(KeyError):
            consumer.reply_to("another")
    [(name, body)] = said(city)
    assert (name, body["hop"], body["result"]) == ("IssueResolved", 1, "fixed")


class DepartmentDatabase:
    """`Ledger` in a department's own database, with its own table of work beside it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self.transaction() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS work (order_id TEXT)")
            connection.execute("CREATE TABLE IF NOT EXISTS done (id TEXT PRIMARY KEY, text TEXT)")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def find(self, transaction: sqlite3.Connection, delivery_id: str) -> str | None:
        sql = "SELECT text FROM done WHERE id = ?"
        row = transaction.execute(sql, (delivery_id,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, transaction: sqlite3.Connection, delivery_id: str, text: str) -> None:
        transaction.execute("INSERT INTO done VALUES (?, ?)", (delivery_id, text))

    def work(self) -> list[str]:
        with self.transaction() as connection:
            return [row[0] for row in connection.execute("SELECT order_id FROM work")]


class PowerCutError(Exception):
    pass


def test_with_a_ledger_work_and_replies_happen_exactly_once(
    city: MemoryIntake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = DepartmentDatabase(tmp_path / "own.db")
    desk = Desk(city, tmp_path, database)
    order = example_order(WATER)
    city.issue_order(WATER, order)

    def handle(delivery: Delivery, reply: Reply) -> None:
        sql = "INSERT INTO work VALUES (?)"
        assert isinstance(delivery.event, OrderIssued)
        delivery.transaction.execute(sql, (delivery.event.order_id,))
        reply.accept()

    def cut(*_: object) -> None:
        raise PowerCutError

    # Between the department's commit and ours.
    with monkeypatch.context() as patch:
        patch.setattr("hutong.sdk.inbox.Inbox.finish", cut)
        with pytest.raises(PowerCutError):
            desk.run(handle)
    assert database.work() == [order.order_id]
    assert said(city) == []

    def never(delivery: Delivery, reply: Reply) -> None:
        raise AssertionError("done already")

    assert desk.run(never) == 1
    assert database.work() == [order.order_id]
    assert [name for name, _ in said(city)] == ["IssueAccepted"]


def test_with_a_ledger_a_failed_handler_leaves_nothing(city: MemoryIntake, tmp_path: Path) -> None:
    database = DepartmentDatabase(tmp_path / "own.db")
    city.issue_order(WATER, example_order(WATER))

    def handle(delivery: Delivery, reply: Reply) -> None:
        delivery.transaction.execute("INSERT INTO work VALUES ('x')")
        raise PowerCutError

    with pytest.raises(PowerCutError):
        Desk(city, tmp_path, database).run(handle)
    assert database.work() == []


def test_it_waits_while_intake_is_down_and_stops_when_told(
    city: MemoryIntake, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_SECONDS", 0.001)
    city.down = True
    seen = threading.Event()
    with desk.process() as consumer:
        working = threading.Thread(target=consumer.run, args=(lambda *_: seen.set(),))
        working.start()
        assert not seen.wait(0.1)
        assert consumer.health().running
        city.down = False
        city.issue_order(WATER, example_order(WATER))
        assert seen.wait(10)
        consumer.stop()
        working.join(10)
        health = consumer.health()
    assert (health.running, health.handled, health.failing) == (False, 1, "")


def test_an_order_that_cannot_be_read_stops_it(city: MemoryIntake, desk: Desk) -> None:
    city.issue_order(WATER, example_withdrawal(example_order(WATER)))
    city.orders[WATER] += city.orders[WATER]
    city.foreign_events = True
    with pytest.raises(HutongError) as caught:
        desk.run(lambda *_: None)
    assert caught.value.code == "strange-order"


def test_health_says_what_waits_and_what_was_refused(city: MemoryIntake, desk: Desk) -> None:
    city.issue_order(WATER, example_order(WATER))
    city.issue_order(WATER, example_order(WATER))
    with desk.process() as consumer:

        def handle(delivery: Delivery, reply: Reply) -> None:
            reply.resolve(result="fixed")
            city.keys[KEY] = "channel:app"  # which may resolve nothing
            consumer.stop()

        consumer.run(handle)
        [receipt] = consumer.client.outbox.receipts()
        assert consumer.client.wait(receipt, timeout=5).state is State.DEAD
        health = consumer.health()
    assert (health.handled, health.dead_replies, health.lag) == (1, 1, 1)
