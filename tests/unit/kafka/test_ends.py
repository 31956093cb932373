"""Where partitions end: a client that answers badly is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from hutong.kafka import ends
from hutong.kafka.ends import Ends

PLACES = [("desk", 0), ("desk", 1)]


class FakeAdmin:
    """As librdkafka's client after a leader was replaced: the first one never learns of it."""

    made = 0
    is_deaf = False

    def __init__(self, _config: Mapping[str, Any]) -> None:
        type(self).made += 1
        self.is_old = self.made == 1

    def list_topics(self, **_: Any) -> Any:
        if self.is_deaf:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return SimpleNamespace(topics={"desk": SimpleNamespace(partitions={0: None, 1: None})})

    def list_offsets(self, wanted: Mapping[Any, Any], **_: Any) -> dict[Any, Future[Any]]:
        answers: dict[Any, Future[Any]] = {}
        for place in wanted:
            answers[place] = Future()
            if self.is_old and place.partition == 1:
                error = KafkaError(KafkaError.FENCED_LEADER_EPOCH)
                answers[place].set_exception(KafkaException(error))
            else:
                answers[place].set_result(SimpleNamespace(offset=7))
        return answers


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> type[FakeAdmin]:
    monkeypatch.setattr(ends, "AdminClient", FakeAdmin)
    monkeypatch.setattr(FakeAdmin, "made", 0)
    return FakeAdmin


def test_what_is_known_is_said_and_the_client_is_replaced(made: type[FakeAdmin]) -> None:
    asker = Ends("127.0.0.1:1")
    assert asker.places(["desk", "not there"]) == PLACES
    found, unknown = asker.ask(PLACES)
    assert found == {("desk", 0): 7}
    assert list(unknown) == [("desk", 1)]
    assert asker.ask(PLACES) == ({("desk", 0): 7, ("desk", 1): 7}, {})
    assert made.made == 2


def test_a_client_that_answers_well_stays(made: type[FakeAdmin]) -> None:
    made.made = 1
    asker = Ends("127.0.0.1:1")
    for _ in range(3):
        asker.ask(PLACES)
    assert made.made == 2


def test_one_that_was_late_is_replaced(
    made: type[FakeAdmin], monkeypatch: pytest.MonkeyPatch
) -> None:
    made.made = 1
    monkeypatch.setattr(ends, "_LATE", -1.0)
    asker = Ends("127.0.0.1:1")
    asker.ask(PLACES)
    asker.ask(PLACES)
    assert made.made == 3


def test_one_that_cannot_name_the_topics_is_replaced(
    made: type[FakeAdmin], monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = Ends("127.0.0.1:1")
    monkeypatch.setattr(made, "is_deaf", True)
    with pytest.raises(KafkaException):
        asker.places(["desk"])
    monkeypatch.setattr(made, "is_deaf", False)
    assert asker.places(["desk"]) == PLACES
    assert made.made == 2
