"""What a dead letter keeps."""

from __future__ import annotations

import hashlib

import pytest
from hutong_router.deadletter import dead_letter_record
from hutong_router.records import DeadLetter, Fault, InputRecord

from hutong.events.deadletter import NAMES, kept_name, original_name

LETTER = DeadLetter(Fault.BAD_MAGIC, "first byte is 0x7b, not 0x00")


def given(value: bytes | None, headers: tuple[tuple[str, bytes | None], ...] = ()) -> InputRecord:
    return InputRecord("reports-app", 4, 17, 1_780_272_001_500, b"key \xff", value, headers)


def test_keeps_key_value_and_headers_as_they_came_behind_our_own() -> None:
    headers = (("ce_type", b"\xff"), ("ce_type", None), ("dl_reason", b"theirs"))
    out = dead_letter_record(given(b"{}", headers), LETTER, "0.1.0")

    assert (out.topic, out.key, out.value) == ("dead-letters", b"key \xff", b"{}")
    assert out.headers == (
        ("dl_topic", b"reports-app"),
        ("dl_partition", b"4"),
        ("dl_offset", b"17"),
        ("dl_time", b"1780272001500"),
        ("dl_reason", b"bad-magic"),
        ("dl_detail", b"first byte is 0x7b, not 0x00"),
        ("dl_version", b"0.1.0"),
        ("dl_left_out", b""),
        ("dl_redriven", b""),
        *headers,
    )


def test_a_tombstone_stays_one() -> None:
    assert dead_letter_record(given(None), LETTER, "0.1.0").value is None


def test_what_is_too_large_to_write_is_left_where_it_is_and_named() -> None:
    value = b"{" * 1_000_001
    out = dead_letter_record(given(value, (("x", b"y"),)), LETTER, "0.1.0")
    assert (out.key, out.value) == (None, None)
    left = dict(out.headers)["dl_left_out"]
    assert left == f"1000001 sha256:{hashlib.sha256(value).hexdigest()}".encode()
    assert "x" not in dict(out.headers)


def test_large_headers_count_as_well() -> None:
    out = dead_letter_record(given(b"{}", (("x", b"y" * 1_000_001),)), LETTER, "0.1.0")
    assert dict(out.headers)["dl_left_out"] != b""


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"ce_type", "ce_type"),
        (b"", ""),
        ("街道 %41\n".encode(), "街道 %41\n"),
        (b"caf\xe9", "dl_name:caf%E9"),
        (b"\xff\xfe", "dl_name:%FF%FE"),
        (b"a\x00b", "dl_name:a%00b"),
        (b"dl_name:", "dl_name:dl_name%3A"),
        (b"dl_name:caf%E9", "dl_name:dl_name%3Acaf%25E9"),
        (b"\xed\xa0\x80", "dl_name:%ED%A0%80"),
    ],
)
def test_a_name_that_no_client_can_write_is_escaped_and_can_be_had_back(
    raw: bytes, kept: str
) -> None:
    name = raw.decode("utf-8", "surrogateescape")
    assert kept_name(name) == kept
    assert original_name(kept) == raw
    out = dead_letter_record(given(b"{}", ((name, b"x"), ("y", None))), LETTER, "0.1.0")
    assert out.headers[len(NAMES) :] == ((kept, b"x"), ("y", None))


def test_the_lengths_of_many_tiny_headers_count_as_well() -> None:
    """Given a record that its topic takes, but with our headers no topic would."""
    tiny = (("x", b"y"),) * 24_000
    out = dead_letter_record(given(b"{" * 950_000, tiny), LETTER, "0.1.0")
    assert b"950000 sha256:" in (dict(out.headers)["dl_left_out"] or b"")
    assert len(out.headers) == len(NAMES)


def test_escapes_count_as_they_are_written() -> None:
    headers = (("\udcff" * 400_000, b""),)
    out = dead_letter_record(given(b"{}", headers), LETTER, "0.1.0")
    assert dict(out.headers)["dl_left_out"] != b""
