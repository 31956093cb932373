"""A step's effect on clock_due."""

from collections.abc import Iterator
from typing import Any, Final

from hutong.issue.clocks import Clock
from hutong.issue.fold import Outcome, Step
from hutong.issue.notices import next_at, responsible
from hutong.issue.state import IssueState, Status
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts

_LIVE: Final = "live"


def changes(step: Step, facts: CityFacts) -> Iterator[Change]:
    """A row for each clock that the step has changed; one that was dropped vanishes."""
    if step.verdict.outcome is not Outcome.APPLIED or step.after.stage is Status.AWAITED:
        return
    before, after = step.before, step.after
    same = before is not None and _about(before, facts) == _about(after, facts)
    known = before.clocks if before is not None else {}
    if same and known is after.clocks:
        return
    for name, clock in after.clocks.items():
        if not same or known.get(name) != clock:
            at = step.record.received_at
            yield Change("clock_due", (after.issue_id, name), _row(after, name, clock, facts, at))
    for name in known.keys() - after.clocks.keys():
        yield Change("clock_due", (after.issue_id, name), None)


def _about(state: IssueState, facts: CityFacts) -> tuple[Any, ...]:
    """What every row of the issue says beside its clock."""
    street = facts.street(state.area, state.reported_at)
    return (state.lead, state.master, street, state.tier)


def _row(state: IssueState, name: str, clock: Clock, facts: CityFacts, at: int) -> tuple[Any, ...]:
    """``at``: the pack in force then says what comes next. Only of live issues anything comes by
    itself: imported history knows no answers, and the simulator says what comes by its own time.
    """
    coming = next_at(state, name, facts.pack(at)) if state.origin == _LIVE else None
    return (
        state.origin,
        responsible(state, name),
        facts.street(state.area, state.reported_at),
        state.tier,
        clock.calendar,
        clock.started_at,
        clock.due_at,
        clock.stopped_at,
        clock.paused_at is not None,
        clock.is_running and state.master is None,
        clock.provisional,
        clock.excused_ms,
        clock.is_late(),
        clock.level,
        coming,
    )
