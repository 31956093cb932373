"""Relays what the projector put into the outbox to the topic `orders`, in its order."""

from typing import Final

from hutong.events.headers import CE_TYPE
from hutong.events.topics import ORDERS
from hutong.kafka.send import ConfirmedSender, OutRecord
from hutong.ops.failpoint import Failpoints
from hutong.ops.metrics import ProcessesMetrics
from hutong.store import Connection, outbox
from hutong.store.outbox import OutboxRow

#: Confirmed by the broker, still in the outbox: a kill here sends the same ids again.
SENT: Final = "orders-sent"


class Orders:
    """The process. A row leaves the outbox only when the broker has confirmed its record."""

    name: Final = "orders"

    def __init__(
        self,
        sender: ConfirmedSender,
        metrics: ProcessesMetrics,
        failpoints: Failpoints,
        *,
        most: int,
    ) -> None:
        self._sender = sender
        self._metrics = metrics
        self._failpoints = failpoints
        self._most = most

    def turn(self, connection: Connection) -> bool:
        """Relay the oldest rows."""
        rows = outbox.oldest(connection, self._most)
        if not rows:
            return False
        self._sender.send(map(_record, rows))
        self._failpoints.reach(SENT)
        outbox.remove(connection, [row.event_id for row in rows])
        for row in rows:
            self._metrics.sent.labels(self.name, row.name.rpartition(".")[2]).inc()
        return len(rows) == self._most

    def close(self) -> None:
        """Nothing of its own is open."""


def _record(row: OutboxRow) -> OutRecord:
    return OutRecord(ORDERS, row.issue_id.encode(), row.value, {CE_TYPE: row.name})
