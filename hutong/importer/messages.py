"""Reads messages of another system from a CSV or CSV.gz file."""

import csv
import gzip
import logging
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, cast

from hutong.events.fields import CODE_PATTERN, LAST_MILLIS, SUBJECT_LIMIT

REQUIRED: Final = ("message_id", "submitted_at", "subject", "body")
OPTIONAL: Final = ("user_id", "channel", "area", "lon", "lat")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_is_code = re.compile(CODE_PATTERN).match
_log = logging.getLogger(__name__)
_CELL_LIMIT = 10_000_000
"""Characters in one cell. csv stops at 131,072, and one huge letter must not stop the file."""


class MessagesError(Exception):
    """The file as a whole cannot be read; the message says where, and what to do about it."""


@dataclass(frozen=True, slots=True)
class ImportedMessage:
    """One message of the file. `submitted_at` is ms UTC; `line` is where its row starts, from 1."""

    line: int
    message_id: str
    submitted_at: int
    subject: str
    body: str
    user_id: str | None = None
    channel: str | None = None
    area: str | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used. The rows beside it are not touched."""

    line: int
    reason: str


def read_messages(path: Path) -> Iterator[ImportedMessage | BadRow]:
    """Every row of `path`, in its order, streamed: a message, or a bad row with line and remedy.

    The first line names the columns: those of `REQUIRED`, any of `OPTIONAL`; others are ignored
    and named once in the log. UTF-8 with or without a byte order mark; gzip by its first bytes,
    whatever the name. Raises `MessagesError` where nothing more can be read: no such file, columns
    missing, text that is not UTF-8, a damaged archive. What was yielded before it is sound.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if not packed:
                yield from _rows(file, path)
                return
            with gzip.open(file) as unpacked:
                yield from _rows(cast("BinaryIO", unpacked), path)
    except OSError as error:
        why = error.strerror or str(error)
        raise MessagesError(f"{path}: cannot be read: {why}") from error


def _rows(stream: BinaryIO, path: Path) -> Iterator[ImportedMessage | BadRow]:
    before = csv.field_size_limit(_CELL_LIMIT)
    try:
        reader = csv.reader(_lines(stream, path), strict=True)
        header = _header(next(reader, []), path)
        seen: dict[str, int] = {}
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            if cells:
                yield _row(line, cells, header, seen)
    except csv.Error as error:
        raise MessagesError(
            f"{path}:{reader.line_num}: not well-formed CSV: {error}. A cell that holds a comma, "
            'a quote or a line break must stand in quotes, and a quote inside it is written "".'
        ) from error
    finally:
        csv.field_size_limit(before)


def _lines(stream: BinaryIO, path: Path) -> Iterator[str]:
    number = 0
    try:
        for number, raw in enumerate(stream, 1):
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise MessagesError(
            f"{path}:{number}: not UTF-8 (byte {error.object[error.start]:#04x}). If it was saved "
            "as GBK, convert it first: iconv -f GB18030 -t UTF-8 OLD > NEW"
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise MessagesError(
            f"{path}:{number + 1}: the gzip archive is damaged or cut short ({error}). Copy the "
            "file again and check it with: gzip -t FILE"
        ) from error


def _header(cells: list[str], path: Path) -> dict[str, int]:
    names = [cell.strip() for cell in cells]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise MessagesError(
            f"{path}:1: no column {', '.join(missing)}. The first line must name the columns "
            f"{', '.join(REQUIRED)}; {', '.join(OPTIONAL)} may be there too."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise MessagesError(f"{path}:1: column {', '.join(twice)} is there twice; keep one.")
    ignored = [name for name in names if name not in REQUIRED and name not in OPTIONAL]
    if ignored:
        _log.warning("%s: columns ignored: %s", path, ", ".join(ignored))
    return {name: index for index, name in enumerate(names)}


def _row(
    line: int, cells: list[str], header: dict[str, int], seen: dict[str, int]
) -> ImportedMessage | BadRow:
    if len(cells) != len(header):
        return BadRow(line, f"has {len(cells)} cells, the first line names {len(header)}")

    def cell(name: str) -> str:
        index = header.get(name)
        return "" if index is None else cells[index]

    message_id = cell("message_id").strip()
    if not message_id:
        return BadRow(line, "message_id is empty; every message needs its own number")
    if len(message_id) > SUBJECT_LIMIT:
        return BadRow(line, f"message_id is longer than {SUBJECT_LIMIT} characters")
    if message_id in seen:
        return BadRow(
            line, f"message_id {message_id} is already on line {seen[message_id]}; give it another"
        )
    seen[message_id] = line
    if any("\x00" in text for text in cells):
        return BadRow(line, "holds a NUL character; remove it")
    subject, body = cell("subject"), cell("body")
    if not (subject.strip() or body.strip()):
        return BadRow(line, "subject and body hold no text")
    submitted_at = _time(cell("submitted_at").strip())
    if isinstance(submitted_at, str):
        return BadRow(line, submitted_at)
    area = cell("area").strip() or None
    if area is not None and (len(area) > 64 or not _is_code(area)):
        return BadRow(line, f"area {area!r} is not an area code; leave it empty if unknown")
    point = _point(cell("lon").strip(), cell("lat").strip())
    if isinstance(point, str):
        return BadRow(line, point)
    return ImportedMessage(
        line=line,
        message_id=message_id,
        submitted_at=submitted_at,
        subject=subject,
        body=body,
        user_id=cell("user_id").strip() or None,
        channel=cell("channel").strip() or None,
        area=area,
        lon=point[0],
        lat=point[1],
    )


def _time(text: str) -> int | str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return f"submitted_at {text!r} is not an ISO 8601 time such as 2019-03-01T08:30:00+08:00"
    if moment.tzinfo is None:
        return f"submitted_at {text} has no zone; write it as {text}+08:00 (or your own offset)"
    millis = (moment - _EPOCH) // _MILLISECOND
    if not 0 <= millis <= LAST_MILLIS:
        return f"submitted_at {text} lies before 1970; check the year"
    return millis


def _point(lon: str, lat: str) -> tuple[float | None, float | None] | str:
    if not lon and not lat:
        return None, None
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        return f"lon {lon!r}, lat {lat!r} are not both numbers; fill in both or neither"
    if not (math.isfinite(x) and math.isfinite(y) and -180 <= x <= 180 and -90 <= y <= 90):
        return f"lon {lon}, lat {lat} is not on the globe; WGS84 degrees, longitude first"
    return x, y
