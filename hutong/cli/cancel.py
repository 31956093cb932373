"""Ctrl-C and SIGTERM while a command works that can be stopped anywhere, up to a point."""

import signal
from types import FrameType
from typing import Any, Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Cancel:
    """Within the block both raise KeyboardInterrupt, until it is `too_late`: then neither does."""

    def __init__(self) -> None:
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._before = {each: signal.signal(each, _raise) for each in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def too_late(self) -> None:
        """What goes on now is done in a moment, and is done whole."""
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
