"""A step's effect on worker_assessment."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from hutong.issue.fold import Outcome, Step
from hutong.issue.parts import Assignment
from hutong.issue.state import IssueState
from hutong.privacy.mask import mask
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.moves import Tally, added, shifts
from hutong.readmodels.worker_assessment.tables import WORKER_ASSESSMENT

_TABLE: Final = WORKER_ASSESSMENT.name
_NAMES: Final = tuple(WORKER_ASSESSMENT.values)
_GRID: Final = "grid"
_REWORK: Final = frozenset({"SiteCheckFailed", "IssueReopened"})
_CHECKS: Final = {"SiteCheckPassed": "checks_passed", "SiteCheckFailed": "checks_failed"}
#: They say something of a worker by themselves.
_SPEAKING: Final = frozenset({"IssueReported", "IssueAssigned", *_CHECKS, *_REWORK})


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:
    """What this step says of a worker, and how the assignments of the issue stand.

    A worker is the actor of grid reports, the assignee of assignments, the checker of site checks,
    by the name that these give, without the role before it (``grid-worker:gw-0103`` is
    ``gw-0103``). A report counts on the day it was received, a check likewise, an assignment with
    all that comes of it on the day it was given:

    - ``reported``, ``on_the_spot`` (solved at once), ``assigned``
    - ``checks_passed`` and ``checks_failed``: what the check found, not how well it was made
    - ``assignment_on_time``, ``…_late``, ``…_open``: by the clock of the assignment; one without a
      due time is none of them; one that was taken away counts as late when its time was over
    - ``reworked``: results that did not last, of an issue that was assigned to the worker or solved
      by it on the spot

    Areas and days are part of the key, so that coverage can be counted.
    """
    if step.verdict.outcome is not Outcome.APPLIED:
        return ()
    before, after = step.before, step.after
    assigned = after.assignments or (before is not None and before.assignments)
    if not assigned and step.record.name not in _SPEAKING:
        return ()  # as most steps
    return _changes(step, facts)


def _changes(step: Step, facts: CityFacts) -> Iterator[Change]:
    yield from _of_event(step, facts)
    yield from _taken_away(step, facts)
    yield from shifts(_TABLE, tally(step.before, facts), tally(step.after, facts))


def _of_event(step: Step, facts: CityFacts) -> Iterator[Change]:
    before, after, record = step.before, step.after, step.record
    body, at = record.body, record.counts_at
    if record.name == "IssueReported" and after.channel == _GRID:
        spot = int(after.on_the_spot)
        yield _plus(after, body["head"]["actor"], at, facts, reported=1, on_the_spot=spot)
    elif record.name == "IssueAssigned":
        yield _plus(after, body["assignee"], at, facts, assigned=1)
    elif record.name in _CHECKS:
        yield _plus(after, body["checker"], at, facts, **{_CHECKS[record.name]: 1})
    if before is not None and record.name in _REWORK:
        for given in before.assignments.values():
            yield _plus(before, given.assignee, given.since, facts, reworked=1)
        if before.on_the_spot and before.lead is None and before.channel == _GRID:
            yield _plus(before, before.handlers[0], before.reported_at, facts, reworked=1)


def _taken_away(step: Step, facts: CityFacts) -> Iterator[Change]:
    """An assignment that was given to somebody else, or went with its turn, keeps its outcome."""
    before = step.before
    for department, given in before.assignments.items() if before is not None else ():
        assert before is not None
        if not _is_replaced(step, department, given):
            continue
        what = _standing(before, department, given)
        if what == "open":
            clock = before.clocks[f"assignment:{department}"]
            what = "late" if clock.is_late(step.record.counts_at) else None
        if what is not None:
            values = {f"assignment_{what}": 1}
            yield _plus(before, given.assignee, given.since, facts, **values)


def _is_replaced(step: Step, department: str, given: Assignment) -> bool:
    record = step.record
    if record.name == "IssueAssigned" and record.department == department:
        return True
    return step.after.assignments.get(department) != given


def tally(state: IssueState | None, facts: CityFacts) -> Tally:
    """How the assignments stand that the issue has now."""
    found: dict[tuple[Any, ...], tuple[int, ...]] = {}
    if state is None or not state.assignments:
        return found
    for department, given in state.assignments.items():
        if (what := _standing(state, department, given)) is not None:
            change = _plus(state, given.assignee, given.since, facts, **{f"assignment_{what}": 1})
            assert change.values is not None
            added(found, change.key, *change.values)
    return found


def _standing(state: IssueState, department: str, given: Assignment) -> str | None:
    """How its clock stands; None where it has none (an older one's may still be there)."""
    clock = state.clocks.get(f"assignment:{department}")
    if clock is None or given.due is None or clock.started_at != given.since:
        return None
    if clock.stopped_at is None:
        return "open"
    return "late" if clock.is_late() else "on_time"


def _plus(state: IssueState, worker: str, at: int, facts: CityFacts, **values: int) -> Change:
    key = _plain(worker), facts.when(at).day, state.area or "", state.origin
    return Change(_TABLE, key, tuple(values.get(name, 0) for name in _NAMES))


def _plain(worker: str) -> str:
    """The name without the role before it, and without numbers that are nobody's business."""
    return mask(worker.rpartition(":")[2] or worker)
