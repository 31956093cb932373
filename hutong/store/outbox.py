"""Events that wait to leave for the topic `orders`, in the order in which they must leave.

They are added in the transaction that moves the states they follow from, so neither is there
without the other, and removed when the broker has confirmed them. Whoever dies in between sends
them again: the ids are the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from hutong.store.connection import Connection


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event: its id, its issue (the record's key), its Avro full name, its framed bytes."""

    event_id: str
    issue_id: str
    name: str
    value: bytes


def add(connection: Connection, rows: Iterable[OutboxRow]) -> None:
    """Append, in the caller's transaction; an event that waits already is not added again."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO outbox (event_id, issue_id, name, value) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (event_id) DO NOTHING",
            [(row.event_id, row.issue_id, row.name, row.value) for row in rows],
        )


def oldest(connection: Connection, limit: int) -> list[OutboxRow]:
    """The next to leave, at most ``limit``. Those of one issue are in the order of its history."""
    with connection.cursor(row_factory=class_row(OutboxRow)) as cursor:
        return cursor.execute(
            "SELECT event_id, issue_id, name, value FROM outbox ORDER BY number LIMIT %s", [limit]
        ).fetchall()


def remove(connection: Connection, event_ids: Sequence[str]) -> None:
    """Take out what the broker has confirmed, in the caller's transaction."""
    connection.execute("DELETE FROM outbox WHERE event_id = ANY(%s)", [list(event_ids)])
