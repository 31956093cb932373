"""The simulated clock: what happens when, told as events and judged as the fold will judge them."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple, TypeAlias

from hutong.city import City, DutyItem
from hutong.demo.month.behaviour import Behaviour, load_behaviour, load_texts
from hutong.demo.month.chance import Chance
from hutong.demo.phrases import pick
from hutong.demo.report import GeneratedReport
from hutong.events.base import Event
from hutong.events.fields import Head
from hutong.events.headers import Source
from hutong.events.ids import derived_id
from hutong.issue.calendar import MINUTE, NATURAL, WORKING, TimeKeeper
from hutong.issue.fold import Outcome, Verdict, evolve
from hutong.issue.notices import next_at, notices
from hutong.issue.record import SIMULATOR, Record
from hutong.issue.rules import VERSION, Rules
from hutong.issue.state import IssueState

ACTS_TOPIC: Final = "acts-simulator"
PROCESSES: Final = "processes"
ALWAYS: Final = "always"
_SECOND: Final = 1_000
_SEATS: Final = 8
#: Who sends an event writes down when it happened: so long before it is received, at most.
_UNDER_WAY: Final = 20 * _SECOND


class Told(NamedTuple):
    """One act: received at that instant (milliseconds UTC), and what the fold makes of it."""

    at: int
    event: Event
    verdict: Verdict


@dataclass(slots=True, eq=False)
class Case:
    """One issue as the month plays it: where it stands, what is true of it, its luck."""

    state: IssueState
    #: The report, with what nobody in the city knows: its duty item and its matter.
    truth: GeneratedReport
    chance: Chance
    #: Newest event that was applied, and when it was received.
    newest: str
    at: int
    #: Whether the last claimed result is one.
    solved: bool = False
    #: Acts told so far, notices aside.
    acts: int = 0
    #: When its clocks bring something next.
    wakes_at: int | None = None

    @property
    def issue_id(self) -> str:
        """Of the issue."""
        return self.state.issue_id

    def desk(self) -> str:
        """One of those at the desk, as an actor."""
        return f"desk:{1 + int(self.chance.next() * _SEATS)}"


#: Something that somebody does when its time has come.
Deed: TypeAlias = Callable[["Stage", Case], None]
#: Event name -> what those whom it concerns make of it: they plan deeds.
Cast: TypeAlias = Mapping[str, Sequence[Deed]]


@dataclass(frozen=True, slots=True)
class _Week:
    """Working days of a roster that knows no holidays."""

    weekdays: frozenset[int]
    hours: tuple[tuple[int, int], ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()


@dataclass(slots=True)
class Stage:
    """Plays cases against each other in time order, up to but not ``end``."""

    city: City
    rules: Rules
    cast: Cast
    end: int
    behaviour: Behaviour = field(default_factory=load_behaviour)
    #: Milliseconds UTC.
    now: int = 0
    #: (event, reason) -> how often somebody saw in time that it would be refused, and let it be.
    withheld: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: Matter of the reports -> its cases, the oldest first.
    matters: dict[int, list[Case]] = field(default_factory=dict)
    by_id: dict[str, Case] = field(default_factory=dict)
    #: Duty items by code.
    items: Mapping[str, DutyItem] = field(init=False)
    _plans: list[tuple[int, int, Case, Deed, int | None]] = field(default_factory=list)
    _order: int = 0
    _told: list[Told] = field(default_factory=list)
    _keepers: dict[str, TimeKeeper] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.items = {item.code: item for item in self.city.duty_list}

    def play(self, cases: Iterable[Case]) -> Iterator[Told]:
        """All acts, in time order."""
        for case in cases:
            self.matters.setdefault(case.truth.matter, []).append(case)
            self.by_id[case.issue_id] = case
            self._plan(case.at, case, self._begin, None)
        while self._plans:
            at, _, case, deed, hop = heapq.heappop(self._plans)
            if at >= self.end:
                return
            self.now = max(self.now, at)
            if hop is None or hop == case.state.hop:
                deed(self, case)
            yield from self._told
            self._told.clear()

    # -- planning

    def later(
        self, case: Case, minutes: float, deed: Deed, *, roster: str = ALWAYS, hop: bool = True
    ) -> None:
        """Plan a deed after that much time of a roster.

        ``hop``: nothing comes of it if the issue is with another department by then, or was
        worked on anew.
        """
        self.at(case, self.due(minutes, roster), deed, hop=hop)

    def at(self, case: Case, at: int, deed: Deed, *, hop: bool = True) -> None:
        """Plan a deed for an instant."""
        self._plan(max(at, self.now + 1), case, deed, case.state.hop if hop else None)

    def due(self, minutes: float, roster: str = ALWAYS) -> int:
        """The instant when so many minutes of a roster are over."""
        length = int(minutes * MINUTE)
        if roster == ALWAYS:
            return self.keeper(roster).due(self.now, length, NATURAL).at
        return self.keeper(roster).due(self.now, length, WORKING).at

    def keeper(self, roster: str) -> TimeKeeper:
        """The working time of a roster."""
        if roster not in self._keepers:
            hours = self.behaviour.rosters.get(roster, "city")
            days = (
                self.city.calendar
                if hours == "city"
                else _Week(frozenset(hours["weekdays"]), tuple(map(tuple, hours["hours"])))
            )
            self._keepers[roster] = TimeKeeper(days, self.city.timezone)
        return self._keepers[roster]

    def words(self, case: Case, act: str, code: str) -> str:
        """Something to write with an act."""
        return pick(load_texts()[act][code], (), case.chance.next)

    # -- telling

    def tell(
        self, case: Case, actor: str, kind: type[Event], /, *, wrongly: bool = False, **fields: Any
    ) -> bool:
        """Somebody acts; whether it took effect.

        What would be refused is not sent, as nobody presses a button that is not there, unless it
        is done ``wrongly``: then it goes out, and is refused.
        """
        at = max(self.now, case.at + 1)
        case.acts += 1
        head = Head(
            event_id=derived_id(case.issue_id, "act", str(case.acts)),
            issue_id=case.issue_id,
            occurred_at=at - int(case.chance.next() * min(_UNDER_WAY, at - case.at)),
            actor=actor,
            area=case.state.area if case.state.area in self.city.areas else None,
            causation_id=case.newest,
        )
        return self._judge(case, kind(head=head, **fields), at, wrongly=wrongly)

    def _judge(self, case: Case, event: Event, at: int, *, wrongly: bool = False) -> bool:
        record = Record(
            name=type(event).__name__,
            body=event.to_body(),
            received_at=at,
            recorded_at=at,
            principal=SIMULATOR,
            origin=case.state.origin,
            rules=VERSION,
            source=Source(ACTS_TOPIC, 0, case.acts),
            partition=0,
            offset=case.acts,
            content=event.head.event_id,
        )
        [step] = evolve(case.state, record, self.rules)
        applied = step.verdict.outcome is Outcome.APPLIED
        if not applied and not wrongly:
            self.withheld[record.name, step.verdict.reason] += 1
            return False
        case.state, case.at = step.after, at
        self._told.append(Told(at, event, step.verdict))
        if applied:
            case.newest = event.head.event_id
            for deed in self.cast.get(record.name, ()):
                deed(self, case)
            self._wind(case)
        return applied

    def _begin(self, _stage: "Stage", case: Case) -> None:
        """What the router made of the report concerns somebody, too."""
        for deed in self.cast["IssueReported"]:
            deed(self, case)
        self._wind(case)

    def _wind(self, case: Case) -> None:
        """Plan what its clocks bring next."""
        pack = self.rules.pack(self.now)
        coming = [next_at(case.state, name, pack) for name in case.state.clocks]
        first = min((at for at in coming if at is not None), default=None)
        if first is not None and first != case.wakes_at:
            # What is due at an instant is told once it is past.
            self._plan(max(first + 1, self.now), case, self._ring, None)
        case.wakes_at = first

    def _ring(self, _stage: "Stage", case: Case) -> None:
        case.wakes_at = None
        at = max(self.now, case.at + 1)
        for notice in notices(case.state, self.rules.pack(at), at):
            self._judge(case, notice, at)
            at = case.at + 1
        self._wind(case)

    def _plan(self, at: int, case: Case, deed: Deed, hop: int | None) -> None:
        if at < self.end:
            self._order += 1
            heapq.heappush(self._plans, (at, self._order, case, deed, hop))
