"""The agent with an outlet whose confirmations the test gives: order, acks, and fail-stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hutong_router.agent import RoutingAgent, TimestampError, TooManyDeadLettersError
from hutong_router.ledger import Chunk, Partition
from hutong_router.outlet import DeliveryError
from hutong_router.records import InputRecord, Outgoing
from hutong_router.route import Router
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from hutong.events.ids import derived_id
from hutong.ops.failpoint import Failpoints
from hutong.ops.metrics import RouterMetrics

REPORT = "issue.IssueReported"
MakeBody = Callable[..., dict[str, Any]]
MakeRecord = Callable[..., InputRecord]


class FakeOutlet:
    """Keeps what was sent; `confirm` is the broker's word for the oldest send."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.trouble: Exception | None = None
        self._waiting: list[tuple[int, Callable[[], None]]] = []

    def send(self, records: Sequence[Outgoing], on_confirmed: Callable[[], None]) -> None:
        self.sent.extend(records)
        self._waiting.append((len(records), on_confirmed))

    def confirm(self, send: int = 0) -> None:
        count, on_confirmed = self._waiting.pop(send)
        for _ in range(count):
            on_confirmed()

    def poll(self, seconds: float = 0) -> None:
        if self.trouble is not None:
            raise self.trouble

    def topics(self) -> list[str]:
        return [record.topic for record in self.sent]


@dataclass
class Fetched:
    """What the agent reads of an aiokafka ConsumerRecord."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp_type: int = field(default=1)


@pytest.fixture
def outlet() -> FakeOutlet:
    return FakeOutlet()


@pytest.fixture
def agent(router: Router, outlet: FakeOutlet) -> RoutingAgent:
    return RoutingAgent(
        router,
        outlet,
        RouterMetrics(CollectorRegistry()),
        version="1.2.3",
        in_flight=4,
        dead_letters_in_a_row=3,
        failpoints=Failpoints(),
    )


@pytest.fixture
def chunk(example: MakeBody, record: MakeRecord) -> Callable[..., Chunk]:
    """A chunk of reports, one record per name; "bad" is no event at all."""

    def make(*names: str, first: int = 0) -> Chunk:
        records = []
        for offset, name in enumerate(names, first):
            issue = derived_id(name)
            body = example(REPORT, head_event_id=issue, head_issue_id=issue)
            value = b"bad" if name == "bad" else record("reports-hotline", REPORT, body).value
            headers = [("ce_type", b"hutong.issue.IssueReported")]
            fetched = Fetched("reports-hotline", 0, offset, 1, issue.encode(), value, headers)
            records.append(fetched)
        return Chunk(Partition("reports-hotline", 0), first, first + len(names) - 1, records)

    return make


def orders_of(outlet: FakeOutlet) -> list[str]:
    return [(r.key or b"").decode() for r in outlet.sent if r.topic == "dept-water-co"]


def test_orders_go_out_only_when_the_log_is_confirmed_and_only_then_is_it_done(
    agent: RoutingAgent, outlet: FakeOutlet, chunk: Callable[..., Chunk]
) -> None:
    given = chunk("a", "b")
    agent.take(given)
    assert outlet.topics() == ["issues"] * 4
    agent.pump()
    assert (orders_of(outlet), given.done) == ([], False)

    outlet.confirm()
    agent.pump()
    assert orders_of(outlet) == [derived_id("a"), derived_id("b")]
    assert (given.done, agent.in_flight) == (False, 1)

    outlet.confirm()
    agent.pump()
    assert (given.done, agent.in_flight, agent.finished) == (True, 0, 1)


def test_orders_keep_the_order_of_the_chunks_whatever_is_confirmed_first(
    agent: RoutingAgent, outlet: FakeOutlet, chunk: Callable[..., Chunk]
) -> None:
    first, second = chunk("a"), chunk("b", first=1)
    agent.take(first)
    agent.take(second)

    outlet.confirm(1)
    agent.pump()
    assert orders_of(outlet) == []
    outlet.confirm(0)
    agent.pump()
    assert orders_of(outlet) == [derived_id("a"), derived_id("b")]
    assert not first.done
    assert not second.done

    outlet.confirm(1)
    agent.pump()
    assert (first.done, second.done) == (False, True)
    outlet.confirm(0)
    agent.pump()
    assert (first.done, agent.finished) == (True, 2)


def test_a_dead_letter_is_confirmed_like_everything_else(
    agent: RoutingAgent, outlet: FakeOutlet, chunk: Callable[..., Chunk]
) -> None:
    given = chunk("bad")
    agent.take(given)
    [dead] = outlet.sent
    assert (dead.topic, dead.value) == ("dead-letters", b"bad")
    assert not given.done
    outlet.confirm()
    agent.pump()
    assert given.done


def test_row_75_too_many_dead_letters_in_a_row_stop_it_before_the_chunk_is_sent(
    agent: RoutingAgent, outlet: FakeOutlet, chunk: Callable[..., Chunk]
) -> None:
    """Nothing but bad records, more than 100 in a row: after a bad deploy of ours, or a sender's.

    Gets: the router stops with status 3 and names place and reason. Nothing of the chunk at hand is
    parked or acknowledged; the lag grows, and the launcher gives up after a few starts. Who finds
    that the records are bad indeed raises `HUTONG_ROUTER_DEAD_LETTERS_IN_A_ROW` for one run.

    Why: in a row, not a share of 5 %: a share would let one bad sender among many stop the city,
    and needs a memory of the past; a fault of ours on every record is seen after 100 either way.
    """
    agent.take(chunk("bad", "bad", "bad", "a", "bad", "bad"))
    sent = len(outlet.sent)
    agent.take(chunk("bad", first=6))
    with pytest.raises(TooManyDeadLettersError):
        agent.take(chunk("a", "bad", "bad", "bad", "bad", first=7))
    assert len(outlet.sent) == sent + 1


def test_row_76_a_dead_letter_that_cannot_be_written_stops_it(
    agent: RoutingAgent, outlet: FakeOutlet, chunk: Callable[..., Chunk]
) -> None:
    """The topic `dead-letters` takes no record: it is gone, full, or its leader is down.

    Gets: the router stops with status 3; the bad record and all after it are not acknowledged and
    will be read again.
    """
    given = chunk("a", "bad", "b")
    agent.take(given)
    assert "dead-letters" in outlet.topics()
    outlet.trouble = DeliveryError("dead-letters took no record")
    with pytest.raises(DeliveryError):
        agent.pump()
    assert (given.done, agent.finished) == (False, 0)


@pytest.mark.parametrize(("name", "level"), [("bad", "warning"), ("elsewhere", "error")])
def test_row_79_an_alert_for_what_belongs_on_another_topic(
    agent: RoutingAgent, chunk: Callable[..., Chunk], name: str, level: str
) -> None:
    given = chunk("bad")
    if name == "elsewhere":
        [fetched] = given.records
        fetched.topic, fetched.value = "desk", chunk("a").records[0].value
    with capture_logs() as logs:
        agent.take(given)
    assert [entry["log_level"] for entry in logs] == [level]
    assert ("security" in logs[0]["event"]) == (level == "error")


def test_a_topic_without_append_time_stops_it(
    agent: RoutingAgent, chunk: Callable[..., Chunk]
) -> None:
    given = chunk("a")
    given.records[0].timestamp_type = 0
    with pytest.raises(TimestampError):
        agent.take(given)
    assert not given.done


async def _room(agent: RoutingAgent) -> bool:
    import asyncio

    try:
        await asyncio.wait_for(agent.room(), 0.05)
    except TimeoutError:
        return False
    return True


def test_takes_no_more_than_so_many_chunks_and_none_once_closed(
    agent: RoutingAgent, outlet: FakeOutlet, chunk: Callable[..., Chunk]
) -> None:
    import asyncio

    for number in range(4):
        assert asyncio.run(_room(agent))
        agent.take(chunk("bad", first=number) if number == 0 else chunk("a", first=number))
    assert not asyncio.run(_room(agent))
    outlet.confirm()
    agent.pump()
    assert asyncio.run(_room(agent))
    agent.close()
    assert not asyncio.run(_room(agent))
