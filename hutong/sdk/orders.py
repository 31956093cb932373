"""Where a department's orders come from: its topic on Kafka, or intake over HTTPS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from pydantic import BaseModel, ValidationError

from hutong.events.catalogue import event_classes
from hutong.events.codec import UndecodableError, default_codec
from hutong.events.orders import ActRefused, OrderIssued, OrderWithdrawn
from hutong.events.topics import department_topic
from hutong.kafka import consumer_config
from hutong.kafka.access import Brokers
from hutong.kafka.acls import consumer_group
from hutong.sdk.errors import HutongError, Problem, UnavailableError
from hutong.sdk.http import Api
from hutong.sdk.requests import get_orders

OrderEvent = OrderIssued | OrderWithdrawn | ActRefused

#: A handler may take so long before Kafka gives the topic to another consumer of the group.
_HANDLER_MS: Final = 30 * 60_000

SESSION_SECONDS: Final = 45.0
"""How long a silent process keeps the topic: Kafka's own default."""

_ASK_SECONDS: Final = 10.0
_AT_ONCE: Final = 100
#: On top of the time that intake is asked to wait.
_ANSWER_SECONDS: Final = 10.0


class StrangeOrderError(HutongError):
    """An order that this version cannot read. Nothing is skipped: update the SDK."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of the inbox. ``cursor`` is the position after it. What it says is not shown."""

    id: str
    cursor: str
    event: OrderEvent = field(repr=False)
    received_at: int


class OrderSource(Protocol):
    """A department's inbox, read in order."""

    @property
    def name(self) -> str:
        """Under which the position is kept."""
        ...

    def poll(self, after: str | None, wait: float) -> list[Incoming]:
        """The next ones after a cursor (None: from the first on), once there are any; none after
        ``wait`` seconds. UnavailableError: not now.
        """
        ...

    def done(self, cursor: str) -> None:
        """Everything before the cursor is durable."""
        ...

    def lag(self) -> int | None:
        """How many wait; None when not known."""
        ...

    def close(self) -> None:
        """Leave it."""
        ...


def delivery_id(event: OrderEvent) -> str:
    """What one thing to do is known by: an order by its id and hop, all else by its event id."""
    if isinstance(event, OrderIssued):
        return f"{event.order_id}/{event.hop}"
    return event.head.event_id


class HttpOrders:
    """The inbox over HTTPS, for departments without Kafka."""

    def __init__(self, department: str, url: str, key: str, *, api: Api | None = None) -> None:
        self.name = f"http:{department}"
        self._department = department
        self._api = api or Api(url, key)
        self._lag: int | None = None

    def __repr__(self) -> str:
        return f"HttpOrders({self._department!r}, {self._api!r})"

    def poll(self, after: str | None, wait: float) -> list[Incoming]:
        """See `OrderSource.poll`."""
        request = get_orders(self._department, after or "", wait=wait, limit=_AT_ONCE)
        found = self._api.ask(request, timeout=wait + _ANSWER_SECONDS)
        orders = [_of_json(order) for order in found["orders"]]
        self._lag = int(found["waiting"]) + len(orders)
        return orders

    def done(self, cursor: str) -> None:  # noqa: ARG002 - the position is the caller's own
        """See `OrderSource.done`."""
        if self._lag:
            self._lag -= 1

    def lag(self) -> int | None:
        """See `OrderSource.lag`; without what came since the last poll."""
        return self._lag

    def close(self) -> None:
        """See `OrderSource.close`."""
        self._api.close()


class KafkaOrders:
    """The inbox as a topic. Several processes of a department may read it: one of them does.

    The position is what is further of this process's own and the group's: whoever commits has
    done the work.

    ``session_seconds``: a process that died has the topic for so long, until another one gets it.
    Brokers take 6 and more by default.
    """

    def __init__(
        self,
        department: str,
        brokers: Brokers,
        *,
        group: str | None = None,
        session_seconds: float = SESSION_SECONDS,
    ) -> None:
        self._topic = department_topic(department)
        self.name = f"kafka:{self._topic}"
        self._codec = default_codec()
        self._after = 0
        #: Where the group stood when the topic was assigned, and the offset to be read next; None
        #: while another process has the topic.
        self._floor = 0
        self._next: int | None = None
        self._consumer: Any = Consumer(
            consumer_config(
                brokers,
                group or consumer_group(department),
                max_poll_interval_ms=_HANDLER_MS,
                session_timeout_ms=int(session_seconds * 1000),
            )
        )
        self._consumer.subscribe([self._topic], on_assign=self._assign, on_revoke=self._revoke)

    def __repr__(self) -> str:
        return f"KafkaOrders({self._topic!r})"

    def poll(self, after: str | None, wait: float) -> list[Incoming]:
        """See `OrderSource.poll`."""
        self._after = int(after or 0)
        partition = TopicPartition(self._topic, 0, max(self._after, self._floor))
        try:
            if self._next is not None and partition.offset < self._next:
                self._consumer.seek(partition)  # what was given out last was not all done
            messages = self._consumer.consume(_AT_ONCE, wait)
        except KafkaException as error:
            raise _away(error.args[0]) from error
        records = [m for m in messages if m.error() is None]
        if records:
            # Before anything is raised: what came beside a fault is sought again, not passed by.
            self._next = records[-1].offset() + 1
        for message in messages:
            self._require_harmless(message.error())
        return [self._incoming(message) for message in records]

    def done(self, cursor: str) -> None:
        """See `OrderSource.done`."""
        self._after = int(cursor)
        offsets = [TopicPartition(self._topic, 0, int(cursor))]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            # Kept by the caller all the same. The next commit says it again; where the topic has
            # gone to another process, that one will get this order too.
            if error.args[0].fatal():
                raise

    def lag(self) -> int | None:
        """See `OrderSource.lag`."""
        if self._next is None:
            return None
        partition = TopicPartition(self._topic, 0)
        try:
            _, end = self._consumer.get_watermark_offsets(partition, timeout=_ASK_SECONDS)
        except KafkaException as error:
            raise _away(error.args[0]) from error
        return int(end) - max(self._after, self._floor)

    def close(self) -> None:
        """See `OrderSource.close`."""
        self._consumer.close()

    def _assign(self, consumer: Any, partitions: list[Any]) -> None:
        committed = consumer.committed(partitions, timeout=_ASK_SECONDS)
        for partition in committed:
            self._floor = max(partition.offset, 0)
            self._next = partition.offset = max(self._after, self._floor)
        consumer.assign(committed)

    def _revoke(self, consumer: Any, _partitions: list[Any]) -> None:
        consumer.unassign()
        self._next = None

    def _require_harmless(self, error: Any) -> None:
        if error is None or error.retriable() or error.code() == KafkaError._PARTITION_EOF:
            return
        raise _away(error)

    def _incoming(self, message: Any) -> Incoming:
        place = f"{message.topic()}/{message.partition()}/{message.offset()}"
        try:
            decoded = self._codec.decode(message.value())
            event = _made(decoded.schema.name, decoded.body)
        except (UndecodableError, ValueError) as error:
            raise strange(place) from error
        _, received_at = message.timestamp()
        return Incoming(delivery_id(event), str(message.offset() + 1), event, received_at)


def _of_json(order: Mapping[str, Any]) -> Incoming:
    try:
        event = _made(order["event"], order["body"])
        return Incoming(delivery_id(event), str(order["cursor"]), event, int(order["at"]))
    except (KeyError, TypeError, ValueError) as error:
        raise strange(str(order.get("cursor", "?"))) from error


def _made(name: str, body: Mapping[str, Any]) -> OrderEvent:
    """The event; ValueError for what is no order. Fields of a later version are left out."""
    kind = event_classes().get(name)
    if kind not in (OrderIssued, OrderWithdrawn, ActRefused):
        raise ValueError(f"{name} is no order")
    try:
        event = kind.model_validate(_known(kind, body))
    except ValidationError as error:
        raise ValueError(f"{name}: {error.error_count()} faults") from error
    assert isinstance(event, OrderIssued | OrderWithdrawn | ActRefused)
    return event


def _known(kind: type[BaseModel], body: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in body.items() if name in kind.model_fields}
    head = kind.model_fields["head"].annotation
    assert head is not None
    found["head"] = {n: v for n, v in body["head"].items() if n in head.model_fields}
    return found


def strange(place: str) -> StrangeOrderError:
    """The error for an order at this place that cannot be read."""
    return StrangeOrderError(
        Problem(
            "strange-order",
            f"读不懂 {place} 处的派单，可能是更新的版本；请更新 SDK。没有跳过任何内容。",
            f"The order at {place} cannot be read; it may be of a later version: update the SDK. "
            "Nothing was skipped.",
        )
    )


def _away(error: KafkaError) -> UnavailableError:
    zh, en = f"消息系统暂不可用（{error.name()}）。", f"Kafka is not there ({error.name()})."
    return UnavailableError(Problem("no-connection", zh, en))
