"""Whether an act would have an effect now, as far as that can be told before it is said. Pure."""

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
