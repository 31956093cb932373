"""The city pack that pages speak by: the one in force, as projections know it."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from hutong.city import City, CityError
from hutong.city.archive import ArchiveError
from hutong.issue.rules import Rules
from hutong.ops.log import get_logger
from hutong.store import KeptPack
from hutong_web.data import NotMigratedError, UnavailableError

#: How old the answer may be.
_SECONDS = 5.0


class KeepsPacks(Protocol):
    """What is needed of the source of rows."""

    def pack(self, at: int) -> KeptPack | None:
        """The pack in force at an instant; None where none is known. As any other read."""


class InForce:
    """For all requests at once; ``first`` until the source knows one, and while it says nothing."""

    def __init__(
        self,
        first: City,
        source: KeepsPacks,
        now: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._now = now
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._said = (first, Rules.of(first))

    @property
    def city(self) -> City:
        """The pack in force now."""
        return self._current()[0]

    @property
    def rules(self) -> Rules:
        """What acts are foretold by."""
        return self._current()[1]

    def _current(self) -> tuple[City, Rules]:
        if self._clock() - self._looked_at > _SECONDS and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._said

    def _look(self) -> None:
        self._looked_at = self._clock()
        try:
            kept = self._source.pack(self._now())
            if kept is not None and kept.pack != self._said[0].hash:
                city = kept.city()
                self._said = city, Rules.of(city)
                get_logger().info("pack in force", pack=kept.pack)
        except (UnavailableError, NotMigratedError):
            return  # the page itself says so
        except (ArchiveError, CityError) as error:
            get_logger().error("a kept pack cannot be used, the one before stays", why=str(error))
