"""What time itself brings to an issue: reminders, notices, escalation, announced calendars. Pure.

Nobody sends these: they follow from a state and an instant. Each has an id that follows from what
it says, so whoever says it again says the same, byte for byte, and the fold takes it once.
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import Final, NamedTuple, TypeAlias

from hutong.events.fields import Head
from hutong.events.ids import derived_id
from hutong.events.lifecycle import ClockDue, DueRevised, IssueEscalated, ReminderSent
from hutong.issue.calendar import MINUTE
from hutong.issue.clocks import Clock
from hutong.issue.pack import Pack
from hutong.issue.state import IssueState, Status
from hutong.issue.v1.clock_table import (
    ACCEPT,
    ASSIGNMENT,
    DISPATCH,
    FOLLOW_UP,
    RESOLVE,
    RESPOND,
    REVIEW,
    STATUTORY,
)
from hutong.issue.v1.limits import CALENDAR_ANNOUNCED

#: What the topic `clock` gets of it.
Notice: TypeAlias = ReminderSent | ClockDue | IssueEscalated | DueRevised

ACTOR: Final = "processes"
#: Who answers for a clock that no department does.
DESK: Final = "desk"

#: Clocks that the desk answers, whoever leads.
OF_DESK: Final = frozenset({DISPATCH, FOLLOW_UP, REVIEW})
#: Clocks that go up the ladder. The desk's own diary (a call, a review) and what a leader set
#: end with the notice: the leader who would be told is the one who set it.
ESCALATED: Final = frozenset({DISPATCH, ACCEPT, RESPOND, RESOLVE, STATUTORY, ASSIGNMENT})
#: Clocks that the first dispatch started; the others follow from the report.
_OF_DISPATCH: Final = frozenset({ACCEPT, RESPOND, RESOLVE, STATUTORY})

#: A notice that was refused is given again when it has become true (the answer was in time, but a
#: check failed), under the next number. After so many it is left: what is refused that often is
#: refused for something that we do not see, and the log is kept for ever.
MOST_ATTEMPTS: Final = 8


class _Planned(NamedTuple):
    """Something that happens at ``at`` if nothing changes; ``level`` is the rung of the ladder."""

    at: int
    kind: type[Notice]
    clock: Clock
    level: str = ""


def notices(state: IssueState, pack: Pack, until: int) -> tuple[Notice, ...]:
    """All that falls before ``until`` and is not known yet, in the order in which it must be said.

    Nothing that this state would refuse when it is received at ``until`` or later, and nothing of
    a clock that was answered or stands still; but a due time that a calendar announced by now
    moves is revised also where the answer would have been late. After all have been applied there
    is nothing more until then. What happened is dated at its due time.

    An issue that was merged says nothing: its master's clocks speak for it.
    """
    found = [
        notice
        for name in state.clocks
        for planned in takewhile(lambda each: each.at < until, _plan(state, name, pack))
        if (notice := _notice(state, name, planned)) is not None
    ]
    # A revised due time comes first: what names the new one is refused before.
    return tuple(sorted(found, key=lambda each: (not _revises(each), each.head.occurred_at)))


def next_at(state: IssueState, clock: str, pack: Pack) -> int | None:
    """When that clock brings something next, if nothing changes; None when it never does."""
    planned = next(_plan(state, clock, pack), None)
    return None if planned is None else planned.at


def responsible(state: IssueState, clock: str) -> str:
    """The department whose clock it is, or `DESK`."""
    kind, _, code = clock.partition(":")
    if kind == ASSIGNMENT:
        return code
    return DESK if kind in OF_DESK or state.lead is None else state.lead


def _plan(state: IssueState, name: str, pack: Pack) -> Iterator[_Planned]:
    """What a clock brings, the next first."""
    if state.master is not None or state.stage is Status.AWAITED:
        return
    clock = state.clocks[name]
    if clock.paused_at is not None or (clock.stopped_at is not None and not clock.is_late()):
        return
    if clock.provisional and (due := clock.announced_due(pack.keeper)) is not None:
        clock = clock._replace(due_at=due, provisional=False)
        yield _Planned(max(pack.since, clock.started_at), DueRevised, clock)
    if not clock.is_running:
        return
    if not clock.reminded:
        yield _Planned(clock.remind_at(pack.keeper), ReminderSent, clock)
    if clock.noticed != clock.due_at:
        yield _Planned(clock.due_at, ClockDue, clock)
    if name.partition(":")[0] in ESCALATED:
        yield from _climb(clock, pack)


def _climb(clock: Clock, pack: Pack) -> Iterator[_Planned]:
    """The rungs above the one that it reached, each after its time on the one below."""
    reached = pack.ladder.index(clock.level) if clock.level in pack.ladder else -1
    at = clock.due_at
    for number, (level, after) in enumerate(pack.climbs.items()):
        at = pack.keeper.due(at, after.minutes * MINUTE, after.calendar).at
        if number > reached:
            yield _Planned(at, IssueEscalated, clock, level)


def _notice(state: IssueState, name: str, planned: _Planned) -> Notice | None:
    """The event; None when it was refused too often."""
    due, department = planned.clock.due_at, responsible(state, name)
    said = {ReminderSent: department, IssueEscalated: planned.level}.get(planned.kind, "")
    facts = (planned.kind.__name__, name, str(planned.clock.started_at), str(due), said)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        event_id = derived_id(state.issue_id, *facts, str(attempt))
        if event_id not in state.seen:
            break
    else:
        return None
    head = Head(
        event_id=event_id,
        issue_id=state.issue_id,
        occurred_at=planned.at,
        actor=ACTOR,
        # Not the issue's: that may change, and an id must always say the same.
        area=None,
        causation_id=cause_of(state, name),
    )
    if planned.kind is ReminderSent:
        return ReminderSent(head=head, clock=name, due_at=due, department=department)
    if planned.kind is ClockDue:
        return ClockDue(head=head, clock=name, due_at=due, attempt=attempt)
    if planned.kind is IssueEscalated:
        return IssueEscalated(head=head, clock=name, level=planned.level)
    return DueRevised(head=head, clock=name, due_at=due, ground=CALENDAR_ANNOUNCED)


def cause_of(state: IssueState, clock: str) -> str:
    """What the notice follows from: the first dispatch or the report, which never change."""
    if clock in _OF_DISPATCH and state.hops:
        return state.hops[0].ordered_by
    return state.issue_id


def _revises(notice: Notice) -> bool:
    return isinstance(notice, DueRevised)
