"""A step's effect on duplicate_pair and duplicate_merge."""

from collections.abc import Iterator
from typing import Final

from hutong.issue.fold import Outcome, Step
from hutong.issue.record import Record
from hutong.readmodels.base import Change
from hutong.readmodels.facts import CityFacts

#: The part of the issue that says so: it joined another, or another joined it.
CHILD: Final = "child"
MASTER: Final = "master"
#: Somebody looked, and they are two matters.
NEITHER: Final = "neither"


def changes(step: Step, facts: CityFacts) -> Iterator[Change]:  # noqa: ARG001  one signature for all
    """Suspicions as they are voiced, newer ones over older; what was decided on the pair last.

    Each issue speaks for itself: a merge makes a row of the child and a row of the master.
    """
    if step.verdict.outcome is not Outcome.APPLIED:
        return
    record, body = step.record, step.record.body
    match record.name:
        case "DuplicateSuspected":
            for suspect in body["suspects"]:
                yield Change(
                    "duplicate_pair",
                    (record.issue_id, suspect["issue_id"]),
                    (
                        suspect["metres"],
                        suspect["minutes"],
                        suspect["text_score"],
                        record.counts_at,
                        record.event_id,
                        record.origin,
                    ),
                )
        case "IssueMerged":
            yield _merge(record, body["master_id"], CHILD, merged=True, reason=body["reason"])
        case "IssueAbsorbed":
            yield _merge(record, body["child_id"], MASTER, merged=True, reason=body["reason"])
        case "IssueUnmerged":
            assert step.before is not None
            role = CHILD if step.before.master == body["other_id"] else MASTER
            yield _merge(record, body["other_id"], role, merged=False, reason=None)
        case "DuplicateDismissed":
            yield _merge(record, body["other_id"], NEITHER, merged=False, reason=None)


def _merge(record: Record, other: str, role: str, *, merged: bool, reason: str | None) -> Change:
    key = (record.issue_id, other)
    values = (role, merged, record.counts_at, record.principal, reason, record.event_id)
    return Change("duplicate_merge", key, values)
