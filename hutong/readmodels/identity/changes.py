"""A step's effect on identity."""

from collections.abc import Iterable

from hutong.issue.fold import Outcome, Step
from hutong.privacy.mask import mask
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts


def changes(step: Step, facts: CityFacts) -> Iterable[Change]:  # noqa: ARG001  one signature for all
    """The box of an applied report or amendment, as it came; ``nth`` orders those of one issue."""
    record, state = step.record, step.after
    sealed = record.body.get("reporter")
    if step.verdict.outcome is not Outcome.APPLIED or sealed is None:
        return ()
    contact = None if state.contact is None else mask(state.contact)
    values = (state.applied, record.name, contact, sealed["key"], sealed["box"])
    return (Change("identity", (record.event_id, state.issue_id), values),)
