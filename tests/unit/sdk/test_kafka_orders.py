"""An inbox on Kafka, when the broker says something else between the records."""

from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, TopicPartition

import hutong.sdk.orders
from hutong.events.codec import default_codec
from hutong.sdk import UnavailableError
from hutong.sdk.orders import KafkaOrders, StrangeOrderError
from hutong.sdk.testing.examples import example_order

ORDER = default_codec().encode(example_order("water-co"))


class Message:
    """A record, or what the broker says in between."""

    def __init__(self, offset: int, value: bytes = ORDER, error: KafkaError | None = None) -> None:
        self._offset, self._value, self._error = offset, value, error

    def error(self) -> KafkaError | None:
        return self._error

    def value(self) -> bytes:
        return self._value

    def offset(self) -> int:
        return self._offset

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_790_000_000_000

    def topic(self) -> str:
        return "dept-water"

    def partition(self) -> int:
        return 0


class OneTopic:
    """confluent's Consumer over a list: its position moves by all that it gives out, once."""

    def __init__(self, log: list[Message]) -> None:
        self._log = log
        self._at = 0
        self._assign: Callable[[Any, list[TopicPartition]], None] | None = None

    def subscribe(self, _topics: list[str], *, on_assign: Any, on_revoke: Any) -> None:
        self._assign = on_assign

    def committed(self, places: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        return places

    def assign(self, places: list[TopicPartition]) -> None:
        self._seek(places[0].offset)

    def seek(self, place: TopicPartition) -> None:
        self._seek(place.offset)

    def _seek(self, offset: int) -> None:
        records = (i for i, m in enumerate(self._log) if m.error() is None)
        self._at = next(i for i in records if self._log[i].offset() >= offset)

    def consume(self, _most: int, _wait: float) -> list[Message]:
        if self._assign is not None:
            assign, self._assign = self._assign, None
            assign(self, [TopicPartition("dept-water", 0)])
        found = self._log[self._at :]
        self._at = len(self._log)
        # What the broker said it says once.
        self._log[:] = [message for message in self._log if message.error() is None]
        return found


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Message]], KafkaOrders]:
    def made(log: list[Message]) -> KafkaOrders:
        monkeypatch.setattr(hutong.sdk.orders, "Consumer", lambda _config: OneTopic(log))
        return KafkaOrders("water", "nowhere:9092")

    return made


def test_what_came_beside_a_fault_of_the_broker_comes_again(
    inbox: Callable[[list[Message]], KafkaOrders],
) -> None:
    away = Message(-1, error=KafkaError(KafkaError._ALL_BROKERS_DOWN))
    orders = inbox([Message(0), Message(1), away, Message(2)])

    with pytest.raises(UnavailableError):
        orders.poll(None, 0)

    assert [each.cursor for each in orders.poll(None, 0)] == ["1", "2", "3"]


def test_what_came_before_an_order_that_cannot_be_read_comes_again(
    inbox: Callable[[list[Message]], KafkaOrders],
) -> None:
    orders = inbox([Message(0), Message(1, b"not ours")])

    for _ in range(2):
        with pytest.raises(StrangeOrderError, match="dept-water/0/1"):
            orders.poll(None, 0)
