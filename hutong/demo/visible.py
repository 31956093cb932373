"""Watches from outside when records become visible in the read models."""

import threading
import time

from hutong.store import connect
from hutong.store.offsets import read_offsets

#: Seconds between looks: the resolution of what is measured.
INTERVAL = 0.005


class VisibilityWatch:
    """Looks at the projections' offsets every few milliseconds, as any other reader could."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._looks: list[tuple[int, dict[int, int]]] = []
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True, name="visibility")

    def __enter__(self) -> "VisibilityWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def visible_at(self, partition: int, offset: int) -> int | None:
        """First look (milliseconds UTC) at which that record of `issues` was committed."""
        if self._failure is not None:
            raise RuntimeError("the watch on the read models broke") from self._failure
        for at, offsets in self._looks:
            if offsets.get(partition, 0) > offset:
                return at
        return None

    def _watch(self) -> None:
        try:
            with connect(self._url, autocommit=True) as connection:
                last: dict[int, int] = {}
                while not self._stop.wait(INTERVAL):
                    offsets = read_offsets(connection)
                    if offsets != last:
                        self._looks.append((time.time_ns() // 1_000_000, offsets))
                        last = offsets
        except BaseException as error:  # noqa: BLE001  # handed to the caller by visible_at
            self._failure = error
