"""Chance, the same on every machine: only `random.Random.random` with + - * /."""

from collections.abc import Sequence
from random import Random as Stream
from typing import TypeVar

_T = TypeVar("_T")


class Chance:
    """The luck of one issue; what it gives hangs on its seed and on what was asked before."""

    def __init__(self, seed: str) -> None:
        #: A float in [0, 1).
        self.next = Stream(seed).random

    def happens(self, share: float) -> bool:
        """True in that share of all cases."""
        return self.next() < share

    def around(self, middle: float) -> float:
        """A length whose middle is that: half are shorter, one in eight is three times as long,
        one in fifty nine times. Much like what is called lognormal, without a logarithm.
        """
        half = (self.next() + self.next()) / 2
        return middle * half / (1 - half)

    def one(self, choices: Sequence[_T]) -> _T:
        """Any of them."""
        return choices[int(self.next() * len(choices))]
