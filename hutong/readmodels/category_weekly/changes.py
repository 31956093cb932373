"""A step's effect on category_weekly."""

from collections.abc import Iterable

from hutong.issue.fold import Outcome, Step
from hutong.issue.state import IssueState, Status
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.moves import Counts, moves
from hutong.readmodels.outcomes import outcome, satisfied, solved


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:
    """What the issue adds now less what it added before, so that a sum stays a sum."""
    if step.verdict.outcome is not Outcome.APPLIED:
        return ()
    return moves("category_weekly", counts(step.before, facts), counts(step.after, facts))


def counts(state: IssueState | None, facts: CityFacts) -> Counts:
    """What one issue adds to the table: 0 or 1 in each column of one row.

    Its week and month are those of the report, for good. ``queued`` says that it lies at the desk
    now; the others that it has got that far (and, reopened or sent on, not been set back since).
    ``resolved`` and ``unresolvable`` exclude each other. What the three rates are made of is as
    `hutong.readmodels.outcomes` says: each clock on time, late or open; the reporters who said
    whether it is solved and whether they are satisfied, and those who said yes. ``returned`` and
    ``reworked``: at least once.
    """
    if state is None or state.status is Status.AWAITED:
        return None
    answered = state.resolved_at is not None
    when = facts.when(state.reported_at)
    respond, resolve = outcome(state, "respond"), outcome(state, "resolve")
    is_solved, is_satisfied = solved(state), satisfied(state)
    return (
        (
            when.week,
            when.month,
            state.origin,
            facts.street(state.area, state.reported_at),
            state.category or "",
            state.kind or "",
        ),
        (
            1,
            int(state.dispatched_at is not None),
            int(state.status is Status.QUEUED),
            int(state.accepted_at is not None),
            int(state.responded_at is not None),
            int(answered and not state.unresolvable),
            int(answered and state.unresolvable),
            int(state.closed_at is not None),
            int(state.on_the_spot),
            int(respond == "on_time"),
            int(respond == "late"),
            int(respond == "open"),
            int(resolve == "on_time"),
            int(resolve == "late"),
            int(resolve == "open"),
            int(is_solved is not None),
            int(is_solved is True),
            int(is_satisfied is not None),
            int(is_satisfied is True),
            int(any(hop.returns for hop in state.hops)),
            int(bool(state.rounds)),
            int(state.master is not None),
        ),
    )
