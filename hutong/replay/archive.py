"""An archive of the log, read as though it were the broker's."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hutong.events.codec import Codec
from hutong.events.topics import CITY, ISSUES
from hutong.issue.record import Record
from hutong.kafka.issues import KeptRecord, read_kept
from hutong.kafka.stamp import is_append_time
from hutong.promotions.reading import CityRecord
from hutong.replay.manifest import FILE, ArchiveError, Blob, Manifest, Part
from hutong.replay.segments import read_segment, read_times, sha256_of
from hutong.replay.source import RangeMissingError, Wanted, missing

_NEVER: Final = float("inf")


class Archive:
    """A `Source`: `issues` of an archive. Every segment is held against its digest when it is
    read; ArchiveError names the one that is not what was written."""

    def __init__(self, folder: Path, manifest: Manifest, codec: Codec) -> None:
        self.folder = folder
        self.manifest = manifest
        self._codec = codec
        self._next: dict[int, int] = {}

    @classmethod
    def open(cls, folder: Path, codec: Codec) -> "Archive":
        """ArchiveError when the folder holds none."""
        return cls(folder, Manifest.read(folder), codec)

    @property
    def position(self) -> Mapping[int, int]:
        """Partition -> next offset to be read."""
        return self._next

    @property
    def identity(self) -> str:
        """The digest of its manifest, which names the digest of every segment."""
        return f"archive {sha256_of(self.folder / FILE)}"

    def ends(self) -> dict[int, int]:
        """Partition -> offset after the last that was archived."""
        return {part.partition: part.end for part in self._parts()}

    def ends_at(self, instant: int) -> dict[int, int]:
        """Partition -> offset of the first record that was appended after the instant."""
        return {part.partition: self._first_after(part, instant) for part in self._parts()}

    def _first_after(self, part: Part, instant: int) -> int:
        for segment in part.segments:
            for offset, timestamp in read_times(self.folder, segment):
                if timestamp > instant:
                    return offset
        return part.end

    def require(self, ends: Mapping[int, int]) -> None:
        """Raise RangeMissingError unless it holds everything from 0 to these offsets."""
        known = {part.partition: (part.first, part.end) for part in self._parts()}
        if why := missing(f"{ISSUES} in {self.folder}", known, ends):
            raise RangeMissingError(why)

    def read_to(
        self, ends: Mapping[int, int], most: int, wanted: Wanted | None = None
    ) -> Iterator[list[Record]]:
        """As `Source.read_to`, one partition after the other."""
        for part in self._parts():
            if part.partition not in ends:
                continue
            end = ends[part.partition]
            batch: list[Record] = []
            for kept in self._kept(part, self._next.get(part.partition, 0), end):
                if wanted is not None and not wanted(kept):
                    continue
                batch.append(read_kept(self._codec, f"{ISSUES} in {self.folder}", kept))
                if len(batch) >= most:
                    self._next[part.partition] = batch[-1].offset + 1
                    yield batch
                    batch = []
            self._next[part.partition] = max(end, self._next.get(part.partition, 0))
            if batch:
                yield batch

    def seek(self, position: Mapping[int, int]) -> None:
        """Go on from these offsets."""
        self._next = dict(position)

    def restart(self) -> None:
        """Begin at 0 again."""
        self._next = {}

    def close(self) -> None:
        """Nothing is held open."""

    def city(self) -> "ArchivedCity":
        """The promotions, as `CityLog` would read them."""
        return ArchivedCity(self)

    def records(self, topic: str) -> Iterator[KeptRecord]:
        """Every record of a topic, by partition and offset."""
        for part in self._parts(topic):
            yield from self._kept(part, part.first, part.end)

    def blob(self, blob: Blob) -> bytes:
        """Its content; ArchiveError when it is not what its name says."""
        path = self.folder / "blobs" / blob.sha256
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ArchiveError(f"{path} ({blob.what}): {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != blob.sha256:
            raise ArchiveError(f"{path} ({blob.what}) is not what was written")
        return content

    def _parts(self, topic: str = ISSUES) -> tuple[Part, ...]:
        try:
            return self.manifest.topics[topic]
        except KeyError:
            raise ArchiveError(f"{self.folder} holds no topic {topic}") from None

    def _kept(self, part: Part, start: int, end: int) -> Iterator[KeptRecord]:
        for segment in part.segments:
            if segment.last >= start and segment.first < end:
                for kept in read_segment(self.folder, segment):
                    if start <= kept.offset < end:
                        yield kept


class ArchivedCity:
    """`city` of an archive, with the names of `CityLog` that readers use.

    What was archived does not grow, so it is always confirmed.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.confirmed_at = float("-inf")

    def read_on(self) -> list[CityRecord]:
        """All of it, the first time. ArchiveError as of `Archive`."""
        if self.confirmed_at == _NEVER:
            return []
        found = []
        for kept in self._archive.records(CITY):
            if not is_append_time(kept.stamp, kept.headers):
                raise ArchiveError(f"{CITY} in {self._archive.folder} is not in append time")
            found.append(
                CityRecord(kept.offset, kept.timestamp, kept.key, kept.value, kept.headers)
            )
        self.confirmed_at = _NEVER
        return found

    def close(self) -> None:
        """Nothing is held open."""
