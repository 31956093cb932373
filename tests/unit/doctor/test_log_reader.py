"""As whom the doctor reads the log, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from hutong.checks.finding import Level
from hutong.doctor import records
from hutong.doctor.place import Place
from hutong.kafka.access import KafkaAccess

SASL = {"HUTONG_KAFKA": "127.0.0.1:9", "HUTONG_KAFKA_SECURITY": "sasl_plaintext"}


def place(monkeypatch: pytest.MonkeyPatch, **more: str) -> Place:
    for name, value in {**SASL, **more}.items():
        monkeypatch.setenv(name, value)
    return Place.of({})


def users(found: Place) -> tuple[str, str]:
    assert isinstance(found.kafka, KafkaAccess)
    assert isinstance(found.reader, KafkaAccess)
    return found.kafka.user, found.reader.user


def test_it_reads_as_replay_where_that_password_is_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "monitor").write_text("m")
    folder = {"HUTONG_KAFKA_PASSWORD_FILE": str(tmp_path)}
    assert users(place(monkeypatch, **folder)) == ("monitor", "monitor")
    (tmp_path / "replay").write_text("r")
    assert users(place(monkeypatch, **folder)) == ("monitor", "replay")
    one_file = {"HUTONG_KAFKA_PASSWORD_FILE": str(tmp_path / "monitor")}
    assert users(place(monkeypatch, **one_file)) == ("monitor", "monitor")
    named = place(monkeypatch, **folder, HUTONG_KAFKA_USER="monitor")
    assert users(named) == ("monitor", "monitor")


@pytest.mark.parametrize(
    ("code", "level"),
    [
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, Level.WARNING),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, Level.WARNING),
        (KafkaError._TIMED_OUT, Level.FAULT),
    ],
)
def test_an_examination_that_could_not_be_made_is_not_ok(code: int, level: Level) -> None:
    found = records.unread("city", "something", KafkaException(KafkaError(code)))
    assert found.level is level
    assert "something is not known" in found.text
    assert found.remedy


class Silent:
    """A broker that gives the first of two records and nothing more."""

    def __init__(self, _config: Any) -> None:
        self.left = [Message()]

    def assign(self, _places: Any) -> None: ...

    def unassign(self) -> None: ...

    def resume(self, _places: Any) -> None: ...

    def consume(self, _most: int, _seconds: float) -> list[Any]:
        return [self.left.pop()] if self.left else []

    def close(self) -> None: ...


class Message:
    """The record at offset 0."""

    def topic(self) -> str:
        return "issues"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 0

    def error(self) -> None:
        return None


def test_half_a_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "Consumer", Silent)
    monkeypatch.setattr(records, "topic_ends", lambda *_: {("issues", 0): (0, 2)})
    for name, value in {"HUTONG_KAFKA": "127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    read: Iterator[Any] = records.latest(Place.of({}), "issues", 100, silent_seconds=0.05)
    assert next(read).offset() == 0
    with pytest.raises(KafkaException, match="issues/0 to 2"):
        next(read)
