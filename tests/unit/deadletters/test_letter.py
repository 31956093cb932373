"""Dead letters read back, explained, and shown without who reported what."""

from __future__ import annotations

from typing import Any

import pytest
from hutong_router.deadletter import dead_letter_record
from hutong_router.records import DeadLetter as Refusal
from hutong_router.records import InputRecord

from hutong.city import load_city
from hutong.cli.dead_letters import as_text, plain
from hutong.deadletters.letter import (
    DeadLetter,
    event_of,
    hex_dump,
    plain_text,
    read_letter,
)
from hutong.deadletters.words import EXPLANATIONS, explain
from hutong.events.codec import default_codec
from hutong.events.deadletter import NAMES, Burial, Fault
from tests.fixtures.hostile import body_of, schemas

CITY = load_city(None)
REPORT = next(s for s in schemas() if s.name == "hutong.issue.IssueReported")
BODY = body_of(REPORT) | {
    "reporter": {"key": "local-1", "box": "sealed" * 18},
}
EVENT = default_codec().encode_body(REPORT.name, BODY)
APPENDED = 1_780_272_001_500
HEADERS = (("ce_type", b"\xff\x00"), ("dl_reason", b"theirs"), ("dl_left_out", None))


def buried(value: bytes | None, reason: Fault = Fault.BAD_MAGIC, **changes: Any) -> DeadLetter:
    """A dead letter as the router writes it, read back."""
    fields: dict[str, Any] = {"key": b"key \xff", "headers": HEADERS, **changes}
    given = InputRecord("reports-app", 4, 17, APPENDED, value=value, **fields)
    out = dead_letter_record(given, Refusal(reason, "what was found"), "0.1.0")
    return read_letter(
        partition=0,
        offset=3,
        timestamp=APPENDED + 20,
        key=out.key,
        value=out.value,
        headers=out.headers,
    )


def test_what_the_router_writes_is_read_back_whole() -> None:
    letter = buried(b"{}")
    assert (letter.place, letter.buried_at) == ("0/3", APPENDED + 20)
    assert (letter.key, letter.value, letter.headers) == (b"key \xff", b"{}", HEADERS)
    burial = letter.burial
    assert str(burial.source) == "reports-app/4/17"
    assert (burial.time, burial.reason, burial.detail) == (APPENDED, "bad-magic", "what was found")
    assert (burial.version, burial.left_out) == ("0.1.0", "")


def test_a_sender_cannot_pass_headers_off_as_ours() -> None:
    """Given a tombstone without key whose one header is named like ours, it stays the sender's."""
    letter = buried(None, key=None, headers=(("dl_left_out", b"4 sha256:beef"),))
    assert letter.burial.left_out == ""
    assert letter.headers == (("dl_left_out", b"4 sha256:beef"),)


@pytest.mark.parametrize(
    "headers",
    [(), HEADERS, tuple((name, b"x") for name in NAMES), tuple((n, b"1") for n in NAMES[1:])],
)
def test_what_the_router_did_not_write_is_no_dead_letter(headers: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        Burial.read(headers)


@pytest.mark.parametrize("fault", Fault)
def test_every_reason_is_explained_in_both_languages(fault: Fault) -> None:
    told = EXPLANATIONS[fault]
    for words in (told.what, told.todo):
        assert words.zh.endswith("。")
        assert words.en.endswith(".")
        assert words.en.isascii()


def test_the_reason_of_another_version_is_explained_in_general() -> None:
    assert "does not know" in explain("from-the-future").what.en


def test_an_event_is_shown_without_who_reported_it() -> None:
    event = event_of(buried(EVENT), default_codec())
    assert event is not None
    label, body = event
    assert label == "hutong.issue.IssueReported/1"
    assert body["reporter"] == {"key": "***", "box": "***"}
    assert body["head"] == BODY["head"]
    for text in (str(plain(buried(EVENT), CITY)), as_text(plain(buried(EVENT), CITY), str)):
        assert "sealed" not in text


def test_what_cannot_be_read_is_shown_as_its_first_bytes_only() -> None:
    told = plain(buried(EVENT[:-3]), CITY)
    assert (told["event"], told["body"], told["bytes"]) == (None, None, len(EVENT) - 3)
    assert len(told["hex"].splitlines()) == 4
    assert b"sealed".hex(" ") not in told["hex"]


def test_says_who_may_write_there_and_what_to_do() -> None:
    told = plain(buried(b"{}", Fault.NOT_ALLOWED), CITY)
    assert told["writer"] == "channel:app"
    text = as_text(told, str)
    for part in (
        "0/3  not-allowed",
        "reports-app, partition 4, offset 17",
        "channel:app",
        "这种事件不允许出现在这个主题上。",
        "Events of this type may not be on this topic.",
        "Look at who may write to this topic",
        "ce_type: \\xff\\x00",
        "dl_left_out: -",
        "00000000  7b 7d",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("letter", "part"),
    [
        (buried(None), "no value"),
        (buried(b"x" * 1_000_001), "1000001 sha256:"),
        (buried(b"{}", key=None), "键 key           -"),
    ],
)
def test_what_is_not_there_is_said(letter: DeadLetter, part: str) -> None:
    assert part in as_text(plain(letter, CITY), str)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (b"", ""),
        ("胡同".encode(), "胡同"),
        (b"a\x1b[31mb\r\nc", "a\\x1b[31mb\\r\\nc"),
        ("\u202e".encode(), "\\u202e"),
        (b"\xff", "\\xff"),
        (b"y" * 201, "y" * 200 + "… (201 bytes)"),
    ],
)
def test_keys_and_headers_cannot_write_on_the_terminal(value: bytes | None, text: str) -> None:
    assert plain_text(value) == text


def test_a_hex_dump_has_rows_of_sixteen() -> None:
    assert hex_dump(b"") == ""
    assert hex_dump(b"\x00AB\x7f") == "00000000  00 41 42 7f" + " " * 36 + "  .AB."
    assert hex_dump(bytes(100), 20).splitlines()[1].startswith("00000010  00 00 00 00 ")
