"""The producer's queue: waited for when it is full, and no record is left out or sent twice."""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from hutong_router.outlet import DeliveryError, Outlet
from hutong_router.records import Outgoing

RECORDS = [Outgoing("t", b"k", str(number).encode(), (("ce_type", b"x"),)) for number in range(3)]


class Producer:
    """Has room for one record, and again after two polls."""

    def __init__(self, refuses: bytes = b"") -> None:
        self.sent: list[Any] = []
        self.polls = 0
        self._room, self._refuses = 1, refuses

    def produce(self, topic: str, value: bytes, key: bytes, **record: Any) -> None:
        if value == self._refuses:
            raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
        if not self._room:
            raise BufferError
        self._room -= 1
        self.sent.append((topic, key, value, record["headers"]))
        record["on_delivery"](None, None)

    def poll(self, seconds: float) -> None:
        self.polls += 1
        if self.polls % 2 == 0:
            self._room += 1


@pytest.fixture
def outlet() -> Outlet:
    return Outlet("127.0.0.1:1")


def test_a_full_queue_is_waited_for_and_nothing_is_left_out(outlet: Outlet) -> None:
    outlet._producer = producer = Producer()
    confirmed: list[bool] = []
    outlet.send(RECORDS, lambda: confirmed.append(True))
    assert [value for _, _, value, _ in producer.sent] == [b"0", b"1", b"2"]
    assert producer.sent[0] == ("t", b"k", b"0", [("ce_type", b"x")])
    assert len(confirmed) == 3
    assert producer.polls == 4


def test_a_record_that_is_not_taken_ends_it(outlet: Outlet) -> None:
    outlet._producer = producer = Producer(refuses=b"0")
    with pytest.raises(DeliveryError, match="t cannot take a record"):
        outlet.send(RECORDS, lambda: None)
    assert producer.sent == []
