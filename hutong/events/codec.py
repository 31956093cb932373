"""Events to bytes and back: the Confluent frame (0x00, 4-byte schema id, Avro body), strictly.

`decode` accepts exactly the bytes that `encode` of the same body would give: see
`hutong.events.reader`.
"""

import io
import struct
from typing import Any, NamedTuple

import fastavro
from pydantic import ValidationError

from hutong.events.base import Event
from hutong.events.catalogue import event_classes
from hutong.events.reader import MisfitError, Reader
from hutong.events.schemas import Schema, SchemaSet, load_schemas
from hutong.events.writer import WriteFields, item_writer, run_writers

_FRAME = struct.Struct(">bI")
_MAGIC = 0
#: Larger values are not read: the broker's default max.message.bytes is 1 MiB.
MAX_BYTES = 1_048_576


class UndecodableError(Exception):
    """These bytes are no event: ``reason`` is a code, ``detail`` says what and where."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Decoded(NamedTuple):
    """A body with the schema that it was written with."""

    schema: Schema
    body: dict[str, Any]


class Codec:
    """Encodes with the newest schema of an event, decodes with the writer's."""

    def __init__(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        self._by_id = schemas.by_id
        self._classes = event_classes()
        #: By schema id; a millisecond each to make, so made when first needed.
        self._readers: dict[int, Reader] = {}

    def encode(self, event: Event) -> bytes:
        """The framed bytes of an event."""
        return self.encode_body(event.avro_name, event.to_body())

    def encode_body(self, name: str, body: dict[str, Any]) -> bytes:
        """The framed bytes of a body of the event with that Avro full name."""
        schema = self._schemas.latest(name)
        return _FRAME.pack(_MAGIC, schema.id) + _write(schema, body)

    def encode_runs(self, name: str, *starts: str) -> tuple[WriteFields, ...]:
        """Writers of the runs of fields that begin at ``starts``; the first writes the frame, too.

        What they give for a body, joined, is what `encode_body` gives for it. A body must have all
        fields of the run: nothing is filled in. See `hutong.events.writer.run_writers`.
        """
        schema = self._schemas.latest(name)
        frame = _FRAME.pack(_MAGIC, schema.id)
        first, *others = run_writers(schema.raw, starts)
        return (lambda body: frame + first(body), *others)

    def encode_item(self, name: str, field: str) -> WriteFields:
        """A writer of one item of an array: see `hutong.events.writer.item_writer`."""
        return item_writer(self._schemas.latest(name).raw, field)

    def decode(self, value: bytes | None) -> Decoded:
        """Schema and body of a record's value; raises UndecodableError. Shape only: see `check`."""
        schema = self.schema_of(value)
        reader = self._readers.get(schema.id)
        if reader is None:
            reader = self._readers[schema.id] = Reader(schema.raw)
        try:
            body = reader.read(value, _FRAME.size)  # type: ignore[arg-type]  # schema_of refused None
        except MisfitError as error:
            raise UndecodableError(error.reason, f"{schema.label}: {error}") from None
        return Decoded(schema, body)

    def schema_of(self, value: bytes | None) -> Schema:
        """The schema named by the frame; raises UndecodableError."""
        if value is None:
            raise UndecodableError("no-value", "the record has no value (a tombstone)")
        if len(value) <= _FRAME.size:
            raise UndecodableError("too-short", f"{len(value)} bytes cannot hold an event")
        if len(value) > MAX_BYTES:
            raise UndecodableError("too-long", f"{len(value)} bytes, at most {MAX_BYTES}")
        magic, schema_id = _FRAME.unpack_from(value)
        if magic != _MAGIC:
            raise UndecodableError("bad-magic", f"first byte is 0x{magic & 0xFF:02x}, not 0x00")
        schema = self._by_id.get(schema_id)
        if schema is None:
            raise UndecodableError("unknown-schema", f"no schema has the id {schema_id}")
        return schema

    def check(self, decoded: Decoded) -> None:
        """Hold a decoded body against the limits of its event; raises UndecodableError."""
        try:
            self._classes[decoded.schema.name].check(decoded.body)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            places = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in faults[:10])
            raise UndecodableError("out-of-limits", f"{decoded.schema.label}: {places}") from None


def _write(schema: Schema, body: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema.parsed, body)
    return buffer.getvalue()


def default_codec() -> Codec:
    """The codec of the contract that ships with this package."""
    return Codec(load_schemas())
