"""Records of a partition as a Parquet file, and back. Needs the `replay` extra."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from hutong.kafka.issues import KeptRecord
from hutong.replay.manifest import ArchiveError, Segment

_HEADER: Final = pa.struct([("name", pa.string()), ("value", pa.binary())])
SCHEMA: Final = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("stamp", pa.int8()),
        ("timestamp", pa.int64()),
        ("key", pa.binary()),
        ("value", pa.binary()),
        ("headers", pa.list_(_HEADER)),
    ]
)
"""`timestamp` is milliseconds UTC; `stamp` is Kafka's number for what it means (2: append time)."""

_DIGITS: Final = 20
_CHUNK: Final = 1 << 20


def write_segment(folder: Path, topic: str, records: Sequence[KeptRecord]) -> Segment:
    """Write the records (one partition, in order, at least one) to a file of their own."""
    first, last = records[0], records[-1]
    file = f"{topic}/{first.partition:02}-{first.offset:0{_DIGITS}}.parquet"
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = list(zip(*records, strict=True))
    columns[-1] = tuple(
        [{"name": name, "value": value} for name, value in headers] for headers in columns[-1]
    )
    arrays = [pa.array(c, field.type) for c, field in zip(columns, SCHEMA, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA), path, compression="zstd")
    return Segment(file, first.offset, last.offset, len(records), sha256_of(path))


def read_segment(folder: Path, segment: Segment) -> list[KeptRecord]:
    """Its records; ArchiveError names the file when it is not what the manifest says."""
    path = _whole(folder, segment)
    rows = pq.read_table(path, schema=SCHEMA).to_pylist()
    records = [
        KeptRecord(
            row["partition"],
            row["offset"],
            row["stamp"],
            row["timestamp"],
            row["key"],
            row["value"],
            [(header["name"], header["value"]) for header in row["headers"]],
        )
        for row in rows
    ]
    said = (segment.first, segment.last, segment.records)
    if (records[0].offset, records[-1].offset, len(records)) != said:
        raise ArchiveError(f"{path} holds other offsets than the manifest says")
    return records


def read_times(folder: Path, segment: Segment) -> Iterator[tuple[int, int]]:
    """(offset, timestamp) of its records, in order; ArchiveError as `read_segment`."""
    columns = pq.read_table(_whole(folder, segment), columns=["offset", "timestamp"])
    yield from zip(*(column.to_pylist() for column in columns.itercolumns()), strict=True)


def _whole(folder: Path, segment: Segment) -> Path:
    """Its file, held against its digest; ArchiveError names it."""
    path = folder / segment.file
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror}") from error
    if found != segment.sha256:
        raise ArchiveError(
            f"{path} is not what was written: SHA-256 {found[:16]}…, "
            f"the manifest says {segment.sha256[:16]}…"
        )
    return path


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
