"""Which verbs somebody may use on an issue now, as far as that can be told beforehand. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from hutong.events.base import Event
from hutong.events.headers import Source
from hutong.issue.record import Record
from hutong.issue.rules import VERSION, Rules
from hutong.issue.state import IssueState
from hutong_intake.verbs import Verb, name_of


class _NotSaidError(Exception):
    """A rule asks for something that only the act itself will say."""


class _Unsaid(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        raise _NotSaidError(name)


def allowed_now(
    verbs: Iterable[Verb], state: IssueState, principal: str, rules: Rules, now: int
) -> Iterator[Verb]:
    """Those that nothing known speaks against at ``now`` (milliseconds UTC).

    Objections that hang on what the act says (a reason code, a decision) are raised when it comes.
    """
    for verb in verbs:
        probes = (_probe(event, state, principal, now) for event in verb.events)
        if any(_may_come(record, state, rules) for record in probes):
            yield verb


def _may_come(record: Record, state: IssueState, rules: Rules) -> bool:
    row = rules.table(record).rows[record.name]
    if state.status not in row.allowed:
        return False
    pack = rules.pack(record.received_at)
    for guard in row.guards:
        try:
            if guard.objects(state, record, pack) is not None:
                return False
        except _NotSaidError:
            continue
    return True


def _probe(event: type[Event], state: IssueState, principal: str, now: int) -> Record:
    """The act without what it says."""
    head = {"event_id": "", "issue_id": state.issue_id, "actor": principal, "occurred_at": now}
    return Record(
        name=name_of(event),
        body=_Unsaid(head={**head, "area": None, "causation_id": None}),
        received_at=now,
        recorded_at=now,
        principal=principal,
        origin=state.origin,
        rules=VERSION,
        source=Source("", 0, 0),
        partition=0,
        offset=0,
    )
