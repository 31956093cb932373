"""What an archive says of itself: `manifest.json`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

FILE: Final = "manifest.json"
FORMAT: Final = 1
PHOTO: Final = "photo"
"""What a blob is that intake stored; its name there is the same digest."""


class ArchiveError(Exception):
    """An archive that is not whole or not readable; the message names the file."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One Parquet file: records of one partition, offsets from ``first`` to ``last``."""

    file: str
    first: int
    last: int
    records: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """A partition: offsets from ``first`` to before ``end``. Offsets without a record are normal
    where a producer gave up, so ``records`` is a count of its own."""

    partition: int
    first: int
    end: int
    records: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Blob:
    """A file named by its content's SHA-256, and what it is."""

    sha256: str
    what: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that is in an archive. ``made_at`` is milliseconds UTC.

    ``ends``: topic -> partition -> next offset, of the topics that are not in it. Receipts and
    cursors name places there, so a restored city must not give the same ones out again.
    """

    made_at: int
    software: str
    city_lead_ms: int
    topics: Mapping[str, tuple[Part, ...]]
    blobs: tuple[Blob, ...]
    ends: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def records(self) -> int:
        """Of all topics."""
        return sum(part.records for parts in self.topics.values() for part in parts)

    def to_json(self) -> str:
        """The file's text: the same archive always has the same."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def read(cls, folder: Path) -> Self:
        """That of an archive; ArchiveError when there is none or it cannot be read."""
        path = folder / FILE
        try:
            raw = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ArchiveError(f"{path}: {error.strerror}; is it an archive?") from error
        except ValueError as error:
            raise ArchiveError(f"{path} is not JSON: {error}") from error
        try:
            if raw["format"] != FORMAT:
                raise ArchiveError(f"{path} is of format {raw['format']}, this program reads 1")
            return cls(
                made_at=raw["made_at"],
                software=raw["software"],
                city_lead_ms=raw["city_lead_ms"],
                topics={name: tuple(map(_part, parts)) for name, parts in raw["topics"].items()},
                blobs=tuple(Blob(**blob) for blob in raw["blobs"]),
                ends={
                    topic: {int(partition): end for partition, end in ends.items()}
                    for topic, ends in raw.get("ends", {}).items()
                },
            )
        except (KeyError, TypeError) as error:
            raise ArchiveError(f"{path} lacks or misnames something: {error}") from error


def _part(raw: Mapping[str, Any]) -> Part:
    return Part(**{**raw, "segments": tuple(Segment(**one) for one in raw["segments"])})
