"""A step's effect on return_reasons."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from hutong.issue.fold import Outcome, Step
from hutong.issue.state import IssueState
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.moves import Tally, added, shifts
from hutong.readmodels.returns import is_open, is_upheld

_SENT_ON: Final = frozenset({"returned", "ruled", "reassigned"})


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:
    """What this step is, and what the issue adds now less what it added before.

    ``returns`` counts each in the week and month in which it was received, for good; ``upheld`` and
    ``refused`` what the desk decided, beside the return that it decided on; ``open`` those that lie
    before it now; ``hops_after`` the turns to which upheld returns led until an owner kept it.
    """
    if step.verdict.outcome is not Outcome.APPLIED or not any(h.returns for h in step.after.hops):
        return ()
    return _changes(step, facts)


def _changes(step: Step, facts: CityFacts) -> Iterator[Change]:
    yield from _of_event(step, facts)
    yield from shifts("return_reasons", tally(step.before, facts), tally(step.after, facts))


def _of_event(step: Step, facts: CityFacts) -> Iterator[Change]:
    before, record = step.before, step.record
    if record.name == "IssueReturned":
        yield Change("return_reasons", _key(step.after, facts), (1, 0, 0, 0, 0))
    elif before is not None and is_open(before):
        upheld = {
            "ReturnDecided": lambda: record.body["accepted"],
            "DutyAdjudicated": lambda: record.body["lead"] != before.lead,
        }.get(record.name)
        if upheld is not None:
            decided = (0, 1, 0, 0, 0) if upheld() else (0, 0, 1, 0, 0)
            yield Change("return_reasons", _key(before, facts), decided)


def _key(state: IssueState, facts: CityFacts, number: int = -1) -> tuple[Any, ...]:
    """The row of the last return in a turn."""
    hop = state.hops[number]
    assert hop.returned_at is not None
    when = facts.when(hop.returned_at)
    return hop.return_reason or "", hop.lead, when.week, when.month, state.origin


def tally(state: IssueState | None, facts: CityFacts) -> Tally:
    """What one issue adds besides its events: the open return, and turns after upheld ones."""
    found: dict[tuple[Any, ...], tuple[int, ...]] = {}
    if state is None or not state.hops:
        return found
    if is_open(state):
        added(found, _key(state, facts), 0, 0, 0, 1, 0)
    for number, hop in enumerate(state.hops):
        if is_upheld(state, hop) and hop.returned_at is not None:
            after = sum(1 for other in state.hops[number:-1] if other.ended_by in _SENT_ON)
            if after:
                added(found, _key(state, facts, number), 0, 0, 0, 0, after)
    return found
