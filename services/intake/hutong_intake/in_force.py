"""The city pack in force: checked against, filled in from, and foretold by.

Intake takes reports while nobody knows what is in force (docs/decisions/0007): what is in force is
the router's and the fold's to say. So it goes on with what it knew last, and never stops for it.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Self

from confluent_kafka import KafkaException

from hutong.city import City
from hutong.issue.rules import Rules
from hutong.ops.log import get_logger
from hutong.promotions.log import CityLogError
from hutong.promotions.packs import Packs, PackSince
from hutong.promotions.timeline import NoPackError

#: How often a pack may be promoted without lead before it is known here.
_EVERY_SECONDS = 3.0
#: How long the end of the process waits for a look; one that is not answered dies with it.
_STOP_SECONDS = 0.2


class InForce:
    """What counts when; ``first``, until `city` has been read."""

    def __init__(self, first: City) -> None:
        self._known: tuple[PackSince, ...] = ()
        self.know((PackSince(0, first),))

    def know(self, packs: Sequence[PackSince]) -> None:
        """All packs that count, in order; at least one."""
        if tuple(packs) != self._known:
            rules = Rules.over(packs)
            self._known, self._rules = tuple(packs), rules

    def city(self, at: int) -> City:
        """The pack in force at an instant, milliseconds UTC."""
        return next((pack.city for pack in reversed(self._known) if pack.since <= at), self.first)

    @property
    def first(self) -> City:
        """The earliest pack known; a city keeps its time zone."""
        return self._known[0].city

    @property
    def rules(self) -> Rules:
        """Over all packs."""
        return self._rules


class Follower(AbstractContextManager["Follower"]):
    """Keeps an `InForce` up to date in a thread of its own.

    Args:
        open_packs: opens `city`; called in that thread.
    """

    def __init__(
        self,
        in_force: InForce,
        open_packs: Callable[[], Packs],
        every: float = _EVERY_SECONDS,
    ) -> None:
        self._in_force = in_force
        self._open = open_packs
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="city", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(_STOP_SECONDS)

    def _follow(self) -> None:
        packs, trouble = self._open(), ""
        try:
            while True:
                try:
                    packs.read_on()
                    self._in_force.know(packs.known)
                    trouble = ""
                except (KafkaException, CityLogError, NoPackError) as error:
                    if str(error) != trouble:
                        trouble = str(error)
                        get_logger().warning("city cannot be read, the pack stays", why=trouble)
                if self._ended.wait(self._every):
                    return
        finally:
            packs.close()
