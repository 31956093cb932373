"""Whose an issue is to see, and what may be done with it now, before it is said. Pure."""

from typing import Any

from hutong.events.headers import Source
from hutong.issue.record import Record
from hutong.issue.rules import VERSION, Rules
from hutong.issue.state import IssueState


class _NotSaidError(Exception):
    """A rule asks for something that only the act itself will say."""


class _Unsaid(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        raise _NotSaidError(name)


def may_see(principal: str, state: IssueState) -> bool:
    """The desk sees all, a channel its own, a department what it leads or helps with, or did."""
    kind, _, name = principal.partition(":")
    if kind == "channel":
        return state.channel == name
    if kind == "dept":
        return name in {state.lead, *state.co_owners} or any(
            name in (hop.lead, *hop.co_owners) for hop in state.hops
        )
    return kind == "desk"


def may_now(state: IssueState, event: str, principal: str, rules: Rules, now: int) -> bool:
    """Whether nothing known speaks against ``event`` (`IssueAccepted`) by ``principal`` at ``now``.

    Objections that hang on what the act says (a reason code, a decision) are raised when it comes.
    Who may write which event at all is the topics' matter, not judged here.
    """
    head = {"event_id": "", "issue_id": state.issue_id, "actor": principal, "occurred_at": now}
    record = Record(
        name=event,
        body=_Unsaid(head={**head, "area": None, "causation_id": None}),
        received_at=now,
        recorded_at=now,
        principal=principal,
        origin="live",
        rules=VERSION,
        source=Source("", 0, 0),
        partition=0,
        offset=0,
    )
    row = rules.table(record).rows[event]
    if state.status not in row.allowed:
        return False
    pack = rules.pack(now)
    for guard in row.guards:
        try:
            if guard.objects(state, record, pack) is not None:
                return False
        except _NotSaidError:
            continue
    return True
