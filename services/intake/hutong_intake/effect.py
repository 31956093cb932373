"""What the life cycle makes of an act, as it is answered: a verdict, and why in two languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hutong.issue.rules import REASONS

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
