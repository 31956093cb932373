"""A step's effect on issue_timeline."""

from collections.abc import Iterator

from hutong.issue.fold import Step
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts

#: The head has columns of its own; who the reporter is goes into no read model.
_LEFT_OUT = frozenset({"head", "reporter"})


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
            head["actor"],
            record.origin,
            verdict.outcome.value,
            verdict.reason,
            verdict.detail,
            head["occurred_at"],
            record.received_at,
            record.recorded_at,
            str(record.source),
            head["causation_id"],
            {name: value for name, value in record.body.items() if name not in _LEFT_OUT},
        ),
    )
