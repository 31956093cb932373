"""A department's inbox: orders come in order, each is done once, replies leave by the outbox."""

import json
import logging
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from hutong.events.orders import ActRefused, OrderIssued, OrderWithdrawn
from hutong.ops.failpoint import Failpoints
from hutong.sdk.client import Client
from hutong.sdk.draft import Draft
from hutong.sdk.errors import ApiError, UnavailableError
from hutong.sdk.inbox import Inbox
from hutong.sdk.orders import Incoming, OrderSource
from hutong.sdk.reply import Reply
from hutong.sdk.retry import jittered

#: Longest that a poll waits, and so how long a stop may take where no order is being handled.
_POLL_SECONDS: Final = 1.0

_log = logging.getLogger("hutong.sdk")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that came, to be done once. What it says is not shown.

    ``id`` is the same whenever and however often it comes. ``redelivered``: it came before, and may
    or may not have been done; look whether you have it. ``transaction`` is what your ledger's
    transaction gave.
    """

    id: str
    event: OrderIssued | OrderWithdrawn | ActRefused = field(repr=False)
    redelivered: bool
    attempt: int
    received_at: int
    transaction: Any = field(default=None, repr=False)


Handler = Callable[[Delivery, Reply], None]


class Ledger(Protocol):
    """What was done, kept in the department's own database by the department's own transaction.

    With one, work and the mark that it was done are one: each delivery is done exactly once.
    """

    def transaction(self) -> AbstractContextManager[Any]:
        """A transaction: commits at the end, rolls back when an exception comes out."""
        ...

    def find(self, transaction: Any, delivery_id: str) -> str | None:
        """The text kept for a delivery; None when it was not done yet."""
        ...

    def keep(self, transaction: Any, delivery_id: str, text: str) -> None:
        """Keep a delivery's text; fails where there is one already."""
        ...


class RetryLater(Exception):  # noqa: N818 - reads as what a handler asks for
    """Raise it from a handler: not now, give me the same again. Whatever else comes out of a
    handler stops the consumer.
    """


@dataclass(frozen=True, slots=True)
class Health:
    """How a consumer is. ``lag``: how many orders wait, None when not known. ``failing``: why the
    present one is tried again, "" when it is not. ``replies``: how many are not in the log yet.
    """

    running: bool
    lag: int | None
    handled: int
    last_at: float | None
    failing: str
    replies: int
    dead_replies: int


class DepartmentConsumer:
    """Gives each order to a handler, in order, until it is stopped.

    An order counts as done once the handler has returned and its replies are on disk; only then
    the position moves. Killed in between, the same order comes again, marked ``redelivered``.

    Args:
        source: `KafkaOrders` or `HttpOrders`.
        client: sends the replies; its outbox is the inbox's file too.
        ledger: makes it exactly once; see `Ledger`.
    """

    def __init__(
        self,
        source: OrderSource,
        client: Client,
        *,
        ledger: Ledger | None = None,
        random_: random.Random | None = None,
    ) -> None:
        self._source = source
        self.client = client
        self._ledger = ledger
        self._inbox = Inbox(client.outbox.store, source.name)
        self._random = random_ or random.Random()
        self._stopping = threading.Event()
        self._failpoints = Failpoints.of(os.environ)
        self._running = False
        self._failing = ""
        self._handled = 0
        self._last_at: float | None = None

    def __repr__(self) -> str:
        return f"DepartmentConsumer({self._source!r})"

    def run(self, handler: Handler, *, until_empty: bool = False) -> int:
        """Handle orders until `stop`; how many were handled.

        ``until_empty`` ends it once nothing waits, for tests and for work at fixed times. What
        comes out of the handler comes out of here, except `RetryLater`.
        """
        self._running = True
        handled, away = 0, 0
        try:
            while not self._stopping.is_set():
                try:
                    found = self._source.poll(self._inbox.position(), _POLL_SECONDS)
                except UnavailableError as error:
                    away += 1
                    self._failing = error.code
                    wait = max(jittered(away, self._random), error.retry_after or 0.0)
                    self._stopping.wait(wait)
                    continue
                if away:
                    away, self._failing = 0, ""
                if not found and until_empty and self._source.lag() == 0:
                    break
                for incoming in found:
                    if self._stopping.is_set():
                        break
                    handled += self._take(incoming, handler)
        finally:
            self._running = False
        return handled

    def stop(self) -> None:
        """End `run` after the order being handled now. Safe in a signal handler and any thread."""
        self._stopping.set()

    def reply_to(self, order_id: str) -> Reply:
        """Replies to an order that was handled before; each is kept at once. KeyError: unknown."""
        found = self._inbox.order(order_id)
        if found is None:
            raise KeyError(f"no order {order_id} in this inbox")

        def put(draft: Draft) -> None:
            self.client.keep(draft)

        return Reply(found.issue_id, found.hop, found.answers, put)

    def known_orders(self) -> list[str]:
        """The ids of all orders that were handled here, oldest first."""
        return self._inbox.orders()

    def health(self) -> Health:
        """How it is now."""
        try:
            lag = self._source.lag()
        except ApiError:
            lag = None
        waiting, dead = self.client.outbox.counts()
        return Health(
            self._running, lag, self._handled, self._last_at, self._failing, waiting, dead
        )

    def close(self) -> None:
        """Leave the source. The client is its owner's."""
        self.stop()
        self._source.close()

    def __enter__(self) -> "DepartmentConsumer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, incoming: Incoming, handler: Handler) -> bool:
        """Have one done, however many attempts that takes; False for one that was done before."""
        if self._inbox.is_done(incoming.id):
            self._inbox.pass_over(incoming)
            self._source.done(incoming.cursor)
            return False
        failed = 0
        while True:
            attempt = self._inbox.begin(incoming.id)
            self._failpoints.reach("begun")
            try:
                drafts = self._handle(incoming, attempt, handler)
                break
            except RetryLater as error:
                failed += 1
                self._failing = str(error) or "retry-later"
                if self._stopping.wait(jittered(failed, self._random)):
                    return False
        self._failing = ""
        self._failpoints.reach("handled")
        self._inbox.finish(incoming, drafts, self.client.outbox)
        self._failpoints.reach("finished")
        self.client.wake()
        self._source.done(incoming.cursor)
        self._failpoints.reach("committed")
        self._handled += 1
        self._last_at = time.time()
        return True

    def _handle(self, incoming: Incoming, attempt: int, handler: Handler) -> list[Draft]:
        if self._ledger is None:
            return self._call(incoming, attempt, handler, None)
        with self._ledger.transaction() as transaction:
            kept = self._ledger.find(transaction, incoming.id)
            if kept is not None:
                return [Draft(*fields) for fields in json.loads(kept)]
            drafts = self._call(incoming, attempt, handler, transaction)
            plain = [[d.event_id, d.issue_id, d.verb, d.body] for d in drafts]
            self._ledger.keep(transaction, incoming.id, json.dumps(plain, ensure_ascii=False))
            return drafts

    def _call(
        self, incoming: Incoming, attempt: int, handler: Handler, transaction: Any
    ) -> list[Draft]:
        drafts: list[Draft] = []
        event = incoming.event
        hop = None if isinstance(event, ActRefused) else event.hop
        answers = event.head.causation_id if isinstance(event, OrderIssued) else None
        reply = Reply(event.head.issue_id, hop, answers, drafts.append)
        delivery = Delivery(
            id=incoming.id,
            event=event,
            redelivered=attempt > 1,
            attempt=attempt,
            received_at=incoming.received_at,
            transaction=transaction,
        )
        handler(delivery, reply)
        return drafts
