"""How much of all bodies intake holds at once."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hutong_intake.api.room import BodyRoom
from hutong_intake.problems import ProblemError

from tests.fixtures.intake_api import GOOD, IntakeApi


def test_what_a_request_held_is_given_back() -> None:
    room = BodyRoom(100, of_one=100)
    for _ in range(3):
        with room.share("a") as share:
            share.add(60)
            share.add(40)


def test_it_is_given_back_after_a_fault_too() -> None:
    room = BodyRoom(100, of_one=100)
    with suppress(ZeroDivisionError), room.share("a") as share:
        share.add(100)
        raise ZeroDivisionError
    with room.share("b") as share:
        share.add(100)


def test_no_more_than_there_is_room_for() -> None:
    room = BodyRoom(100, of_one=100)
    with room.share("a") as first, room.share("b") as second:
        first.add(60)
        with pytest.raises(ProblemError) as caught:
            second.add(41)
        second.add(40)
    assert caught.value.kind.status == 503
    assert caught.value.headers == {"Retry-After": "1", "Connection": "close"}


def test_one_key_leaves_room_for_others() -> None:
    room = BodyRoom(100, of_one=50)
    with room.share("a") as first, room.share("a") as second, room.share("b") as other:
        first.add(30)
        with pytest.raises(ProblemError):
            second.add(21)
        second.add(20)
        other.add(50)


@pytest.mark.parametrize(
    ("length", "status"), [("x", 400), ("-1", 400), ("٣", 400), ("9" * 5_000, 413)]
)
def test_row_06_a_length_that_is_none(api: IntakeApi, length: str, status: int) -> None:
    """A Content-Length that is no number, negative, or of 5,000 digits.

    Gets: 400 `bad-request` or 413 `too-large`; nothing is written.
    """
    sent = {"X-API-Key": "hk_app", "Content-Type": "application/json", "Content-Length": length}
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    answer = api.run(lambda c: c.post("/v1/reports", content=b"{}", headers=headers))
    assert answer.status_code == status
    assert api.log.records == []
    assert api.post(GOOD).status_code == 202
