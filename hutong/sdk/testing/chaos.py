"""A network that misbehaves, on the way to any other transport of httpx."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx

Fault = Literal["drop", "cut", "duplicate", "delay", "reorder"]


@dataclass(frozen=True, slots=True)
class Chances:
    """How often what happens, each from 0 to 1.

    drop: the request never arrives. cut: it arrives, its answer does not. duplicate: it arrives
    twice. delay: it takes up to ``delay_seconds``. reorder: a copy of it arrives again after the
    next one.
    """

    drop: float = 0.0
    cut: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    reorder: float = 0.0
    delay_seconds: float = 0.05


class ChaosTransport(httpx.BaseTransport):
    """Passes requests on to ``inner``, with faults. The same seed gives the same faults."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        chances: Chances,
        *,
        seed: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner = inner
        self._chances = chances
        self._random = random.Random(seed)
        self._sleep = sleep
        self._late: list[httpx.Request] = []
        #: How often what has happened.
        self.counts: dict[Fault, int] = dict.fromkeys(
            ("drop", "cut", "duplicate", "delay", "reorder"), 0
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx calls it."""
        request.read()
        if self._happens("drop"):
            raise httpx.ConnectError("dropped on the way", request=request)
        if self._happens("delay"):
            self._sleep(self._random.uniform(0, self._chances.delay_seconds))
        response = self._pass_on(request)
        late, self._late = self._late, []
        for each in late:
            self._pass_on(each)
        if self._happens("duplicate"):
            response = self._pass_on(request)
        if self._happens("reorder"):
            self._late.append(request)
        if self._happens("cut"):
            raise httpx.ReadError("cut before the answer", request=request)
        return response

    def close(self) -> None:
        """Close what it passes on to."""
        self._inner.close()

    def _happens(self, fault: Fault) -> bool:
        # Drawn whether it can happen or not, so that one chance does not shift the others.
        chance: float = getattr(self._chances, fault)
        drawn = self._random.random() < chance
        self.counts[fault] += drawn
        return drawn

    def _pass_on(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        response.read()
        return response
