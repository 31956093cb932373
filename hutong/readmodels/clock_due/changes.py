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
    same = before is not None and _is_same(before, after, facts)
    known = before.clocks if before is not None else {}
    if same and known is after.clocks:
        return
    street = facts.street(after.area, after.reported_at)
    # The pack in force then says what comes next. Only of live issues anything comes by itself:
    # imported history knows no answers, and the simulator says what comes by its own time.
    pack = facts.pack(step.record.received_at) if after.origin == _LIVE else None
    for name, clock in after.clocks.items():
        if not same or known.get(name) != clock:
            coming = None if pack is None else next_at(after, name, pack)
            yield Change(
                "clock_due", (after.issue_id, name), _row(after, name, clock, street, coming)
            )
    for name in known.keys() - after.clocks.keys():
        yield Change("clock_due", (after.issue_id, name), None)


def _is_same(before: IssueState, after: IssueState, facts: CityFacts) -> bool:
    """Whether every row of the issue says the same beside its clock."""
    if (before.lead, before.master, before.tier) != (after.lead, after.master, after.tier):
        return False
    if (before.area, before.reported_at) == (after.area, after.reported_at):
        return True
    streets = (facts.street(state.area, state.reported_at) for state in (before, after))
    return next(streets) == next(streets)


def _row(
    state: IssueState, name: str, clock: Clock, street: str, coming: int | None
) -> tuple[Any, ...]:
    return (
        state.origin,
        responsible(state, name),
        street,
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
