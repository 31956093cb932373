"""One issue's records as the log has them, what the fold made of each, and the state as of a time.

Pure: the records of one issue go in, in the order of the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hutong.issue.fold import Step, evolve
from hutong.issue.record import Record
from hutong.issue.rules import Rules
from hutong.issue.state import IssueState

#: Of a record that was judged before: a router that was killed appends again, with the same ids.
REPEAT: Final = "repeat"


@dataclass(frozen=True, slots=True)
class Link:
    """One record of the chain. ``outcome`` is an `Outcome` or ``repeat``.

    ``judged_at`` is the offset of the record with which it was judged: its own, but for one that
    had to wait for the event that it answers.
    """

    record: Record
    outcome: str
    reason: str
    detail: str
    judged_at: int


@dataclass(frozen=True, slots=True)
class History:
    """What became of an issue. ``state`` is None when there is no record."""

    state: IssueState | None
    links: tuple[Link, ...]
    steps: tuple[Step, ...]


def history(records: Iterable[Record], rules: Rules) -> History:
    """Fold the records of one issue. The last verdict of each counts."""
    state: IssueState | None = None
    steps: list[Step] = []
    links: dict[tuple[int, int], Link] = {}
    for record in records:
        found = evolve(state, record, rules)
        if not found:
            links[_place(record)] = Link(record, REPEAT, "", "", record.offset)
        for step in found:
            verdict = step.verdict
            links[_place(step.record)] = Link(
                step.record, verdict.outcome.value, verdict.reason, verdict.detail, record.offset
            )
        steps += found
        state = found[-1].after if found else state
    return History(state, tuple(links.values()), tuple(steps))


def _place(record: Record) -> tuple[int, int]:
    return record.partition, record.offset
