"""A water company's system: signs for orders, sends a crew, reports the result.

    python examples/water_department.py FOLDER [--once]

Its own database is one SQLite file. An order, the mark that it was dealt with and the replies to it
are one transaction there, so that a power cut at any moment neither loses nor doubles a crew.
HUTONG_URL and HUTONG_KEY say where intake is; with HUTONG_KAFKA instead it reads its topic itself.
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hutong.sdk import (
    ActRefused,
    Client,
    Delivery,
    DepartmentConsumer,
    HttpOrders,
    KafkaOrders,
    KafkaTransport,
    OrderIssued,
    OrderWithdrawn,
    Reply,
)

DEPARTMENT = "water-co"
_TABLES = """
CREATE TABLE IF NOT EXISTS job (order_id TEXT PRIMARY KEY, subject TEXT, state TEXT);
CREATE TABLE IF NOT EXISTS hutong_done (id TEXT PRIMARY KEY, text TEXT);
"""


class Database:
    """The company's own database; also the `hutong.sdk.Ledger` of its consumer."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self.transaction() as connection:
            connection.executescript(_TABLES)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        connection = sqlite3.connect(self._file)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def find(self, transaction: sqlite3.Connection, delivery_id: str) -> str | None:
        """What was kept for a delivery."""
        sql = "SELECT text FROM hutong_done WHERE id = ?"
        row = transaction.execute(sql, (delivery_id,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, transaction: sqlite3.Connection, delivery_id: str, text: str) -> None:
        """Keep it."""
        transaction.execute("INSERT INTO hutong_done VALUES (?, ?)", (delivery_id, text))


def handle(delivery: Delivery, reply: Reply) -> None:
    """Deal with one thing that came."""
    jobs = delivery.transaction
    match delivery.event:
        case OrderIssued() as order:
            job = (order.order_id, order.subject)
            jobs.execute("INSERT OR REPLACE INTO job VALUES (?, ?, 'done')", job)
            if order.role == "lead":
                reply.accept(handler="王师傅")
                reply.respond(means="call", text="抢修人员已出发")
                reply.resolve(result="fixed", text="已修复并恢复供水")
            else:
                reply.note(text="协办：已关闭上游阀门")
        case OrderWithdrawn() as withdrawal:
            sql = "UPDATE job SET state = 'withdrawn' WHERE order_id = ?"
            jobs.execute(sql, (withdrawal.order_id,))
        case ActRefused() as refusal:
            print(f"未生效 without effect: {refusal.refused_id} {refusal.reason}")


def make(folder: Path) -> tuple[Client, DepartmentConsumer]:
    """The client that sends replies, and the consumer, by Kafka or by HTTPS."""
    ledger, outbox = Database(folder / "water.db"), folder / "hutong.db"
    if kafka := os.environ.get("HUTONG_KAFKA"):
        client = Client(outbox=outbox, transport=KafkaTransport(kafka, f"dept:{DEPARTMENT}"))
        return client, DepartmentConsumer(KafkaOrders(DEPARTMENT, kafka), client, ledger=ledger)
    url, key = os.environ["HUTONG_URL"], os.environ["HUTONG_KEY"]
    client = Client(url, key, outbox=outbox)
    return client, DepartmentConsumer(HttpOrders(DEPARTMENT, url, key), client, ledger=ledger)


def main(folder: str, once: bool) -> int:
    """Work until told to stop, or with ``once`` until nothing waits."""
    client, consumer = make(Path(folder))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: consumer.stop())
    with client, consumer:
        handled = consumer.run(handle, until_empty=once)
        left = client.flush(timeout=10)
        print(f"已处理 {handled} 件 handled, 待发回复 {left} 条 replies left")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--once" in sys.argv[2:]))
