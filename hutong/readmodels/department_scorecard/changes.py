"""A step's effect on department_scorecard."""

from collections.abc import Iterable
from typing import Any, Final

from hutong.issue.fold import Outcome, Step
from hutong.issue.parts import Hop
from hutong.issue.state import IssueState
from hutong.readmodels.base import Change
from hutong.readmodels.department_scorecard.tables import DEPARTMENT_SCORECARD
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.moves import Tally, added, shifts
from hutong.readmodels.outcomes import (
    is_at_fault,
    outcome,
    satisfied,
    solved,
    stopped_in_turn_of,
)
from hutong.readmodels.returns import is_open, is_upheld

_NAMES: Final = tuple(DEPARTMENT_SCORECARD.values)
_CLOCKS: Final = ("accept", "respond", "resolve")


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:
    """What the issue adds now less what it added before, so that a sum stays a sum."""
    if step.verdict.outcome is not Outcome.APPLIED:
        return ()
    return shifts("department_scorecard", tally(step.before, facts), tally(step.after, facts))


def tally(state: IssueState | None, facts: CityFacts) -> Tally:
    """What one issue adds to the rows of the departments that led it.

    Each turn of a department counts in the week and month in which it began, with all that comes
    of it later:

    - ``hops``: turns (a rework is a new turn); ``issues``: first turns of that department.
    - each clock once per issue, in the turn in which it was stopped, else in the present one:
      ``…_on_time``, ``…_late``, ``…_open`` as `outcomes.outcome` says; an open one counts for
      nobody while nobody leads. One that a former owner used up is late for whoever stops it, since
      the promise is the city's; ``dwell_ms`` shows whose time it was.
    - ``resolved`` and ``unresolvable``: the result that stands; ``reworked``: results that did not
      last.
    - ``returns`` by this department in that turn, and what the desk made of them; one that was
      overtaken by a merge or a withdrawal is none of ``upheld``, ``refused``, ``open``.
    - ``dwell_ms`` over ``dwell_hops`` turns that are over (sent on, or answered): the time that the
      issue lay with the department, without that of its returns at the desk.
    - opinions of the result that stands: who said whether it is solved, and whether they are
      satisfied (raw); ``net_…`` leaves out those for which the department is not at fault, as
      `outcomes.is_at_fault` says.
    """
    found: dict[tuple[Any, ...], tuple[int, ...]] = {}
    if state is None or not state.hops:
        return found
    turns = [dict.fromkeys(_NAMES, 0) for _ in state.hops]
    seen: set[str] = set()
    for number, (hop, counted) in enumerate(zip(state.hops, turns, strict=True)):
        _count_turn(state, hop, counted, is_last=number == len(turns) - 1)
        counted["issues"] = int(hop.lead not in seen)
        seen.add(hop.lead)
    for name in _CLOCKS:
        what = outcome(state, name)
        if what is not None and not (what == "open" and state.lead is None):
            clock = state.clocks[name]
            turns[stopped_in_turn_of(state, clock)][f"{name}_{what}"] += 1
    if state.resolved_at is not None and state.lead is not None:
        _count_result(state, turns[-1])
    for hop, counted in zip(state.hops, turns, strict=True):
        when = facts.when(hop.started_at)
        added(found, (hop.lead, when.week, when.month, state.origin), *counted.values())
    return found


def _count_turn(state: IssueState, hop: Hop, counted: dict[str, int], *, is_last: bool) -> None:
    counted["hops"] = 1
    counted["reworked"] = int(hop.ended_by == "reworked")
    if hop.returns:
        upheld = is_upheld(state, hop)
        waits = is_last and is_open(state)
        overtaken = hop.returned_at is not None and not upheld and not waits
        # A ruling that leaves it where it was refuses the return as a decision does.
        overtaken = overtaken and hop.ended_by != "ruled"
        counted["returns"] = hop.returns
        counted["returns_upheld"] = int(upheld)
        counted["returns_open"] = int(waits)
        counted["returns_refused"] = hop.returns - int(upheld) - int(waits) - int(overtaken)
    if (over_at := _over_at(state, hop, is_last=is_last)) is not None:
        counted["dwell_hops"] = 1
        counted["dwell_ms"] = max(0, over_at - hop.started_at - hop.desk_ms)


def _over_at(state: IssueState, hop: Hop, *, is_last: bool) -> int | None:
    """When the department was done with it: at its answer, or when it was sent on."""
    if hop.ended_at is None:
        return state.resolved_at if is_last else None
    for ended in state.rounds if hop.ended_by == "reworked" else ():
        if ended.ended_at == hop.ended_at and ended.resolved_at is not None:
            return ended.resolved_at
    return hop.ended_at


def _count_result(state: IssueState, counted: dict[str, int]) -> None:
    counted["unresolvable"] = int(state.unresolvable)
    counted["resolved"] = int(not state.unresolvable)
    is_solved, is_satisfied = solved(state), satisfied(state)
    counted["asked_solved"] = int(is_solved is not None)
    counted["solved"] = int(is_solved is True)
    counted["asked_satisfied"] = int(is_satisfied is not None)
    counted["satisfied"] = int(is_satisfied is True)
    if is_satisfied is not None and is_at_fault(state):
        counted["net_asked_satisfied"] = 1
        counted["net_satisfied"] = int(is_satisfied)
