"""What the life cycle makes of an act, as it is answered: a verdict, and why in two languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hutong.events.base import Event
from hutong.events.headers import Source
from hutong.issue.fold import Verdict, check
from hutong.issue.record import Record
from hutong.issue.rules import REASONS, VERSION, Rules
from hutong.issue.state import IssueState
from hutong_intake.verbs import name_of

#: Where an act lies that is not written yet.
NOWHERE: Final = Source("", 0, 0)
_LIVE: Final = "live"

_VERDICTS: Final[Mapping[str, tuple[str, str]]] = {
    "applied": ("已生效", "it has its effect"),
    "unknown": ("暂时无法得知是否生效", "whether it has an effect cannot be told right now"),
    "pending": ("尚未处理", "not judged yet"),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """``verdict``: applied, refused, waiting, unknown or pending. ``reason``: a code of the rules.

    ``judged``: the read models have it; else it is foretold from the state as known now.
    """

    verdict: str
    reason: str = ""
    judged: bool = False

    def body(self) -> dict[str, Any]:
        """As it is answered."""
        zh, en = REASONS.get(self.reason) or _VERDICTS[self.verdict]
        return {
            "verdict": self.verdict,
            "reason": self.reason or None,
            "zh": zh,
            "en": en,
            "judged": self.judged,
        }


def foretold(
    event: Event, state: IssueState, rules: Rules, principal: str, source: Source, at: int
) -> Verdict:
    """What the rules make of an event of ``principal`` that came at ``at`` (ms UTC). Pure."""
    record = Record(
        name=name_of(type(event)),
        body=event.to_body(),
        received_at=at,
        recorded_at=at,
        principal=principal,
        origin=_LIVE,
        rules=VERSION,
        source=source,
        partition=0,
        offset=0,
    )
    return check(state, record, rules)
