"""Suspects that reports are about one matter, and leaves it to people to merge them.

It follows the timeline. Whatever is routed, dispatched anew or amended is compared with what was
looked at before, older or younger: so a pair is found by whichever of the two comes to us last, and
it does not matter in which order partitions are read. What it says stands on the younger of the
two, which is the one that would join the other.

The position moves when all that was said is confirmed. After a kill it says the same again: an id
follows from all that an event says, so that even if an issue has changed in between, no two events
share one.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from hutong.city import City
from hutong.city.duplicates import AUTO_MERGE_REASON
from hutong.events.base import Event
from hutong.events.codec import Codec
from hutong.events.fields import Head, Suspect
from hutong.events.headers import CE_TYPE
from hutong.events.ids import derived_id
from hutong.events.lifecycle import DuplicateSuspected
from hutong.events.topics import CLOCK
from hutong.kafka.send import ConfirmedSender, OutRecord
from hutong.ops.failpoint import Failpoints
from hutong.ops.metrics import ProcessesMetrics
from hutong.promotions.packs import Packs
from hutong.readmodels.issue_timeline.queries import Stretch, TimelineEntry, stretch
from hutong.store import Connection, one_moment, read_positions, write_positions
from hutong_processes.candidates import Issue, around, load, may_be_merged, remember
from hutong_processes.likeness import is_same_place, suspects
from hutong_processes.merging import Age, merge

#: Confirmed by the broker, position not moved yet: a kill here says the same again.
SENT: Final = "duplicates-sent"
#: After these an issue may resemble others than before.
NAMES: Final = ("IssueDispatched", "IssueQueued", "IssueReclassified", "IssueAmended")
_ACTOR: Final = "processes"
#: Seconds after which `city` is looked at again; far below the lead of a promotion.
_CITY_SECONDS: Final = 2.0
#: Records of a partition passed in one turn. Twelve partitions bring a hundred issues, which take a
#: second when each resembles hundreds: whoever stops the service waits no longer for the turn.
_LONGEST: Final = 16


class Duplicates:
    """The process."""

    name: Final = "duplicates"

    def __init__(
        self,
        packs: Packs,
        sender: ConfirmedSender,
        codec: Codec,
        metrics: ProcessesMetrics,
        failpoints: Failpoints,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._packs = packs
        self._sender = sender
        self._codec = codec
        self._metrics = metrics
        self._failpoints = failpoints
        self._clock = clock

    def turn(self, connection: Connection) -> bool:
        """Look at what was projected since the last turn, a hundred issues at most."""
        city = self._city()
        with one_moment(connection):
            positions = read_positions(connection, self.name)
            seen = stretch(connection, positions, NAMES, longest=_LONGEST)
            if not seen.ends:
                return False
            looked_at, said = _look(connection, seen, city)
        self._send(said)
        with connection.transaction():
            remember(connection, looked_at)
            write_positions(connection, self.name, seen.ends)
        return seen.more

    def close(self) -> None:
        """Leave the broker."""
        self._packs.close()

    def _city(self) -> City:
        """The pack in force now."""
        self._packs.confirm(_CITY_SECONDS)
        now = int(self._clock() * 1000)
        return [pack.city for pack in self._packs.known if pack.since <= now][-1]

    def _send(self, said: Sequence[Event]) -> None:
        if not said:
            return
        self._sender.send(
            OutRecord(
                CLOCK,
                event.head.issue_id.encode(),
                self._codec.encode(event),
                {CE_TYPE: event.avro_name},
            )
            for event in said
        )
        self._failpoints.reach(SENT)
        for event in said:
            self._metrics.sent.labels(self.name, type(event).__name__).inc()


def _look(connection: Connection, seen: Stretch, city: City) -> tuple[list[Issue], list[Event]]:
    """The issues of a stretch, and what is to be said of them."""
    last = {entry.issue_id: entry for entry in seen.entries if entry.verdict == "applied"}
    issues = load(connection, last.keys(), dict(_guesses(last.values())))
    said: list[Event] = []
    done: dict[str, Issue] = {}
    for issue_id in last:
        if (issue := issues.get(issue_id)) is None:
            continue  # not live, or what it reports is not known
        before = around(connection, issue, city)
        others = {other.issue_id: other for other in before if other.issue_id not in issues} | done
        found = compare(issue, others.values(), city)
        for child, pairs in found:
            said += said_of(child, pairs, last[issue_id], others | {issue_id: issue}, city)
        done[issue_id] = issue
    return list(issues.values()), said


def _guesses(entries: Iterable[TimelineEntry]) -> Iterator[tuple[str, str]]:
    """What the router thought first of reports that it was not sure of."""
    for entry in entries:
        if candidates := entry.data.get("candidates"):
            yield entry.issue_id, candidates[0]["item"]


def compare(
    issue: Issue, others: Iterable[Issue], city: City
) -> Iterator[tuple[Issue, list[Suspect]]]:
    """Whom to suspect of repeating whom: the younger issue, and the older ones it may repeat.

    What was said before is among the few that count, and is not said again.
    """
    by_id = {other.issue_id: other for other in others if may_be_merged(issue, other)}
    older: list[Suspect] = []
    for found in suspects(issue.matter, [other.matter for other in by_id.values()], city):
        other = by_id[found.issue_id]
        if other.matter.age < issue.matter.age:
            if other.issue_id not in issue.suspects:
                older.append(found)
        elif issue.issue_id not in other.suspects:
            yield other, [found.model_copy(update={"issue_id": issue.issue_id})]
    if older:
        yield issue, older


def said_of(
    child: Issue,
    pairs: Sequence[Suspect],
    entry: TimelineEntry,
    issues: dict[str, Issue],
    city: City,
) -> Iterator[Event]:
    """What is said of a child when an entry was looked at; ``issues`` holds those of the pairs."""
    content = [f"{s.issue_id}/{s.metres}/{s.minutes}/{s.text_score}" for s in pairs]
    event_id = derived_id(entry.event_id, "duplicate", child.issue_id, *content)
    head = Head(
        event_id=event_id,
        issue_id=child.issue_id,
        occurred_at=entry.recorded_at,
        actor=_ACTOR,
        causation_id=child.issue_id,
    )
    yield DuplicateSuspected(head=head, suspects=tuple(pairs))
    if city.duplicates.auto_merge:
        same = (
            issues[suspect.issue_id].matter
            for suspect in pairs
            if is_same_place(child.matter, issues[suspect.issue_id].matter, city)
        )
        if (master := next(same, None)) is not None:
            yield from merge(
                Age(*child.matter.age),
                Age(*master.age),
                derived_id(event_id, "merged"),
                at=entry.recorded_at,
                reason=AUTO_MERGE_REASON,
            )
