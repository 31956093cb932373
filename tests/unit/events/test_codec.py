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
from tests.fixtures.hostile import examples, oracle

CODEC = default_codec()
EXAMPLES = Path(__file__).parents[3] / "schemas" / "hutong_schemas" / "examples"
BODY: dict[str, Any] = json.loads((EXAMPLES / "issue/IssueReported/1.json").read_text("utf-8"))
VALUE = CODEC.encode_body("hutong.issue.IssueReported", BODY)


def reason_of(value: bytes | None) -> str:
    with pytest.raises(UndecodableError) as caught:
        CODEC.check(CODEC.decode(value))
    return caught.value.reason


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


@st.composite
def edited_examples(draw: st.DrawFn) -> bytes:
    """An example of the contract with slices put in, taken out or replaced.

    Half of the slices stay as long as they were, or next to nothing would still be an event.
    """
    value = draw(st.sampled_from(examples()))
    for _ in range(draw(st.integers(1, 2))):
        start = draw(st.integers(0, len(value)))
        end = draw(st.integers(start, min(start + 12, len(value))))
        size = end - start if draw(st.booleans()) else draw(st.integers(0, 12))
        value = value[:start] + draw(st.binary(min_size=size, max_size=size)) + value[end:]
    return value


@settings(max_examples=500)
@given(edited_examples())
def test_an_edited_example_reads_as_the_slow_reader_has_it(value: bytes) -> None:
    try:
        body = CODEC.decode(value).body
    except UndecodableError:
        assert oracle(value) is None
    else:
        assert repr(body) == repr(oracle(value))


def test_a_list_has_a_bound() -> None:
    body = {**BODY, "media": ["a" * 64] * 1_001}
    assert reason_of(CODEC.encode_body("hutong.issue.IssueReported", body)) == "out-of-limits"
    body["media"].pop()
    CODEC.check(CODEC.decode(CODEC.encode_body("hutong.issue.IssueReported", body)))
