"""Bytes that are no event, row by row, at the codec."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hutong.events.codec import MAX_BYTES, UndecodableError, default_codec
from hutong.events.reader import MisfitError, Reader, SchemaError
from hutong.events.schemas import Schema
from tests.fixtures.hostile import (
    FRAME_BYTES,
    NUMBERS,
    TEXTS,
    body_of,
    examples,
    framed,
    oracle,
    reason_of,
    schemas,
    varint,
    written,
    zigzag,
)

CODEC = default_codec()
ROOT = Path(__file__).parents[3]
REPORT = next(s for s in schemas() if s.name == "hutong.issue.IssueReported")
QUEUED = next(s for s in schemas() if s.name == "hutong.issue.IssueQueued")
VALUE = framed(REPORT, written(REPORT, body_of(REPORT)))
SUSPECTED = next(s for s in schemas() if s.name == "hutong.issue.DuplicateSuspected")
#: An event up to its array, which comes last.
BEFORE_ARRAY = framed(SUSPECTED, written(SUSPECTED, {**body_of(SUSPECTED), "suspects": []}))[:-1]
#: Lengths and counts that cannot be.
IMPOSSIBLE = tuple(map(zigzag, (-1, -(2**31), -(2**63), 2**31, 2**40, 2**62, 2**63 - 1)))


def detail_of(value: bytes) -> str:
    with pytest.raises(UndecodableError) as caught:
        CODEC.check(CODEC.decode(value))
    return caught.value.detail


def cost_of(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and megabytes at the peak."""
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return seconds, peak / 1e6


def test_row_46_a_tombstone() -> None:
    """A record without a value (a tombstone).

    Gets: dead letter `no-value`. Event topics are never compacted, so a tombstone deletes nothing.
    """
    assert reason_of(None) == "no-value"


@pytest.mark.parametrize("length", range(6))
def test_row_48_shorter_than_six_bytes(length: int) -> None:
    """A value of less than six bytes.

    Gets: dead letter `too-short`.
    """
    assert reason_of(VALUE[:length]) == "too-short"


@pytest.mark.parametrize(
    "value", [b"\x02" + VALUE[1:], json.dumps({"subject": 1}).encode(), "路灯不亮".encode()]
)
def test_row_49_another_first_byte(value: bytes) -> None:
    """A first byte that is not 0x00: JSON, plain text, another framing.

    Gets: dead letter `bad-magic`; the detail names the byte that was found.
    """
    assert reason_of(value) == "bad-magic"
    assert f"0x{value[0]:02x}" in detail_of(value)


def test_row_50_the_frame_with_a_guid() -> None:
    """First byte 0x01 and a schema GUID of 16 bytes, as newer Confluent clients can write.

    Gets: dead letter `bad-magic`.

    Why: ids come from the checked-in lock, which has no GUIDs; one framing is one form of an event.
    """
    guid = bytes(range(16))
    assert reason_of(b"\x01" + guid + VALUE[FRAME_BYTES:]) == "bad-magic"


@pytest.mark.parametrize("number", [0, len(schemas()) + 1, 9_999, 2**31 - 1, 2**32 - 1])
def test_row_51_an_unknown_schema_id(number: int) -> None:
    """A schema id that the lock does not have.

    Gets: dead letter `unknown-schema`, at once.

    Why: nobody is asked at run time, the checked-in lock is the truth. The router is upgraded
    before those who send a new version; what came too early waits in the dead letters, whole.
    """
    value = b"\x00" + number.to_bytes(4, "big") + VALUE[FRAME_BYTES:]
    assert reason_of(value) == "unknown-schema"
    assert str(number) in detail_of(value)


def test_row_52_no_registry_can_be_down() -> None:
    """A schema registry that does not answer while the services run.

    Gets: nothing happens: nobody asks it then. Every schema ships with the program, also where a
    city runs a registry.

    Why: a registry at run time would be one more thing that can stop the city, and a second truth.
    """
    words = ("schema_registry", "schemaregistry", "schema.registry", "contract.registry")
    sources = [p for top in ("hutong", "services") for p in (ROOT / top).rglob("*.py")]
    asking = {p for p in sources if any(w in p.read_text("utf-8").lower() for w in words)}
    assert sources
    at_the_start = {ROOT / f"hutong/{p}" for p in ("ops/registry.py", "doctor/examine.py")}
    commands = {ROOT / "hutong/cli/contract.py", *(ROOT / "hutong/contract/registry").iterdir()}
    assert asking - at_the_start - commands == set()


def test_row_53_the_id_of_another_schema() -> None:
    """An event under the schema id of another event, for every pair of the forty.

    Gets: dead letter `bad-body` or `not-canonical` where it does not fit. Where it does fit, the
    header `ce_type` or the topic's list of events gives it away: `wrong-type` or `not-allowed`.
    """
    for schema in schemas():
        for value in examples():
            swapped = framed(schema, value[FRAME_BYTES:])
            if reason_of(swapped) == "":
                # The very same fields: told apart by ce_type, see the router's test.
                assert CODEC.decode(swapped).schema.id == schema.id


@pytest.mark.parametrize("schema", schemas(), ids=lambda s: s.label)
def test_row_54_truncated_everywhere(schema: Schema) -> None:
    """An event cut off at any byte, for every event of the contract.

    Gets: dead letter `bad-body` (`too-short` within the frame); the detail names the field.
    """
    value = framed(schema, written(schema, body_of(schema)))
    for length in range(len(value)):
        assert reason_of(value[:length]) in {"bad-body", "too-short"}


@pytest.mark.parametrize("value", examples(), ids=[s.label for s in schemas()])
def test_row_55_trailing_bytes(value: bytes) -> None:
    """An event with bytes after its end, down to a single zero.

    Gets: dead letter `not-canonical`; the detail says where the event ends.
    """
    for more in (b"\x00", b"\xff", value, value[FRAME_BYTES:]):
        assert reason_of(value + more) == "not-canonical"
    assert f"at byte {len(value)}: the event ends here, 1 more" in detail_of(value + b"\x00")


@pytest.mark.parametrize("value", examples(), ids=[s.label for s in schemas()])
def test_row_56_one_flipped_bit_at_every_position(value: bytes) -> None:
    """One flipped bit, at every position of every event of the contract.

    Gets: dead letter, or another event that is valid by itself. Never a crash, and never two forms
    of one event.
    """
    for position in range(len(value) * 8):
        flipped = bytearray(value)
        flipped[position // 8] ^= 1 << position % 8
        given = bytes(flipped)
        try:
            body = CODEC.decode(given).body
        except UndecodableError:
            continue
        assert repr(body) == repr(oracle(given))


def test_row_56_a_hundred_thousand_mistakes_in_a_guarded_process() -> None:
    """100,000 events with random mistakes (a million by `make fuzz`), compared with fastavro.

    Gets: each an answer within a second, and less than 200 MB for all of them.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.codec", "--count", "100000", "--seed", "56"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["longest_seconds"] < 1
    assert told["grown_mb"] < 200
    assert set(told["reasons"]) >= {"bad-body", "not-canonical", "out-of-limits", "taken"}


@pytest.mark.parametrize("length", IMPOSSIBLE)
def test_row_57_a_length_that_cannot_be(length: bytes) -> None:
    """A text whose length is negative or 2^40.

    Gets: dead letter `bad-body`; nothing is allocated for it.
    """
    value = VALUE[:FRAME_BYTES] + length + VALUE[FRAME_BYTES + 1 :]
    assert reason_of(value) == "bad-body"
    seconds, megabytes = cost_of(lambda: reason_of(value))
    assert (seconds < 0.1, megabytes < 1) == (True, True)


@pytest.mark.parametrize("count", IMPOSSIBLE)
def test_row_58_a_count_that_cannot_be(count: bytes) -> None:
    """An array that announces 2^40 items, or fewer than none.

    Gets: dead letter `bad-body` in less than a second.
    """
    for rest in (b"", b"\x00" * 50, b"\x00" * 100_000):
        value = BEFORE_ARRAY + count + rest
        assert reason_of(value) == "bad-body"
    seconds, megabytes = cost_of(lambda: reason_of(value))
    assert (seconds < 0.1, megabytes < 1) == (True, True)


def test_row_58_as_many_items_as_fit() -> None:
    """A megabyte of the smallest items that an array can hold.

    Gets: dead letter `out-of-limits`: a list holds 1,000 items at most.
    """
    value = queued_with(250_000)
    assert 900_000 < len(value) < MAX_BYTES
    started = time.perf_counter()
    assert reason_of(value) == "out-of-limits"
    assert time.perf_counter() - started < 1
    # Measuring is slow, so only a tenth is measured.
    _, megabytes = cost_of(lambda: reason_of(queued_with(25_000)))
    assert megabytes < 20


def queued_with(count: int) -> bytes:
    body = body_of(QUEUED)
    body["candidates"] = [{"item": "", "category": "", "department": "", "score": 0}] * count
    return framed(QUEUED, written(QUEUED, body))


def test_row_58_items_without_width() -> None:
    """A schema whose array items take no bytes, so that six bytes hold 2^40 of them.

    Gets: no such schema can be loaded.
    """
    for items in ("null", record("Empty")):
        with pytest.raises(SchemaError):
            Reader(record("Bomb", many={"type": "array", "items": items}))


def record(name: str, **fields: Any) -> dict[str, Any]:
    listed = [{"name": name, "type": kind} for name, kind in fields.items()]
    return {"type": "record", "name": name, "namespace": "test", "fields": listed}


def test_row_59_a_recursive_schema() -> None:
    """A schema that holds itself, so that 5 KB nest deeper than the reader's stack.

    Gets: no such schema can be loaded, so there are no such bytes: they fit none of ours.
    """
    with pytest.raises(SchemaError, match="recursive"):
        Reader(record("Node", next=["null", "test.Node"]))
    assert reason_of(framed(REPORT, b"\x02" * 5_000)) != ""


@pytest.mark.parametrize("index", [-1, 2, 9, 63, 64, 2**31, 2**62, -(2**63)])
def test_row_60_a_choice_that_there_is_not(index: int) -> None:
    """A union index of -1, 9 or 2^62; for an enum, too.

    Gets: dead letter `bad-body`; the detail says which choice was made of how many.
    """
    at = VALUE.index(b"\x0ehotline") + 8  # the choice between null and a reference
    value = VALUE[:at] + zigzag(index) + VALUE[at + 1 :]
    assert reason_of(value) == "bad-body"
    assert f"reference at byte {at}: choice {index} of" in detail_of(value)


@pytest.mark.parametrize("index", [-1, 3, 99, 2**40])
def test_row_60_an_enum_symbol_that_there_is_not(index: int) -> None:
    """An enum index of -1 or 99 (no event has an enum yet)."""
    light = {"type": "enum", "name": "Light", "symbols": ["RED", "AMBER", "GREEN"]}
    reader = Reader(record("Signal", light=light))
    assert reader.read(zigzag(2), 0) == {"light": "GREEN"}
    with pytest.raises(MisfitError, match="light at byte"):
        reader.read(zigzag(index), 0)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (varint(72, spare=1), "not-canonical"),
        (varint(72, spare=8), "not-canonical"),
        (varint(72, spare=39), "bad-body"),
        (b"\x80" * 40 + b"\x00", "bad-body"),
        (b"\xff" * 9 + b"\x7f", "bad-body"),
    ],
)
def test_row_61_numbers_with_more_bytes_than_they_need(number: bytes, reason: str) -> None:
    """A number in more bytes than it needs, up to 40.

    Gets: dead letter `not-canonical`, over ten bytes or 64 bits `bad-body`.
    """
    assert VALUE[FRAME_BYTES] == 72  # zigzag of 36, the length of the event's id
    assert reason_of(VALUE[:FRAME_BYTES] + number + VALUE[FRAME_BYTES + 1 :]) == reason


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**40, 2**63 - 1])
def test_row_61_an_int_over_32_bits(number: int) -> None:
    """An int of more than 32 bits, a long of more than 64."""
    reader = Reader(record("Count", count="int"))
    for fine in (2**31 - 1, -(2**31)):
        assert reader.read(zigzag(fine), 0) == {"count": fine}
    with pytest.raises(MisfitError, match="over 32 bits"):
        reader.read(zigzag(number), 0)
    longer = Reader(record("Count", count="long"))
    for fine in (2**63 - 1, -(2**63)):
        assert longer.read(zigzag(fine), 0) == {"count": fine}
    with pytest.raises(MisfitError, match="over 64 bits"):
        longer.read(zigzag(2**63), 0)


@pytest.mark.parametrize("text", [text for text in TEXTS if text != b"\x00"])
def test_row_62_text_that_is_no_utf_8(text: bytes) -> None:
    """A text that is no UTF-8: GB18030, half a character, a surrogate, an over-long form.

    Gets: dead letter `bad-body`; the detail names the field, and repeats nothing of the text.
    """
    at = VALUE.index(b"\x0ehotline")
    value = VALUE[:at] + zigzag(len(text)) + text + VALUE[at + 8 :]
    assert reason_of(value) == "bad-body"
    assert "channel at byte" in detail_of(value)


WRONG_TIMES = (-(2**63), -1, 253_402_300_800_000, 2**62, 2**63 - 1)


@pytest.mark.parametrize("schema", schemas(), ids=lambda s: s.label)
def test_row_63_values_that_no_field_may_hold(schema: Schema) -> None:
    """Times before 1970 or after 9999, ids that are none, NaN and infinite numbers.

    Gets: dead letter `out-of-limits` with the name of every field that is wrong. There are no
    decimals and no logical types whose range could be left.
    """
    body = body_of(schema)
    for holder, key, value in leaves(body):
        for wrong in wrong_for(key, value):
            holder[key] = wrong
            given = framed(schema, written(schema, body))
            assert reason_of(given) == "out-of-limits", (key, wrong)
            assert key in detail_of(given)
        holder[key] = value


def wrong_for(key: str, value: object) -> tuple[object, ...]:
    if key.endswith("_at"):
        return WRONG_TIMES
    if key in ("event_id", "issue_id", "causation_id"):
        return ("", "x", str(value).upper() + " ", f"{value}\n", "0" * 36)
    if isinstance(value, float):
        return (math.nan, math.inf, -math.inf, 181.0)
    if isinstance(value, str):
        return ("nul\x00",)
    return ()


def leaves(node: Any) -> Iterator[tuple[dict[str, Any], str, Any]]:
    for key, value in list(node.items()):
        if isinstance(value, dict):
            yield from leaves(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from leaves(item)
        elif value is not None and not isinstance(value, bytes):
            yield node, key, value


def test_every_number_that_should_not_be_is_survived_everywhere() -> None:
    random = Random(61)
    for value in examples():
        for number in NUMBERS:
            at = random.randrange(FRAME_BYTES, len(value))
            given = value[:at] + number + value[at + 1 :]
            try:
                body = CODEC.decode(given).body
            except UndecodableError:
                body = None
            assert repr(body) == repr(oracle(given))
