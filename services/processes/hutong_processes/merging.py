"""Both halves of a merge or none: what is still to be said when one is missing. Pure.

A merge is an event on each of two issues, and each history is judged alone: a sender can die
between the two, or one of them be refused. Then one issue is linked and the other is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hutong.events.fields import Head
from hutong.events.ids import derived_id
from hutong.events.lifecycle import IssueAbsorbed, IssueMerged, IssueUnmerged

ACTOR: Final = "processes"
MERGED: Final = "IssueMerged"
ABSORBED: Final = "IssueAbsorbed"
UNMERGED: Final = "IssueUnmerged"
#: Ground of an undoing, in words for people.
GROUND: Final = "并案另一半未生效 · the other half of the merge has no effect"

Half = IssueMerged | IssueAbsorbed | IssueUnmerged


class Age(NamedTuple):
    """Sorts as the rules of merging do: the first of two is the master."""

    reported_at: int
    issue_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the history of one issue holds about the other, waiting records left out."""

    event_id: str
    name: str
    applied: bool
    recorded_at: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. ``age`` is None where nobody has ever reported it.

    ``linked``: its state says that the two are merged. ``told`` is in the order of the log.
    """

    issue_id: str
    age: Age | None
    linked: bool
    told: Sequence[Told] = ()


def merge(child: Age, master: Age, event_id: str, *, at: int, reason: str) -> tuple[Half, Half]:
    """The events of a merge, the master's first: a half of it leaves the child where it was."""
    return (
        _absorbed(master, child, event_id, at, reason),
        _merged(child, master, derived_id(event_id, "other"), at, reason),
    )


def mend(master: Side, child: Side) -> Half | None:
    """The event that makes the two agree; None when they do.

    The missing half is said again, and only when that was refused, the other half is undone: the
    fold is the judge of what can be. A half that was undone on purpose is undone on the other side,
    too. The ids follow from the half that there is, so saying it twice changes nothing.
    """
    if master.linked == child.linked:
        return None
    linked, other = (master, child) if master.linked else (child, master)
    half = [told for told in linked.told if told.name != UNMERGED and told.applied][-1]
    finish, undo = (derived_id(half.event_id, f"merge-{end}") for end in ("finished", "undone"))
    refused = any(told.event_id == finish and not told.applied for told in other.told)
    undone = any(
        told.name == UNMERGED and told.applied and told.recorded_at >= half.recorded_at
        for told in other.told
    )
    if linked.age is None or other.age is None or refused or undone:
        head = _head(undo, linked.issue_id, half.recorded_at)
        return IssueUnmerged(head=head, other_id=other.issue_id, ground=GROUND)
    if linked is master:
        return _merged(other.age, linked.age, finish, half.recorded_at, half.reason)
    return _absorbed(other.age, linked.age, finish, half.recorded_at, half.reason)


def _absorbed(master: Age, child: Age, event_id: str, at: int, reason: str) -> IssueAbsorbed:
    return IssueAbsorbed(
        head=_head(event_id, master.issue_id, at),
        child_id=child.issue_id,
        child_reported_at=child.reported_at,
        reason=reason,
    )


def _merged(child: Age, master: Age, event_id: str, at: int, reason: str) -> IssueMerged:
    return IssueMerged(
        head=_head(event_id, child.issue_id, at),
        master_id=master.issue_id,
        master_reported_at=master.reported_at,
        reason=reason,
    )


def _head(event_id: str, issue_id: str, at: int) -> Head:
    return Head(
        event_id=event_id,
        issue_id=issue_id,
        occurred_at=at,
        actor=ACTOR,
        causation_id=issue_id,
    )


def told(event_id: str, name: str, verdict: str, recorded_at: int, data: Any) -> Told:
    """From an entry of the timeline."""
    return Told(event_id, name, verdict == "applied", recorded_at, data.get("reason") or "")
