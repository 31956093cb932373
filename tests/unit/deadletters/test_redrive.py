"""Which dead letters are sent again, and that the router takes them as what they once were."""

from __future__ import annotations

import pytest
from hutong_router.deadletter import dead_letter_record
from hutong_router.records import DeadLetter as Refusal
from hutong_router.records import Fault, InputRecord, Redriven
from hutong_router.redriven import original

from hutong.deadletters.letter import DeadLetter, read_letter
from hutong.deadletters.redrive import plan, redrive_of
from hutong.events.redriven import Redrive
from hutong.events.topics import REDRIVEN

AT = 1_780_272_001_500
HEADERS = (("ce_type", b"x"), ("caf\udce9", b"\xff"), ("dl_name:y", None), ("rd_topic", b"desk"))


def buried(
    offset: int = 17, *, after: str = "", topic: str = "reports-app", size: int = 3
) -> DeadLetter:
    given = InputRecord(
        topic,
        4,
        offset,
        AT,
        b"key",
        b"x" * size,
        HEADERS,
        Redriven(after, AT + 9) if after else None,
    )
    out = dead_letter_record(given, Refusal(Fault.UNKNOWN_SCHEMA, "39"), "0.1.0")
    return read_letter(
        partition=0, offset=3, timestamp=AT, key=out.key, value=out.value, headers=out.headers
    )


def redriven(letter: DeadLetter, *, time: int = AT + 60_000) -> InputRecord:
    headers = (*redrive_of(letter).headers(), *letter.headers)
    return InputRecord(REDRIVEN, 0, 5, time, letter.key, letter.value, headers)


def test_the_router_gets_the_input_as_it_was() -> None:
    assert original(redriven(buried())) == InputRecord(
        "reports-app", 4, 17, AT, b"key", b"xxx", HEADERS, Redriven("redriven/0/5", AT + 60_000)
    )


@pytest.mark.parametrize(
    "record",
    [
        InputRecord(REDRIVEN, 0, 5, AT, b"key", b"xxx", HEADERS),
        InputRecord(REDRIVEN, 0, 5, AT, b"key", b"xxx", redrive_of(buried()).headers()[1:]),
        redriven(buried(-1)),
        redriven(buried(), time=AT - 1),  # received after it was redriven
    ],
)
def test_what_the_tool_did_not_write_is_refused(record: InputRecord) -> None:
    found = original(record)
    assert isinstance(found, Refusal)
    assert found.reason == Fault.BAD_REDRIVE


class TestPlan:
    def test_takes_each_input_once_though_it_was_buried_twice(self) -> None:
        first, twice, other = buried(), buried(), buried(18)
        found = plan([first, twice, other], (), again=False)
        assert (found.send, found.done) == ([first, other], [twice])

    def test_takes_none_that_is_in_redriven(self) -> None:
        letter = buried()
        sent = [Redrive.read(redriven(letter).headers)[0].identity]
        found = plan([letter], sent, again=True)
        assert (found.send, found.done) == ([], [letter])

    def test_takes_what_came_back_when_asked_and_once(self) -> None:
        letter, back = buried(), buried(after="redriven/0/5")
        sent = [redrive_of(letter).identity]
        assert plan([letter, back], sent, again=False).back == [back]
        found = plan([letter, back], sent, again=True)
        assert (found.send, found.done) == ([back], [letter])
        sent.append(redrive_of(back).identity)
        assert plan([letter, back], sent, again=True).send == []

    def test_leaves_what_cannot_be_sent(self) -> None:
        large, nobody = buried(size=1_000_001), buried(topic=REDRIVEN)
        assert plan([large, nobody], (), again=True).hopeless == [large, nobody]
