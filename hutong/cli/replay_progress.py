"""How far a replay is, on standard error: one line that changes, or now and then a line."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from hutong.replay.progress import Progress

_TERMINAL_SECONDS: Final = 0.5
_LOG_SECONDS: Final = 5.0
_WIPE: Final = "\r\x1b[2K"


class Shown:
    """Shows progress; lines that are to stay go through `say`."""

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._live = self._stream.isatty()
        self._due = clock() + (0.0 if self._live else _LOG_SECONDS)
        self._standing = False
        self.last: Progress | None = None

    def watch(self, progress: "Progress") -> None:
        """Show it, if it is time again."""
        self.last = progress
        if self._clock() < self._due:
            return
        self._due = self._clock() + (_TERMINAL_SECONDS if self._live else _LOG_SECONDS)
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"{_WIPE}{progress.line(width)[:width]}")
            self._standing = True
        else:
            self._write(f"{progress.line()}\n")

    def say(self, line: str) -> None:
        """A line that stays."""
        self.end()
        self._write(f"{line}\n")

    def end(self) -> None:
        """Take the changing line away, with the last of what it said."""
        if self._standing:
            self._write("\n")
            self._standing = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
