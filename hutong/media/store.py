"""The port to where photos lie. Both adapters pass one suite, tests/fixtures/media_suite.py."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class MediaDownError(Exception):
    """The store does not answer; the message says why, for the log."""


class MediaType(StrEnum):
    """What a stored photo is."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored file. ``since``: when it was last put or kept, milliseconds UTC."""

    sha256: str
    since: int


class MediaStore(Protocol):
    """Files by the SHA-256 of their bytes, in lower-case hex. Every call may raise MediaDownError.

    Blocking: call it from a thread.
    """

    def put(self, sha256: str, data: bytes) -> None:
        """Store a file, whole or not at all; one that is there counts as put now."""
        ...

    def keep(self, sha256: str) -> bool:
        """Whether the file is there; if so, it counts as put now."""
        ...

    def get(self, sha256: str) -> bytes | None:
        """Its bytes, or None."""
        ...

    def all(self) -> Iterator[Stored]:
        """Every file, in no order. What else lies there is none of ours and left out."""
        ...

    def remove(self, sha256: str, before: int) -> bool:
        """Remove a file unless it was put or kept at or after ``before`` (milliseconds UTC).

        False: it stays, or was not there.
        """
        ...


def type_of(data: bytes) -> MediaType | None:
    """What the first bytes say; None for anything that is never stored."""
    if data.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return MediaType.WEBP
    return None
