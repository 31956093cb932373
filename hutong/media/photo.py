"""From bytes that somebody sent to a photo that may be stored, or why it may not.

The picture is decoded and written anew, so nothing but pixels gets through: no EXIF (with its
place), no text, nothing that hides behind the picture. That happens in a process of its own with
little memory and time, because decoders are where a hostile file does harm.
"""

import asyncio
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from typing import Final

from hutong.media.store import MediaType, type_of

MAX_BYTES: Final = 10 * 1024 * 1024
"""Of what is sent."""

MAX_PIXELS: Final = 40_000_000
"""Of a picture, known before it is decoded: 160 MB once it is."""

#: A picture of the greatest size takes 3 s on one core of ours.
SECONDS: Final = 20.0
#: At once: each may take a core and half a gigabyte.
AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Photo:
    """A clean photo and the name that it is stored under."""

    sha256: str
    kind: MediaType
    data: bytes
    width: int
    height: int


class PhotoError(Exception):
    """Not to be stored; ``code`` is one of `REASONS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


UNKNOWN_TYPE: Final = "unknown_picture_type"
ANIMATED: Final = "animated_picture"
TOO_MANY_PIXELS: Final = "too_many_pixels"
BROKEN: Final = "broken_picture"
TOO_HEAVY: Final = "picture_too_heavy"

REASONS: Final = frozenset({UNKNOWN_TYPE, ANIMATED, TOO_MANY_PIXELS, BROKEN, TOO_HEAVY})


class Darkroom:
    """Makes photos clean, a few at a time. Used from one event loop."""

    def __init__(self, *, seconds: float = SECONDS, at_once: int = AT_ONCE) -> None:
        self._seconds = seconds
        self._places = asyncio.Semaphore(at_once)

    async def develop(self, data: bytes) -> Photo:
        """The clean photo; PhotoError for what is none."""
        if type_of(data) is None:
            raise PhotoError(UNKNOWN_TYPE)
        if len(data) > MAX_BYTES:
            raise PhotoError(TOO_HEAVY)
        async with self._places:
            clean, told = await self._run(data)
        kind = type_of(clean)
        if kind is None:
            raise PhotoError(BROKEN)
        size = json.loads(told)
        digest = hashlib.sha256(clean).hexdigest()
        return Photo(digest, kind, clean, size["width"], size["height"])

    async def _run(self, data: bytes) -> tuple[bytes, bytes]:
        # -P and no variables but the path of packages: nothing near the picture is told a secret.
        environment = {n: v for n, v in os.environ.items() if n in ("PYTHONPATH", "LANG")}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "hutong.media.clean"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
        )
        try:
            async with asyncio.timeout(self._seconds):
                clean, told = await process.communicate(data)
        except TimeoutError:
            raise PhotoError(TOO_HEAVY) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == 0:
            return clean, told
        code = told.decode("ascii", "replace").strip()
        # Whatever else ended it (no memory, no time, a signal) is the picture's doing.
        raise PhotoError(code if code in REASONS else TOO_HEAVY)
