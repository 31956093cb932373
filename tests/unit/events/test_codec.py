"""The codec takes its own bytes and no others."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.events.codec import MAX_BYTES, UndecodableError, default_codec
from hutong.events.schemas import load_schemas

CODEC = default_codec()
EXAMPLES = Path(__file__).parents[3] / "schemas" / "hutong_schemas" / "examples"
BODY: dict[str, Any] = json.loads((EXAMPLES / "issue/IssueReported/1.json").read_text("utf-8"))
VALUE = CODEC.encode_body("hutong.issue.IssueReported", BODY)


def reason_of(value: bytes | None) -> str:
    with pytest.raises(UndecodableError) as caught:
        CODEC.check(CODEC.decode(value))
    return caught.value.reason


def test_row_46_a_tombstone_is_no_event() -> None:
    assert reason_of(None) == "no-value"


@pytest.mark.parametrize("length", range(6))
def test_row_48_shorter_than_six_bytes(length: int) -> None:
    assert reason_of(VALUE[:length]) == "too-short"


def test_row_49_another_magic_byte() -> None:
    assert reason_of(b"\x02" + VALUE[1:]) == "bad-magic"
    assert reason_of(json.dumps(BODY).encode()) == "bad-magic"


def test_row_51_unknown_schema_id() -> None:
    assert reason_of(b"\x00" + struct.pack(">I", 9_999) + VALUE[5:]) == "unknown-schema"


def test_row_54_truncated_everywhere() -> None:
    for length in range(6, len(VALUE)):
        assert reason_of(VALUE[:length]) in {"bad-body", "not-canonical"}


def test_row_55_trailing_bytes() -> None:
    assert reason_of(VALUE + b"\x00") == "not-canonical"


def test_row_61_an_over_long_varint() -> None:
    """The length of event_id, 36, is 0x48; the same number in two bytes is another encoding."""
    assert VALUE[5] == 0x48
    assert reason_of(VALUE[:5] + b"\xc8\x00" + VALUE[6:]) == "not-canonical"


def test_row_60_a_union_index_of_minus_one() -> None:
    """fastavro by itself takes -1 for the last branch of a union."""
    body = {**BODY, "reference": None, "place": None, "contact": None}
    plain = CODEC.encode_body("hutong.issue.IssueReported", body)
    channel = plain.index(b"\x0ehotline") + 8
    assert plain[channel] == 0  # index 0: reference is null
    forged = plain[:channel] + b"\x01\x02x" + plain[channel + 1 :]
    assert reason_of(forged) == "not-canonical"


def test_too_long_a_value_is_not_even_read() -> None:
    assert reason_of(VALUE + b"\x00" * MAX_BYTES) == "too-long"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_id", "not-a-uuid"),
        ("event_id", BODY["head"]["event_id"].upper()),
        ("occurred_at", -1),
        ("occurred_at", 253_402_300_800_000),
        ("actor", ""),
        ("actor", "nul\x00"),
        ("area", "has space"),
    ],
)
def test_limits_hold_on_the_head(field: str, value: object) -> None:
    body = {**BODY, "head": {**BODY["head"], field: value}}
    assert reason_of(CODEC.encode_body("hutong.issue.IssueReported", body)) == "out-of-limits"


@settings(max_examples=500)
@given(st.binary(max_size=600), st.sampled_from(sorted(load_schemas().by_id)))
def test_any_bytes_decode_to_themselves_or_not_at_all(payload: bytes, schema_id: int) -> None:
    value = b"\x00" + struct.pack(">I", schema_id) + payload
    try:
        decoded = CODEC.decode(value)
    except UndecodableError:
        return
    again = CODEC.encode_body(decoded.schema.name, decoded.body)
    assert again == value


def test_row_56_one_flipped_bit_at_every_position() -> None:
    """A flipped bit is found, or gives another event that is valid by itself; nothing else."""
    for position in range(len(VALUE) * 8):
        flipped = bytearray(VALUE)
        flipped[position // 8] ^= 1 << position % 8
        try:
            decoded = CODEC.decode(bytes(flipped))
        except UndecodableError:
            continue
        assert CODEC.encode_body(decoded.schema.name, decoded.body) == bytes(flipped)
