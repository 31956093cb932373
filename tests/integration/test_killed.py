"""Killing a service with -9 in the middle of a year's messages loses and doubles nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.city import load_city
from hutong.demo.account import take_account, wait_until_visible
from hutong.events.topics import load_topics
from hutong.importer.messages import BadRow, ImportedMessage, read_messages
from hutong.importer.send import import_messages
from hutong.local.stack import Stack
from hutong.readmodels.issue_current import queries as current
from hutong.store import connect

REAL = Path(__file__).parents[3] / "shared" / "data" / "messages_2019.csv.gz"
COUNT = 4_320


def messages() -> list[ImportedMessage | BadRow]:
    """A real year where the file is there; else as many made-up ones."""
    if REAL.is_file():
        return list(read_messages(REAL))
    return [
        ImportedMessage(
            line=n + 2,
            message_id=str(n),
            submitted_at=1_546_272_000_000 + n * 7_000_000,
            subject="槐荫路路灯不亮",
            body=f"第{n}号灯杆，晚上太黑，没有路灯，请尽快维修。",
        )
        for n in range(COUNT)
    ]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path / "data", only=("kafka", "postgres", "router", "projections")) as stack:
        yield stack


def counted(stack: Stack) -> int:
    with connect(stack.database_url, autocommit=True) as connection:
        return sum(current.count_by_origin(connection).values())


@pytest.mark.parametrize("service", ["router", "projections"])
def test_nothing_is_lost_or_doubled(stack: Stack, service: str) -> None:
    """Given 4,320 messages on their way, when a service is killed twice, all are there once."""
    wanted = messages()
    thirds = [wanted[n * COUNT // 3 : (n + 1) * COUNT // 3] for n in range(3)]
    ids: list[str] = []
    for number, part in enumerate(thirds):
        ids += import_messages(stack.kafka, part).issue_ids
        if number == 2:
            break
        until = time.monotonic() + 60
        while counted(stack) <= number * COUNT // 3 and time.monotonic() < until:
            time.sleep(0.005)
        stack.kill(service)
        stack.wait_restarted(service, number + 1)

    wait_until_visible(stack.database_url, ids, 60, lambda: stack.wait(0))
    catalogue = load_topics(load_city().departments)
    facts, [account] = take_account(stack.kafka, catalogue, stack.database_url)

    assert len(set(ids)) == len(ids) == COUNT
    assert facts.issues == {"imported": set(ids)}
    assert (account.in_log, account.in_current, account.in_weekly) == (COUNT, COUNT, COUNT)
    with connect(stack.database_url, autocommit=True) as connection:
        events = connection.execute(
            "SELECT count(*), count(DISTINCT event_id) FROM issue_timeline"
        ).fetchone()
        loads = connection.execute("SELECT sum(dispatched) FROM department_load").fetchone()
        dispatched = connection.execute(
            "SELECT count(*) FROM issue_current WHERE status = 'dispatched'"
        ).fetchone()
    assert events == (2 * COUNT, 2 * COUNT)
    assert loads == dispatched
    assert facts.records == 2 * COUNT + facts.repeats
    assert set(facts.ordered) <= set(facts.routed)
