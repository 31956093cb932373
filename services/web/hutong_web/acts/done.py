"""What the page says of an act that was just written. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong_web.acts.intake import Accepted, Effect
from hutong_web.language import Language
from hutong_web.names import EVENTS, VERDICT_REASONS, name_of
from hutong_web.text import plain
from hutong_web.work_wording import WorkWording

#: Looks for the verdict, a second apart, before the page stops asking.
MOST_LOOKS: Final = 60


@dataclass(frozen=True, slots=True)
class Done:
    """An act's place in the log and what became of it. ``tone`` is applied, refused or waiting;
    ``look``: the address to ask again at, '' once it is known or asking has ended."""

    event_id: str
    title: str
    text: str
    detail: str
    place: str
    tone: str
    judged: bool
    look: str


def done_of(
    issue_id: str,
    event_id: str,
    entries: Iterable[TimelineEntry],
    accepted: Accepted | None,
    looks: int,
    language: Language,
    say: WorkWording,
) -> Done | None:
    """From the history where it has the act, else from what intake said; None: nothing is known."""
    for entry in entries:
        if entry.event_id == event_id:
            reason = name_of(VERDICT_REASONS, entry.reason, language) if entry.reason else ""
            return Done(
                event_id=event_id,
                title=_titles(say)[entry.verdict].format(
                    event=name_of(EVENTS, entry.name, language)
                ),
                text=reason,
                detail=plain(entry.detail),
                place=f"issues/{entry.partition}/{entry.offset}",
                tone=entry.verdict,
                judged=True,
                look="",
            )
    if accepted is None:
        return None
    effect = accepted.effect
    more = looks < MOST_LOOKS
    return Done(
        event_id=event_id,
        title=say.done_in_log,
        text=_foretold(effect, language, say) if more else say.done_slow,
        detail="",
        place=accepted.place,
        tone="refused" if effect.verdict == "refused" else "waiting",
        judged=False,
        look=f"/fragments/acts/{issue_id}/{event_id}?looks={looks + 1}" if more else "",
    )


def _titles(say: WorkWording) -> dict[str, str]:
    return {
        "applied": say.done_applied,
        "refused": say.done_refused,
        "waiting": say.done_waiting,
    }


def _foretold(effect: Effect, language: Language, say: WorkWording) -> str:
    if effect.verdict == "applied":
        return say.foretold_applied
    if effect.verdict == "refused":
        return say.foretold_refused.format(why=effect.words(language))
    if effect.verdict == "waiting":
        return say.foretold_waiting
    return say.foretold_unknown
