"""A step's effect on issue_timeline."""

from collections.abc import Iterator
from typing import Any

from hutong.issue.fold import Step
from hutong.privacy.mask import mask
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts

#: The head has columns of its own; who the reporter is goes into no read model.
_LEFT_OUT = frozenset({"head", "reporter"})
#: Codes and hashes, which are nobody's. All else may have been typed by a person, and is masked.
_CODES = frozenset({"pack", "media", "clocks", "co_owners", "candidates"})


def changes(step: Step, facts: CityFacts) -> Iterator[Change]:  # noqa: ARG001  one signature for all
    """The record with its verdict. A record that waited is judged again, and its row changes."""
    record, verdict = step.record, step.verdict
    head = record.body["head"]
    yield Change(
        "issue_timeline",
        (record.partition, record.offset),
        (
            head["issue_id"],
            head["event_id"],
            record.name,
            record.principal,
            mask(head["actor"]),
            record.origin,
            verdict.outcome.value,
            verdict.reason,
            mask(verdict.detail),
            head["occurred_at"],
            record.received_at,
            record.recorded_at,
            str(record.source),
            head["causation_id"],
            {
                name: value if name in _CODES else _masked(value)
                for name, value in record.body.items()
                if name not in _LEFT_OUT
            },
        ),
    )


def _masked(value: Any) -> Any:
    """A value of an event with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value
