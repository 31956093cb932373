"""What a department has done: in the same file as its outbox, so that both move together."""

from dataclasses import dataclass
from typing import Final

from hutong.events.orders import OrderIssued
from hutong.sdk.draft import Draft
from hutong.sdk.orders import Incoming
from hutong.sdk.outbox import Outbox
from hutong.sdk.store import Store

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS delivery (
    id TEXT PRIMARY KEY,
    attempts INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS position (
    source TEXT PRIMARY KEY,
    cursor TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS known_order (
    seq INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    issue_id TEXT NOT NULL,
    hop INTEGER NOT NULL,
    answers TEXT
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """What a reply to an order must say of it."""

    issue_id: str
    hop: int
    answers: str | None


class Inbox:
    """Positions, and what was done, by delivery id. Ids are kept for ever: 40 bytes an order."""

    def __init__(self, store: Store, source: str) -> None:
        self._store = store
        self._source = source
        store.make(_TABLES)

    def position(self) -> str | None:
        """The cursor after the last that was done; None before the first."""
        rows = self._store.execute("SELECT cursor FROM position WHERE source = ?", (self._source,))
        return str(rows[0][0]) if rows else None

    def is_done(self, delivery_id: str) -> bool:
        """Whether it was done."""
        sql = "SELECT 1 FROM delivery WHERE id = ? AND done = 1"
        return bool(self._store.execute(sql, (delivery_id,)))

    def begin(self, delivery_id: str) -> int:
        """Mark an attempt, before anything is done; its number, 1 for the first."""
        [[attempts]] = self._store.execute(
            "INSERT INTO delivery (id, attempts) VALUES (?, 1)"
            " ON CONFLICT (id) DO UPDATE SET attempts = attempts + 1 RETURNING attempts",
            (delivery_id,),
        )
        return int(attempts)

    def finish(self, incoming: Incoming, drafts: list[Draft], outbox: Outbox) -> None:
        """Keep that it is done, its replies and the new position: all or nothing."""
        with self._store.transaction():
            for draft in drafts:
                outbox.put(draft)
            self._store.execute("UPDATE delivery SET done = 1 WHERE id = ?", (incoming.id,))
            event = incoming.event
            if isinstance(event, OrderIssued):
                self._store.execute(
                    "INSERT OR REPLACE INTO known_order (order_id, issue_id, hop, answers)"
                    " VALUES (?, ?, ?, ?)",
                    (event.order_id, event.head.issue_id, event.hop, event.head.causation_id),
                )
            self._move(incoming.cursor)

    def pass_over(self, incoming: Incoming) -> None:
        """Move past one that was done before."""
        self._move(incoming.cursor)

    def order(self, order_id: str) -> KnownOrder | None:
        """What is known of an order that was handled here."""
        sql = "SELECT issue_id, hop, answers FROM known_order WHERE order_id = ?"
        rows = self._store.execute(sql, (order_id,))
        return KnownOrder(*rows[0]) if rows else None

    def orders(self) -> list[str]:
        """The ids of all orders that were handled, oldest first."""
        return [
            str(row[0])
            for row in self._store.execute("SELECT order_id FROM known_order ORDER BY seq")
        ]

    def _move(self, cursor: str) -> None:
        self._store.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (self._source, cursor))
