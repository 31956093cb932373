"""Ctrl-C, SIGTERM and SIGHUP as one exception, so that one `finally` stops the stack."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody asked this process to stop. `str` of it is the name of the signal."""


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Within it the first of the signals raises `StopRequested`; later ones are ignored.

    A signal that is ignored already (`nohup`) stays so. Call it in the main thread.
    """
    asked = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise StopRequested(signal.Signals(number).name)

    before = {number: signal.getsignal(number) for number in _NUMBERS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
