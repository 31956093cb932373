"""With what the pages write: intake, the keys they hold, and the acts they wrote lately."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from hutong_web.acts.intake import Accepted, Intake

#: Acts that are remembered until the read models have them: a minute of a very busy desk.
_MOST_RECENT: Final = 1_000


class Recent:
    """What intake said of the acts written lately, by event id; the oldest are forgotten first.

    Only what the page says in the moment before the read models have an act comes from here. What
    was revealed with an act is not kept.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[str, Accepted] = OrderedDict()
        self._lock = Lock()

    def keep(self, accepted: Accepted) -> None:
        """Remember an act."""
        with self._lock:
            self._found[accepted.event_id] = Accepted(
                accepted.event_id, accepted.place, accepted.effect, {}
            )
            while len(self._found) > _MOST_RECENT:
                self._found.popitem(last=False)

    def find(self, event_id: str) -> Accepted | None:
        """What was said of it; None when that is forgotten."""
        with self._lock:
            return self._found.get(event_id)


@dataclass(frozen=True, slots=True)
class Writing:
    """``keys``: secret by principal. Without keys every page only reads."""

    intake: Intake | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    recent: Recent = field(default_factory=Recent)

    def secret_of(self, principal: str) -> str | None:
        """The key of a principal; None where the pages must not act for it."""
        return self.keys.get(principal) if self.intake is not None else None
