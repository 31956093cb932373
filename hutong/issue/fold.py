"""The fold: one record after another becomes the state of an issue, each with a verdict."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from hutong.issue.record import ROUTER, Record
from hutong.issue.rules import Rules
from hutong.issue.state import IssueState, Status
from hutong.issue.table import Changes


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


APPLIED: Final = Verdict(Outcome.APPLIED)
#: What an issue's state keeps of records whose cause was not seen, at most. A history that is only
#: out of order has a handful; without a bound one sender could grow a state until PostgreSQL takes
#: it no more, and the projector would stop there for good.
MOST_WAITING: Final = 64
MOST_WAITING_BYTES: Final = 1_048_576
#: Reason of the verdict on the router's answer to a report that was not the first: what a repeat
#: says has no effect, so neither has what the router made of it.
ANSWERS_REPEAT: Final = "answers-a-repeat"
#: Reason of the verdict on another event under the id of one that was judged before. Nobody's
#: program does that by itself: somebody should look at who sent it.
ALTERED: Final = "altered-repeat"


class Step(NamedTuple):
    """One record judged, with the state before it (None: nothing was known) and after it."""

    before: IssueState | None
    record: Record
    verdict: Verdict
    after: IssueState


def evolve(state: IssueState | None, record: Record, rules: Rules) -> tuple[Step, ...]:
    """Judge a record and whatever waited for it.

    Returns one step per verdict, in order: none for a repeat (an event that was judged or waits
    already), one for a plain record, more where waiting records could be judged now. The last
    step's ``after`` is the new state. Raises nothing for a record that the router let through,
    but UnknownRulesError when this program is too old for it.

    The first event under an id wins. Another one under the same id is refused every time it comes,
    and leaves no trace in the state.
    """
    if state is not None and (known := _digest_of_first(state, record.event_id)) is not None:
        if known == record.digest:
            return ()
        detail = f"event {record.event_id} was seen before, with other content"
        return (Step(state, record, _refused(ALTERED, detail), state),)
    steps = [_judge(state, record, rules)]
    while (ready := _ready(steps[-1].after)) is not None:
        steps.append(_judge(_without(steps[-1].after, ready), ready, rules))
    return tuple(steps)


def check(state: IssueState | None, record: Record, rules: Rules) -> Verdict:
    """What the rules make of this record in this state. The one judge: for fold, desk and API."""
    table = rules.table(record)
    if record.name == "IssueReported":
        if state is None or state.stage is Status.AWAITED:
            return APPLIED
        return _refused("already-reported", f"issue {state.issue_id} was reported before")
    if state is None or state.stage is Status.AWAITED or record.causation_id not in state.seen:
        return _wait(state, record)
    if record.principal == ROUTER and str(record.source) != state.source:
        return _refused(ANSWERS_REPEAT, f"made of {record.source}, the report is {state.source}")
    row = table.rows.get(record.name)
    if row is None:
        return _refused("no-rule", f"these rules give {record.name} no effect")
    status = state.status
    if status not in row.allowed:
        return _refused("not-now", f"{record.name} is not allowed when {status}")
    if row.guards:
        pack = rules.pack(record.received_at)
        for guard in row.guards:
            objection = guard.objects(state, record, pack)
            if objection is not None:
                return _refused(guard.code, objection)
    return APPLIED


def _wait(state: IssueState | None, record: Record) -> Verdict:
    size = len(json.dumps(record.to_json()))
    if state is not None and state.waiting:
        size += sum(len(json.dumps(kept)) for kept in state.waiting)
        if len(state.waiting) >= MOST_WAITING or size > MOST_WAITING_BYTES:
            detail = f"{len(state.waiting)} records wait, none of them for {record.causation_id}"
            return _refused("too-many-waiting", detail)
    return Verdict(Outcome.WAITING, "cause-not-seen", f"answers {record.causation_id}")


def _refused(reason: str, detail: str) -> Verdict:
    return Verdict(Outcome.REFUSED, reason, detail)


def _judge(state: IssueState | None, record: Record, rules: Rules) -> Step:
    verdict = check(state, record, rules)
    if verdict.outcome is Outcome.WAITING:
        known = state or _awaited(record)
        after = known.but({"waiting": (*known.waiting, record.to_json())})
    elif verdict.outcome is Outcome.REFUSED:
        assert state is not None  # nothing is refused before something is known
        after = state.but({"seen": {**state.seen, record.event_id: record.digest}})
    else:
        after = _apply(state or _awaited(record), record, rules)
    return Step(state, record, verdict, after)


def _apply(state: IssueState, record: Record, rules: Rules) -> IssueState:
    table, pack = rules.table(record), rules.pack(record.received_at)
    row = table.rows[record.name]
    changes: Changes = {
        "applied": state.applied + 1,
        "seen": {**state.seen, record.event_id: record.digest},
    }
    if len(row.to) == 1:
        changes["stage"] = row.to[0]
    if row.effect is not None:
        changes |= row.effect(state, record, pack)
    changes |= table.move_clocks(state, record, pack)
    return state.but(changes)


def _awaited(record: Record) -> IssueState:
    return IssueState.from_json(
        {
            "issue_id": record.issue_id,
            "stage": Status.AWAITED,
            "channel": "",
            "origin": record.origin,
            "source": "",
            "area": None,
            "reported_at": record.counts_at,
        }
    )


def _digest_of_first(state: IssueState, event_id: str) -> str | None:
    """None: no event of that id was judged or waits."""
    if (judged := state.seen.get(event_id)) is not None:
        return judged
    return next((kept["content"] for kept in state.waiting if _id_of(kept) == event_id), None)


def _ready(state: IssueState) -> Record | None:
    """The first waiting record whose cause was seen by now."""
    if state.stage is Status.AWAITED:
        return None
    for kept in state.waiting:
        if kept["body"]["head"]["causation_id"] in state.seen:
            return Record.from_json(kept)
    return None


def _without(state: IssueState, record: Record) -> IssueState:
    kept = tuple(k for k in state.waiting if _id_of(k) != record.event_id)
    return state.but({"waiting": kept})


def _id_of(kept: object) -> str:
    return kept["body"]["head"]["event_id"]  # type: ignore[index,no-any-return]
