"""What happens between versions of an event. All are at version 1, so these have made-up ones."""

from __future__ import annotations

import copy
import io
import json
from importlib.resources import files
from typing import Any

import fastavro
import fastavro.schema
import pytest

from hutong.events.codec import Codec, UndecodableError
from hutong.events.schemas import Schema, SchemaSet
from tests.contract.test_schemas import FILES, example_of, reads

NAME = "hutong.issue.IssueResumed"
FIRST: dict[str, Any] = json.loads(
    (files("hutong_schemas") / "issue" / "IssueResumed" / "1.avsc").read_text("utf-8")
)
NOTE = {"name": "note", "type": ["null", "string"], "doc": "New."}


def with_field(field: dict[str, Any]) -> dict[str, Any]:
    """A second version: the first and one more field."""
    second = copy.deepcopy(FIRST)
    second["fields"].append(field)
    return second


def codec_of(*versions: dict[str, Any]) -> Codec:
    """A codec whose lock has these versions, as ids 901, 902, ..."""
    return Codec(
        SchemaSet(
            Schema(900 + n, NAME, n, fastavro.schema.parse_schema(raw, {}), raw)
            for n, raw in enumerate(versions, 1)
        )
    )


def read_as(value: bytes, writer: dict[str, Any], reader: dict[str, Any]) -> dict[str, Any]:
    """What a consumer with its own version makes of a value."""
    schemas = (fastavro.schema.parse_schema(raw, {}) for raw in (writer, reader))
    body: dict[str, Any] = fastavro.schemaless_reader(io.BytesIO(value[5:]), *schemas)
    return body


BODY = example_of(NAME, 1)
SECOND = with_field({**NOTE, "default": None})


def test_row_65_a_new_field_without_default() -> None:
    """A new version with a field that has no default, so that older events cannot be read with it.

    Gets: refused in CI, which reads the examples of every version with every other. At run time a
    version that is not in the lock is dead letter `unknown-schema`.

    Why: at run time nobody resolves one schema against another: each event is read with the schema
    that it was written with, so the lock is the only door.
    """
    broken = with_field(NOTE)
    with pytest.raises(Exception, match="note"):
        reads(FIRST, broken, BODY)
    assert reads(FIRST, SECOND, BODY)
    value = codec_of(FIRST, broken).encode_body(NAME, {**BODY, "note": "x"})
    with pytest.raises(UndecodableError, match="unknown-schema"):
        codec_of(FIRST).decode(value)


def test_row_66_events_of_one_version_read_by_another() -> None:
    """An event of version 1 read by today's program, and today's event read by one of version 1.

    Gets: both are read. The router must know the newer version before anybody sends it.
    """
    old, new = codec_of(FIRST), codec_of(FIRST, SECOND)
    of_old = old.encode_body(NAME, BODY)
    decoded = new.decode(of_old)
    assert (decoded.schema.version, decoded.body) == (1, BODY)

    of_new = new.encode_body(NAME, {**BODY, "note": "x"})
    assert new.decode(of_new).schema.version == 2
    assert read_as(of_new, SECOND, FIRST) == BODY
    assert read_as(of_old, FIRST, SECOND) == {**BODY, "note": None}


def test_row_66_every_pair_of_the_contract() -> None:
    """Every version of every event in the contract, read by every other version of it."""
    by_name: dict[str, dict[int, dict[str, Any]]] = {}
    for name, version, file in FILES:
        by_name.setdefault(name, {})[version] = json.loads(file.read_text("utf-8"))
    for name, versions in by_name.items():
        for written, writer in versions.items():
            assert all(reads(writer, r, example_of(name, written)) for r in versions.values())


def test_row_64_a_new_symbol_of_an_enum() -> None:
    """A new symbol of an enum from a newer writer, if ever an event has an enum.

    Gets: its default, which the reader's schema must name.
    """
    light = {"type": "enum", "name": "Light", "symbols": ["UNKNOWN", "RED"], "default": "UNKNOWN"}
    newer = {**light, "symbols": ["UNKNOWN", "RED", "BLINKING"]}
    reader, writer = (
        {"type": "record", "name": "Signal", "fields": [{"name": "light", "type": kind}]}
        for kind in (light, newer)
    )
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(writer, {}), {"light": "BLINKING"})
    assert read_as(b"frame" + buffer.getvalue(), writer, reader) == {"light": "UNKNOWN"}
