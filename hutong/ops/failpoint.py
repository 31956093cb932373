"""Named places where a fault test ends the process as ``kill -9`` would.

``HUTONG_FAILPOINT=in-sql`` kills at the first pass of that place, ``in-sql:3`` at the third. Unset,
as it always is outside tests, a place costs one comparison.
"""

import os
import signal
from collections.abc import Mapping

VARIABLE = "HUTONG_FAILPOINT"


class Failpoints:
    """The place asked for, if any, and how many passes of it are still survived."""

    def __init__(self, spec: str = "") -> None:
        self._name, _, count = spec.partition(":")
        self._left = int(count or 1)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Failpoints":
        """As an environment (``os.environ``) asks for."""
        return cls(environment.get(VARIABLE, ""))

    def reach(self, name: str) -> None:
        """Pass the place ``name``; does not return if this is where to die."""
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
