"""A question to Kafka is asked again while the broker is away, and no longer than promised."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from hutong.cli.kafka import kafka_fault
from hutong.kafka.access import KafkaAccess
from hutong.kafka.patience import patiently

AWAY = KafkaException(KafkaError(KafkaError._TRANSPORT))
REFUSED = KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))


class Broker:
    """Answers after so many failures; each question takes a second of its clock."""

    def __init__(self, failures: int, error: KafkaException = AWAY) -> None:
        self.failures = failures
        self.error = error
        self.now = 0.0
        self.asked: list[float] = []

    def ask(self, seconds: float) -> str:
        self.asked.append(seconds)
        self.now += 1.0
        if len(self.asked) <= self.failures:
            raise self.error
        return "answer"

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def patiently(self) -> str:
        return patiently(self.ask, 10.0, clock=lambda: self.now, sleep=self.sleep)


def test_an_answer_that_comes_late_is_taken() -> None:
    broker = Broker(failures=3)
    assert broker.patiently() == "answer"
    assert broker.asked == sorted(broker.asked, reverse=True)
    assert broker.asked[0] == 10.0


def test_after_ten_seconds_it_gives_up() -> None:
    broker = Broker(failures=1000)
    with pytest.raises(KafkaException):
        broker.patiently()
    assert 9.0 <= broker.now <= 11.0


def test_a_refusal_is_final() -> None:
    broker = Broker(1, REFUSED)
    with pytest.raises(KafkaException):
        broker.patiently()
    assert len(broker.asked) == 1


def test_what_is_said_is_one_line_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    access = KafkaAccess("kafka.example:9092")
    monkeypatch.setenv("HUTONG_KAFKA", access.bootstrap)
    assert kafka_fault(access, AWAY) == (
        "Kafka at kafka.example:9092 does not answer: is it running, and is HUTONG_KAFKA right?"
    )
    monkeypatch.delenv("HUTONG_KAFKA")
    monkeypatch.setenv("HUTONG_DATA", "/nonexistent")
    assert kafka_fault(access, AWAY).endswith("no stack runs in /nonexistent: hutong up")


@pytest.mark.parametrize(
    "code",
    [
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    ],
)
def test_a_missing_right_names_the_user_and_what_lists_the_rights(code: int) -> None:
    access = KafkaAccess("kafka.example:9092", "sasl_ssl", "replay", "secret")
    said = kafka_fault(access, KafkaException(KafkaError(code)))
    assert said.startswith("Kafka refuses the user 'replay': ")
    assert said.endswith("`hutong topics acls --check` names missing rights")
    assert "secret" not in said
    other = kafka_fault(access, KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)))
    assert other.startswith("Kafka refuses: ")
