"""Says what time brings: reminders, notices, the ladder, due times that a calendar moves.

In the order in which it is due, also after an outage: a turn takes the clocks that come first, says
what falls before the first that it leaves, and the next turn begins when that is folded. What was
said is thus known before anything is said again; and where a kill comes in between, ids are the
same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hutong.events.codec import Codec
from hutong.events.headers import CE_TYPE
from hutong.events.lifecycle import DueRevised
from hutong.events.topics import CLOCK, load_topics
from hutong.issue.notices import Notice, notices
from hutong.issue.pack import Pack
from hutong.issue.rules import Rules
from hutong.kafka.send import ConfirmedSender, OutRecord
from hutong.ops.failpoint import Failpoints
from hutong.ops.log import get_logger
from hutong.ops.metrics import ProcessesMetrics
from hutong.promotions.packs import Packs
from hutong.readmodels.clock_due.queries import Coming, coming, provisional
from hutong.readmodels.projection import load_states
from hutong.store import Connection, read_offsets
from hutong_processes.horizon import Horizon

#: Confirmed by the broker, not folded yet: a kill here lets the next service say the same again.
SENT: Final = "clocks-sent"
#: Seconds after which `city` is looked at again; far below the lead of a promotion.
_CITY_SECONDS: Final = 2.0


class Clocks:
    """The process."""

    name: Final = "clocks"

    def __init__(
        self,
        horizon: Horizon,
        packs: Packs,
        sender: ConfirmedSender,
        codec: Codec,
        metrics: ProcessesMetrics,
        failpoints: Failpoints,
        *,
        most: int,
    ) -> None:
        self._horizon = horizon
        self._packs = packs
        self._sender = sender
        self._codec = codec
        self._metrics = metrics
        self._failpoints = failpoints
        self._most = most
        self._rules: Rules | None = None
        self._inputs: tuple[str, ...] = ()
        #: The pack by which provisional due times were looked at last, and how far that went: the
        #: id of an issue; None when all were looked at.
        self._looked_by = ""
        self._looked_to: str | None = None

    def turn(self, connection: Connection) -> bool:
        """Say what has become due since the last turn, at most a batch."""
        rules = self._read_packs()
        until = self._horizon.look(self._inputs, lambda: read_offsets(connection))
        if until is None:
            return False
        self._metrics.horizon.set(until / 1000)
        pack = rules.pack(until)
        if pack.digest != self._looked_by:
            self._looked_by, self._looked_to = pack.digest, ""
        return self._revise(connection, pack, until) or self._say_due(connection, pack, until)

    def close(self) -> None:
        """Leave the broker."""
        self._packs.close()
        self._horizon.close()

    def _read_packs(self) -> Rules:
        if self._packs.confirm(_CITY_SECONDS) or self._rules is None:
            known = self._packs.known
            self._rules = Rules.over(known)
            departments = {code for _, city in known for code in city.departments}
            self._inputs = tuple(topic.name for topic in load_topics(sorted(departments)).routed)
        return self._rules

    def _revise(self, connection: Connection, pack: Pack, until: int) -> bool:
        """Provisional due times by a pack that has come into force, a batch of issues at a time."""
        while self._looked_to is not None:
            issues = provisional(connection, limit=self._most, after=self._looked_to)
            found = self._found(connection, issues, pack, until)
            revised = [notice for notice in found if isinstance(notice, DueRevised)]
            self._send(revised)
            self._looked_to = issues[-1] if len(issues) == self._most else None
            if revised:
                return True
        return False

    def _say_due(self, connection: Connection, pack: Pack, until: int) -> bool:
        after: Coming | None = None
        while rows := coming(connection, until, limit=self._most + 1, after=after):
            taken, left = rows[: self._most], rows[self._most :]
            # Those at the same instant as the first must get their turn, however many there are.
            end = max(left[0].next_at, taken[0].next_at + 1) if left else until
            found = self._found(connection, [row.issue_id for row in taken], pack, end)
            if found:
                self._send(found)
                return True
            if not left:
                break
            # By a pack that came later, all of these bring nothing yet.
            after = taken[-1]
        return False

    def _found(
        self, connection: Connection, issues: Iterable[str], pack: Pack, until: int
    ) -> list[Notice]:
        """What these issues bring, in the order in which it was due; revised due times first."""
        states = load_states(connection, set(issues))
        found = [each for state in states.values() for each in notices(state, pack, until)]
        return sorted(
            found,
            key=lambda each: (
                not isinstance(each, DueRevised),
                each.head.occurred_at,
                each.head.issue_id,
            ),
        )

    def _send(self, found: Sequence[Notice]) -> None:
        if not found:
            return
        self._sender.send(map(self._record, found))
        if self._horizon.appended(self._sender.appended_at):
            get_logger().error("the clock of this machine is ahead of the broker's: see to it")
        self._failpoints.reach(SENT)
        for notice in found:
            self._metrics.sent.labels(self.name, type(notice).__name__).inc()

    def _record(self, notice: Notice) -> OutRecord:
        headers: Mapping[str, str] = {CE_TYPE: notice.avro_name}
        key = notice.head.issue_id.encode()
        return OutRecord(CLOCK, key, self._codec.encode(notice), headers)
