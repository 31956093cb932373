"""Lets a row change the wall clock, the classifier and the router of services that run.

Python imports this by itself where this folder is on PYTHONPATH: in the services of the rows that
ask for it (`ALTERED` in rows.py), and in nothing else. What a process is to do stands in a file
that it and the row have mapped, so a change is felt at the next call, without a restart.

The clock is `time.time` and `time.time_ns`: all that the services read of the wall clock. C
libraries (librdkafka, libpq) and `time.monotonic` keep the machine's time.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import re
import struct
import sys
import time
import zlib
from pathlib import Path
from typing import Any

FOLDER, NAME = "FAULTS_SWITCHES", "FAULTS_NAME"
"""Variables: where the files are, and whose this process takes (default: its service's)."""

SHIFT, POISON, BURY, SEGFAULT = range(4)
"""Milliseconds that the clock is ahead; reports of 100 that make the classifier raise; whether the
router buries the second acts on an issue; whether the next report is the death of the process."""

_NUMBER = struct.Struct("<q")
_SECOND_ACT = re.compile(rb"k[0-9a-f]+-\d+-2\.").search
"""In the marks of tests/faults/load.py: the last act of its sender, which none must follow."""


class Switches:
    """A process's file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(4 * _NUMBER.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def __getitem__(self, which: int) -> int:
        return int(_NUMBER.unpack_from(self._map, which * _NUMBER.size)[0])

    def __setitem__(self, which: int, value: int) -> None:
        _NUMBER.pack_into(self._map, which * _NUMBER.size, value)


def _shift(switches: Switches) -> None:
    seconds, nanoseconds = time.time, time.time_ns
    time.time = lambda: seconds() + switches[SHIFT] / 1_000
    time.time_ns = lambda: nanoseconds() + switches[SHIFT] * 1_000_000


def _spoil(switches: Switches) -> None:
    from hutong_router.records import DeadLetter, Fault
    from hutong_router.route import Router

    from hutong.classify.classifier import Classifier

    classify: Any = Classifier.classify
    route: Any = Router.route

    def poisoned(self: Classifier, subject: str, body: str, **more: Any) -> Any:
        if switches[SEGFAULT]:
            switches[SEGFAULT] = 0
            ctypes.string_at(0)
        if zlib.crc32(subject.encode()) % 100 < switches[POISON]:
            raise RuntimeError("a poisonous report")
        return classify(self, subject, body, **more)

    def buried(self: Router, record: Any) -> Any:
        if switches[BURY] and _SECOND_ACT(record.value or b""):
            return DeadLetter(Fault.UNKNOWN_SCHEMA, "as a bad release would say")
        return route(self, record)

    Classifier.classify = poisoned  # type: ignore[method-assign]
    Router.route = buried  # type: ignore[method-assign]


if FOLDER in os.environ:
    _service = sys.orig_argv[-1]
    _switches = Switches(Path(os.environ[FOLDER]) / os.environ.get(NAME, _service))
    _shift(_switches)
    if _service == "router":
        _spoil(_switches)
