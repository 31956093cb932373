"""A city to try a department's handler in: it plays orders, repeats them, and keeps the replies."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hutong.events.base import Event
from hutong.sdk.client import Client
from hutong.sdk.department import Delivery, DepartmentConsumer, Handler, Ledger
from hutong.sdk.http import Api, HttpTransport
from hutong.sdk.orders import HttpOrders, OrderEvent
from hutong.sdk.reply import Reply
from hutong.sdk.testing.memory import MemoryIntake

_URL: Final = "https://intake.sandbox"
_KEY: Final = "hk_sandbox"
_FLUSH_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a script: deliveries as the handler got them, replies as the city got them."""

    deliveries: list[Delivery] = field(default_factory=list)
    replies: list[Event] = field(default_factory=list)

    def replies_to(self, issue_id: str) -> list[str]:
        """The names of the events that were said of an issue, in order."""
        return [type(e).__name__ for e in self.replies if e.head.issue_id == issue_id]


class Sandbox:
    """A city in memory with one department.

    Args:
        department: its code.
        ledger: as for `DepartmentConsumer`.
    """

    def __init__(self, department: str, *, ledger: Ledger | None = None) -> None:
        self.department = department
        self.intake = MemoryIntake({_KEY: f"dept:{department}"})
        self._ledger = ledger
        self._folder = TemporaryDirectory(prefix="hutong-sandbox-")
        self._played = Played()

    def play(
        self, handler: Handler, script: Iterable[OrderEvent], *, repeat: bool = True
    ) -> Played:
        """Deliver a script to the handler, and with ``repeat`` all of it once more, as a router
        does after a crash: a good handler notices nothing. What the handler raises comes out, and
        the next `play` begins with the order at which it did.
        """
        events = list(script)
        for event in events * (2 if repeat else 1):
            self.intake.issue_order(self.department, event)

        def seen(delivery: Delivery, reply: Reply) -> None:
            self._played.deliveries.append(delivery)
            handler(delivery, reply)

        api = Api(_URL, _KEY, self.intake)
        outbox = Path(self._folder.name) / "department.db"
        transport = HttpTransport(api)
        with Client(_URL, _KEY, outbox=outbox, api=api, transport=transport) as client:
            source = HttpOrders(self.department, _URL, _KEY, api=Api(_URL, _KEY, self.intake))
            with DepartmentConsumer(source, client, ledger=self._ledger) as consumer:
                consumer.run(seen, until_empty=True)
            client.flush(timeout=_FLUSH_SECONDS)
        self._played.replies[:] = self.intake.effects
        return self._played

    def close(self) -> None:
        """Remove what it kept."""
        self._folder.cleanup()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
