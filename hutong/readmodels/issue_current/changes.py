"""A step's effect on issue_current."""

from collections.abc import Iterator
from typing import Final

from hutong.issue.fold import Outcome, Step
from hutong.issue.state import IssueState, Status
from hutong.privacy.mask import mask
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts
from hutong.readmodels.outcomes import due_at, outcome, satisfied, solved

_PROMISES: Final = ("accept", "respond", "resolve")


def changes(step: Step, facts: CityFacts) -> Iterator[Change]:
    """The issue's row as it is after an applied step. Nothing before the report itself is seen."""
    state = step.after
    if step.verdict.outcome is not Outcome.APPLIED or state.status is Status.AWAITED:
        return
    yield Change(
        "issue_current",
        (state.issue_id,),
        (
            facts.receipt(state.source),
            state.channel,
            state.origin,
            state.status.value,
            state.area,
            facts.street(state.area, state.reported_at),
            state.category,
            state.item,
            state.kind,
            state.intent,
            state.tier,
            state.lead,
            list(state.co_owners),
            state.hop,
            mask(state.subject),
            state.lon,
            state.lat,
            None if state.address is None else mask(state.address),
            state.reported_at,
            state.dispatched_at,
            state.accepted_at,
            state.responded_at,
            state.resolved_at,
            state.unresolvable,
            state.closed_at,
            state.applied,
            state.on_the_spot,
            state.result,
            state.verified_at,
            sum(hop.returns for hop in state.hops),
            state.rework,
            state.master,
            len(state.children),
            *(due_at(state, clock) for clock in ("dispatch", *_PROMISES)),
            *(_late(state, clock) for clock in _PROMISES),
            solved(state),
            satisfied(state),
            state.hops[-1].started_at if state.lead is not None and state.hops else None,
        ),
    )


def _late(state: IssueState, clock: str) -> bool | None:
    found = outcome(state, clock)
    return None if found in (None, "open") else found == "late"
