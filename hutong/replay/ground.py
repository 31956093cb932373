"""The ground that a replay stands on, as `city` says while it runs."""

from typing import Final

from hutong.promotions.packs import Packs
from hutong.readmodels import Ground

_SECONDS: Final = 2.0


class CityGround:
    """Call it for the ground as it is now: the packs known before, and perhaps more."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs
        self._ground = Ground.over(packs.known)

    def __call__(self) -> Ground:
        """Raises as `Packs.read_on`: a replay may stop, live is as it was."""
        if self._packs.confirm(_SECONDS):
            self._ground = Ground.over(self._packs.known)
        return self._ground
