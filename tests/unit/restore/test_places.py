"""Where the topics of a restored city begin, and whose times readers believe."""

from __future__ import annotations

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME

from hutong.events.deadletter import Burial
from hutong.events.headers import Source
from hutong.kafka.issues import KeptRecord
from hutong.kafka.stamp import is_append_time
from hutong.restore.places import floors_of

MARK = ("restored", b"1780272001500")


def kept(*headers: tuple[str, bytes | None]) -> KeptRecord:
    return KeptRecord(0, 0, TIMESTAMP_LOG_APPEND_TIME, 1_780_272_001_500, b"k", b"v", headers)


def test_topics_begin_after_their_ends_and_every_place_that_was_named() -> None:
    letter = Burial(Source("reports-app", 4, 90), 1, "bad-magic", "", "0.1.0")
    assert floors_of(
        {"reports-app": {3: 20, 4: 20}, "dept-water": {0: 7}},
        [
            kept(("received", b"1"), ("source", b"reports-app/3/57")),
            kept(("source", b"reports-app/3/12")),
            kept(("source", b"handling-water/0/5")),
        ],
        [kept(*letter.headers())],
        margin=100,
    ) == {
        ("reports-app", 3): 158,
        ("reports-app", 4): 191,
        ("dept-water", 0): 107,
        ("handling-water", 0): 106,
    }


@pytest.mark.parametrize(
    ("stamp", "headers", "believed"),
    [
        (TIMESTAMP_LOG_APPEND_TIME, (), True),
        (TIMESTAMP_CREATE_TIME, (), False),
        (TIMESTAMP_CREATE_TIME, (("source", b"x"), MARK), True),
        (TIMESTAMP_CREATE_TIME, (MARK, ("source", b"x")), False),
    ],
)
def test_a_time_that_a_sender_claimed_is_believed_of_no_record_but_a_restored_one(
    stamp: int, headers: tuple[tuple[str, bytes | None], ...], *, believed: bool
) -> None:
    assert is_append_time(stamp, headers) is believed
