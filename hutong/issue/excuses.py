"""Outages of ours: what an issue's clocks get back for the time in which nobody could act. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from hutong.events.fields import Head
from hutong.events.ids import derived_id
from hutong.events.lifecycle import DueRevised
from hutong.issue.clocks import Clock
from hutong.issue.notices import ACTOR, MOST_ATTEMPTS, cause_of
from hutong.issue.pack import Pack
from hutong.issue.state import IssueState, Status
from hutong.issue.v1.limits import OUTAGE_EXCUSED

Span = tuple[int, int]
"""From and to, milliseconds UTC."""

_EVER: Final = 2**63 - 1


def excuses(state: IssueState, pack: Pack, outage: Span, text: str) -> tuple[DueRevised, ...]:
    """What moves the due times of the clocks that ran during an outage.

    Each by as much time of its calendar as it ran while the outage lasted: who had an hour left
    when it began has an hour left when it is over. A clock that was due before, or was answered in
    time, gets nothing; one that was answered late does, and may be in time then. What was excused
    before is not excused again, so the same outage twice changes nothing, and of two that overlap
    each instant counts once.
    """
    if state.stage is Status.AWAITED:
        return ()
    return tuple(
        event
        for name, clock in state.clocks.items()
        for event in _of_clock(state, name, clock, pack, outage, text)
    )


def _of_clock(
    state: IssueState, name: str, clock: Clock, pack: Pack, outage: Span, text: str
) -> Iterator[DueRevised]:
    if clock.due_at <= outage[0] or (clock.stopped_at is not None and not clock.is_late()):
        return
    ends = (outage[1], clock.stopped_at or _EVER, clock.paused_at or _EVER)
    ran = max(outage[0], clock.started_at), min(ends)
    due_at = clock.due_at
    for start, end in _without(ran, clock.excused):
        lost = pack.keeper.elapsed(start, end, clock.calendar)
        if lost == 0:
            continue
        due_at = pack.keeper.due(due_at, lost, clock.calendar).at
        event_id = _new_id(state, name, clock, start, end, due_at)
        if event_id is None:
            continue
        yield DueRevised(
            head=Head(
                event_id=event_id,
                issue_id=state.issue_id,
                occurred_at=end,
                actor=ACTOR,
                area=None,
                causation_id=cause_of(state, name),
            ),
            clock=name,
            due_at=due_at,
            ground=OUTAGE_EXCUSED,
            outage_from=start,
            outage_to=end,
            text=text,
        )


def _without(span: Span, excused: Sequence[Span]) -> Iterator[Span]:
    """What is left of a span, piece by piece."""
    start, end = span
    for before, after in sorted(excused):
        if after <= start or before >= end:
            continue
        if before > start:
            yield start, before
        start = max(start, after)
    if start < end:
        yield start, end


def _new_id(
    state: IssueState, name: str, clock: Clock, start: int, end: int, due_at: int
) -> str | None:
    """An id that no judged event has: one that was refused is said again under the next number."""
    facts = (name, str(clock.started_at), OUTAGE_EXCUSED, str(start), str(end), str(due_at))
    for attempt in range(1, MOST_ATTEMPTS + 1):
        event_id = derived_id(state.issue_id, *facts, str(attempt))
        if event_id not in state.seen:
            return event_id
    return None
