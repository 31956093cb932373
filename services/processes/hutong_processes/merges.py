"""Finishes merges of which only one half came into effect, or undoes them.

It follows what is said of merges, at a distance: only when the log is known to be read beyond an
event, and so much longer that its sender would have said the other half, is the pair looked at.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from hutong.events.codec import Codec
from hutong.events.headers import CE_TYPE
from hutong.events.topics import CLOCK, load_topics
from hutong.issue.state import IssueState, Status
from hutong.kafka.send import ConfirmedSender, OutRecord
from hutong.ops.failpoint import Failpoints
from hutong.ops.metrics import ProcessesMetrics
from hutong.promotions.packs import Packs
from hutong.readmodels.issue_timeline.queries import TimelineEntry, of_issue, stretch
from hutong.readmodels.projection import load_states
from hutong.store import (
    Connection,
    one_moment,
    read_offsets,
    read_positions,
    write_positions,
)
from hutong_processes.candidates import LIVE
from hutong_processes.horizon import Horizon
from hutong_processes.merging import (
    ABSORBED,
    MERGED,
    UNMERGED,
    Age,
    Half,
    Side,
    mend,
    told,
)

#: Confirmed by the broker, position not moved yet: a kill here says the same again.
SENT: Final = "merges-sent"
NAMES: Final = (MERGED, ABSORBED, UNMERGED)
#: Name of an event -> its field that names the other issue.
_OTHER: Final = {MERGED: "master_id", ABSORBED: "child_id", UNMERGED: "other_id"}
#: Seconds after which `city` is looked at again: for new departments, whose topics are inputs.
_CITY_SECONDS: Final = 2.0
#: Records of a partition passed in one turn. Merges are few among them.
_LONGEST: Final = 10_000


class Merges:
    """The process."""

    name: Final = "merges"

    def __init__(
        self,
        horizon: Horizon,
        packs: Packs,
        sender: ConfirmedSender,
        codec: Codec,
        metrics: ProcessesMetrics,
        failpoints: Failpoints,
        *,
        grace_ms: int,
    ) -> None:
        self._horizon = horizon
        self._packs = packs
        self._sender = sender
        self._codec = codec
        self._metrics = metrics
        self._failpoints = failpoints
        self._grace_ms = grace_ms

    def turn(self, connection: Connection) -> bool:
        """Look at the pairs that something was said of, so long ago that both should know."""
        known_until = self._horizon.look(self._inputs(), lambda: read_offsets(connection))
        if known_until is None:
            return False
        with one_moment(connection):
            seen = stretch(
                connection,
                read_positions(connection, self.name),
                NAMES,
                longest=_LONGEST,
                until=known_until - self._grace_ms,
            )
            if not seen.ends:
                return False
            halves = missing(connection, seen.entries)
        self._send(halves)
        with connection.transaction():
            write_positions(connection, self.name, seen.ends)
        return seen.more

    def close(self) -> None:
        """Leave the broker."""
        self._packs.close()
        self._horizon.close()

    def _inputs(self) -> list[str]:
        """The topics that the router reads."""
        self._packs.confirm(_CITY_SECONDS)
        departments = {code for _, city in self._packs.known for code in city.departments}
        return [topic.name for topic in load_topics(sorted(departments)).routed]

    def _send(self, halves: Sequence[Half]) -> None:
        if not halves:
            return
        self._sender.send(
            OutRecord(
                CLOCK,
                half.head.issue_id.encode(),
                self._codec.encode(half),
                {CE_TYPE: half.avro_name},
            )
            for half in halves
        )
        self._failpoints.reach(SENT)
        for half in halves:
            self._metrics.sent.labels(self.name, type(half).__name__).inc()


def missing(connection: Connection, entries: Iterable[TimelineEntry]) -> list[Half]:
    """What is to be said so that both issues of each pair agree."""
    pairs = dict.fromkeys(
        tuple(sorted((entry.issue_id, str(entry.data[_OTHER[entry.name]])))) for entry in entries
    )
    states = load_states(connection, {issue_id for pair in pairs for issue_id in pair})
    found = []
    for one, other in pairs:
        if not any(state.origin == LIVE for state in map(states.get, (one, other)) if state):
            continue
        sides = [_side(connection, states, one, other), _side(connection, states, other, one)]
        sides.sort(key=lambda side: (side.age is None, side.age or ()))
        if (half := mend(*sides)) is not None:
            found.append(half)
    return found


def _side(connection: Connection, states: dict[str, IssueState], issue_id: str, other: str) -> Side:
    state = states.get(issue_id)
    if state is None or state.stage is Status.AWAITED:
        return Side(issue_id, None, linked=False)
    linked = other == state.master or other in state.children
    about = [
        told(entry.event_id, entry.name, entry.verdict, entry.recorded_at, entry.data)
        for entry in of_issue(connection, issue_id)
        if entry.name in _OTHER
        and entry.data[_OTHER[entry.name]] == other
        and entry.verdict != "waiting"
    ]
    return Side(issue_id, Age(state.reported_at, issue_id), linked, about)
