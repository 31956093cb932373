"""The fold: one record after another becomes the state of an issue, each with a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from hutong.issue.record import ROUTER, Record
from hutong.issue.rules import TABLE, place_of
from hutong.issue.state import IssueState, Status


class Outcome(StrEnum):
    """What a record did."""

    APPLIED = "applied"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome; for a refused or waiting record also why, as a code and in words."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""


APPLIED = Verdict(Outcome.APPLIED)
#: Reason of the verdict on the router's answer to a report that was not the first: what a repeat
#: says has no effect, so neither has what the router made of it.
ANSWERS_REPEAT = "answers-a-repeat"
#: Reason of the verdict on another event under the id of one that was judged before. Nobody's
#: program does that by itself: somebody should look at who sent it.
ALTERED = "altered-repeat"


@dataclass(frozen=True, slots=True)
class Step:
    """One record judged, with the state before it (None: nothing was known) and after it."""

    before: IssueState | None
    record: Record
    verdict: Verdict
    after: IssueState


def evolve(state: IssueState | None, record: Record) -> tuple[Step, ...]:
    """Judge a record and whatever waited for it.

    Returns one step per verdict, in order: none for a repeat (an event that was judged or waits
    already), one for a plain record, more where waiting records could be judged now. The last
    step's ``after`` is the new state. Never raises for a record that the router let through.

    The first event under an id wins. Another one under the same id is refused every time it comes,
    and leaves no trace in the state.
    """
    if state is not None and (known := _digest_of_first(state, record.event_id)) is not None:
        if known == record.digest:
            return ()
        detail = f"event {record.event_id} was seen before, with other content"
        return (Step(state, record, _refused(ALTERED, detail), state),)
    steps = [_judge(state, record)]
    while (ready := _ready(steps[-1].after)) is not None:
        steps.append(_judge(_without(steps[-1].after, ready), ready))
    return tuple(steps)


def check(state: IssueState | None, record: Record) -> Verdict:
    """What the rules make of this record in this state. The one judge: for fold, desk and API."""
    if record.name == "IssueReported":
        if state is None or state.status is Status.AWAITED:
            return APPLIED
        return _refused("already-reported", f"issue {state.issue_id} was reported before")
    if state is None or state.status is Status.AWAITED or record.causation_id not in state.seen:
        return Verdict(Outcome.WAITING, "cause-not-seen", f"answers {record.causation_id}")
    if record.principal == ROUTER and str(record.source) != state.source:
        return _refused(ANSWERS_REPEAT, f"made of {record.source}, the report is {state.source}")
    rule = TABLE.get(record.name)
    if rule is None:
        return _refused("no-rule", f"these rules give {record.name} no effect")
    if state.status not in rule.allowed:
        return _refused("not-now", f"{record.name} is not allowed when {state.status}")
    if record.name == "IssueDispatched" and record.body["hop"] != state.hop + 1:
        return _refused("wrong-hop", f"hop {record.body['hop']}, expected {state.hop + 1}")
    if rule.of_lead:
        if record.principal != f"dept:{state.lead}":
            return _refused("not-the-lead", f"{record.principal} does not lead, {state.lead} does")
        if record.body.get("hop", state.hop) != state.hop:
            return _refused("wrong-hop", f"answers hop {record.body['hop']}, now {state.hop}")
    return APPLIED


def _refused(reason: str, detail: str) -> Verdict:
    return Verdict(Outcome.REFUSED, reason, detail)


def _judge(state: IssueState | None, record: Record) -> Step:
    verdict = check(state, record)
    if verdict.outcome is Outcome.WAITING:
        known = state or _awaited(record)
        after = replace(known, waiting=(*known.waiting, record.to_json()))
    elif verdict.outcome is Outcome.REFUSED:
        assert state is not None  # nothing is refused before something is known
        after = replace(state, seen=_seen(state, record))
    else:
        after = _apply(state, record)
    return Step(state, record, verdict, after)


def _apply(state: IssueState | None, record: Record) -> IssueState:
    if state is None or state.status is Status.AWAITED:
        born = _born(record)
        return born if state is None else replace(born, waiting=state.waiting)
    rule = TABLE[record.name]
    changes = rule.values(state, record) if rule.values else {}
    return replace(
        state,
        **changes,
        status=rule.to or state.status,
        applied=state.applied + 1,
        seen=_seen(state, record),
    )


def _seen(state: IssueState, record: Record) -> Mapping[str, str]:
    return {**state.seen, record.event_id: record.digest}


def _born(record: Record) -> IssueState:
    return IssueState(
        issue_id=record.issue_id,
        status=Status.REPORTED,
        channel=record.body["channel"],
        origin=record.origin,
        source=str(record.source),
        area=record.body["head"]["area"],
        intent=record.body["intent"],
        reported_at=record.counts_at,
        subject=record.body["subject"],
        **place_of(record),
        applied=1,
        seen={record.event_id: record.digest},
    )


def _awaited(record: Record) -> IssueState:
    return IssueState(
        issue_id=record.issue_id,
        status=Status.AWAITED,
        channel="",
        origin=record.origin,
        source="",
        area=None,
        reported_at=record.counts_at,
    )


def _digest_of_first(state: IssueState, event_id: str) -> str | None:
    """None: no event of that id was judged or waits."""
    if (judged := state.seen.get(event_id)) is not None:
        return judged
    waiting = (kept for kept in state.waiting if _id_of(kept) == event_id)
    return next((Record.from_json(kept).digest for kept in waiting), None)


def _ready(state: IssueState) -> Record | None:
    """The first waiting record whose cause was seen by now."""
    if state.status is Status.AWAITED:
        return None
    for kept in state.waiting:
        if kept["body"]["head"]["causation_id"] in state.seen:
            return Record.from_json(kept)
    return None


def _without(state: IssueState, record: Record) -> IssueState:
    kept = tuple(k for k in state.waiting if _id_of(k) != record.event_id)
    return replace(state, waiting=kept)


def _id_of(kept: object) -> str:
    return kept["body"]["head"]["event_id"]  # type: ignore[index,no-any-return]
