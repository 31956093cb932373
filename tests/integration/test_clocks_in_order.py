"""The clocks process on real states: what it says, in which order, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hutong_processes.clocks import Clocks
from prometheus_client import CollectorRegistry

from hutong.city import City, load_city
from hutong.events.codec import default_codec
from hutong.events.headers import Source
from hutong.issue.record import Record
from hutong.kafka.send import OutRecord
from hutong.ops.failpoint import Failpoints
from hutong.ops.metrics import ProcessesMetrics
from hutong.promotions.packs import PackSince
from hutong.readmodels import Ground, all_models
from hutong.readmodels.clock_due import queries
from hutong.readmodels.projection import Projection
from hutong.store import Connection, connect, migrate
from tests.fixtures.cases import DAY, HOUR, Case
from tests.fixtures.histories import MINUTE, START, in_log_order

pytestmark = pytest.mark.postgres

CITY = load_city()
MOST = 4


@dataclass
class FakeHorizon:
    """All is folded, up to an instant; keeps the append times that it is told."""

    until: int = 0
    told: list[int] = field(default_factory=list)

    def look(self, _inputs: object, _folded: object) -> int | None:
        return self.until

    def appended(self, at: int) -> bool:
        self.told.append(at)
        return False

    def close(self) -> None: ...


@dataclass
class FakePacks:
    """Packs of a list."""

    known: tuple[PackSince, ...] = (PackSince(0, CITY),)
    news: bool = False

    def confirm(self, _every: float) -> bool:
        news, self.news = self.news, False
        return news

    def close(self) -> None: ...


@dataclass
class FakeSender:
    """Keeps what is sent."""

    sent: list[OutRecord] = field(default_factory=list)
    appended_at: int = 0

    def send(self, records: Iterable[OutRecord]) -> int:
        before = len(self.sent)
        self.sent += records
        self.appended_at = len(self.sent)
        return len(self.sent) - before


class District:
    """States and rows in PostgreSQL, and the process that looks at them."""

    def __init__(self, connection: Connection, projector: Connection) -> None:
        self.connection = connection
        self.projector = projector
        self.horizon = FakeHorizon()
        self.packs = FakePacks()
        self.sender = FakeSender()
        self.projection = Projection(projector, all_models(), Ground.of(CITY))
        self.offset = 0
        self.clocks = Clocks(
            self.horizon,  # type: ignore[arg-type]  # fakes with the names that are used
            self.packs,  # type: ignore[arg-type]
            self.sender,  # type: ignore[arg-type]
            default_codec(),
            ProcessesMetrics(CollectorRegistry()),
            Failpoints(),
            most=MOST,
        )

    def happens(self, records: Iterable[Record]) -> None:
        self.projection.stand_on(Ground.over(self.packs.known))
        self.projection.apply(list(records))
        self.projector.commit()

    def hears(self, records: Iterable[OutRecord], like: Record) -> None:
        """What was said is routed and folded, a second after the horizon."""
        for sent in records:
            decoded = default_codec().decode(sent.value)
            self.offset += 1
            at = self.horizon.until + 1_000
            record = replace(
                like,
                name=decoded.schema.name.rpartition(".")[2],
                body=decoded.body,
                received_at=at,
                recorded_at=at,
                principal="processes",
                source=Source("clock", 0, self.offset),
                partition=1,
                offset=self.offset,
                content="",
            )
            self.happens([record])

    def turns(self, minute: int, like: Record) -> list[dict[str, Any]]:
        """All that is said by that minute, turn by turn; each turn waits for the fold."""
        self.horizon.until = START + minute * MINUTE
        said: list[OutRecord] = []
        while self.clocks.turn(self.connection):
            new = self.sender.sent[len(said) :]
            said += new
            self.hears(new, like)
        self.sender.sent.clear()
        return [default_codec().decode(record.value).body for record in said]

    def verdicts(self) -> set[tuple[str, str]]:
        rows = self.connection.execute(
            "SELECT verdict, reason FROM issue_timeline WHERE principal = 'processes'"
        )
        return set(rows.fetchall())


@pytest.fixture
def district(fresh_database: str) -> Iterator[District]:
    migrate(fresh_database)
    with (
        connect(fresh_database, autocommit=True) as connection,
        connect(fresh_database) as projector,
    ):
        yield District(connection, projector)


def cases(count: int) -> list[Case]:
    """Dispatched one minute after the other, to be resolved a day later; not signed for."""
    found = []
    for number in range(count):
        case = Case(number + 1).at(number).reported()
        found.append(case.dispatched())
    return found


def records_of(told: Iterable[Case]) -> list[Record]:
    return in_log_order(record for case in told for record in case.records)


def test_after_an_outage_everything_is_said_once_in_the_order_in_which_it_was_due(
    district: District,
) -> None:
    told = cases(11)
    district.happens(records_of(told))
    said = district.turns(5 * DAY, told[0].records[0])
    instants = [body["head"]["occurred_at"] for body in said]
    assert instants == sorted(instants)
    # A reminder, a notice and three rungs of three clocks.
    assert len(said) == 11 * 3 * 5
    assert len({body["head"]["event_id"] for body in said}) == len(said)
    assert district.verdicts() == {("applied", "")}
    assert district.turns(5 * DAY, told[0].records[0]) == []


def test_nothing_is_said_before_its_time_nor_to_who_has_answered(district: District) -> None:
    told = cases(3)
    told[0].at(30).does("IssueAccepted")
    district.happens(records_of(told))
    said = district.turns(HOUR + 5, told[0].records[0])
    about = {(body["head"]["issue_id"], body["clock"]) for body in said}
    assert about == {(case.is_.issue_id, "accept") for case in told[1:]}


def test_many_due_at_the_same_instant_all_get_their_turn(district: District) -> None:
    told = [Case(number + 1).reported().dispatched() for number in range(3 * MOST)]
    district.happens(records_of(told))
    said = district.turns(HOUR + 1, told[0].records[0])
    assert len([body for body in said if body["clock"] == "accept"]) == 3 * 3 * MOST


def test_the_horizon_is_told_when_the_broker_appended_what_was_said(district: District) -> None:
    told = cases(2)
    district.happens(records_of(told))
    assert district.turns(1, told[0].records[0]) == []
    assert district.horizon.told == [], "nothing was said"
    district.horizon.until = START + 2 * HOUR * MINUTE
    assert district.clocks.turn(district.connection)
    assert district.horizon.told == [len(district.sender.sent)]


def test_killed_after_sending_the_next_says_the_same_again(district: District) -> None:
    told = cases(2)
    district.happens(records_of(told))
    district.horizon.until = START + 2 * HOUR * MINUTE
    assert district.clocks.turn(district.connection)
    assert district.clocks.turn(district.connection)  # as a new service that knows of nothing
    half = len(district.sender.sent) // 2
    assert district.sender.sent[:half] == district.sender.sent[half:]
    district.hears(district.sender.sent, told[0].records[0])
    assert district.verdicts() == {("applied", "")}


def test_a_pack_that_announces_a_year_moves_provisional_due_times(
    district: District, announced: Callable[[int], City]
) -> None:
    week = [{"clock": "resolve", "minutes": 160 * 420, "calendar": "working"}]
    told = [Case(n + 1).reported().dispatched(clocks=week) for n in range(2 * MOST + 1)]
    district.happens(records_of(told))
    assert len(queries.provisional(district.connection, limit=100)) == len(told)
    assert not [body for body in district.turns(1, told[0].records[0]) if "ground" in body]
    since = START + 10 * MINUTE
    district.packs.known = (PackSince(0, CITY), PackSince(since, announced(2027)))
    district.packs.news = True
    said = district.turns(20, told[0].records[0])
    assert [body["ground"] for body in said] == ["calendar-announced"] * len(told)
    assert queries.provisional(district.connection, limit=100) == []
    assert district.verdicts() == {("applied", "")}


@pytest.fixture
def announced() -> Callable[[int], City]:
    """The sample city with one more year announced, in which nobody has a day off."""

    def announce(year: int) -> City:
        days = CITY.calendar
        return replace(CITY, calendar=replace(days, years=days.years | {year}))

    return announce
