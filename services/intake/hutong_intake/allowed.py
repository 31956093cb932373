"""Which verbs somebody may use on an issue now, as far as that can be told beforehand. Pure."""

from collections.abc import Iterable, Iterator

from hutong.issue.allowed import may_now
from hutong.issue.rules import Rules
from hutong.issue.state import IssueState
from hutong_intake.verbs import Verb, name_of


def allowed_now(
    verbs: Iterable[Verb], state: IssueState, principal: str, rules: Rules, now: int
) -> Iterator[Verb]:
    """Those that nothing known speaks against at ``now`` (milliseconds UTC).

    Of a verb that writes one of two events, by the age of two issues, either is enough.
    """
    for verb in verbs:
        names = (name_of(event) for event in verb.events)
        if any(may_now(state, name, principal, rules, now) for name in names):
            yield verb
