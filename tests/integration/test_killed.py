"""Killing a service with -9 in the middle of a year's messages loses and doubles nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hutong.city import load_city
from hutong.demo.account import take_account, wait_until_visible
from hutong.demo.generate import generate_reports
from hutong.events.topics import ISSUES, load_topics, reports_topic
from hutong.importer.messages import BadRow, ImportedMessage, read_messages
from hutong.importer.send import import_messages
from hutong.kafka.acls import ROUTER_GROUP
from hutong.kafka.lag import group_lag, log_lag
from hutong.local.stack import Stack
from hutong.readmodels.issue_current import queries as current
from hutong.store import Connection, connect, read_offsets

#: A CSV file of another city's messages, to be used instead of made-up ones.
VARIABLE = "HUTONG_TEST_MESSAGES"
COUNT = 4_320
YEAR = 1_546_272_000_000, 1_577_808_000_000  # 2019


def messages() -> list[ImportedMessage | BadRow]:
    """The first of the file where one is given; else as many made-up ones."""
    if given := os.environ.get(VARIABLE):
        return list(read_messages(Path(given)))[:COUNT]
    return [
        ImportedMessage(
            line=report.number + 1,
            message_id=str(report.number),
            submitted_at=report.occurred_at,
            subject=report.subject,
            body=report.body,
        )
        for report in generate_reports(7, COUNT, *YEAR, load_city())
    ]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    only = ("kafka", "postgres", "router", "projections")
    # Small batches, so that there is a middle of the work to be killed in.
    environment = {"HUTONG_PROJECTIONS_BATCH": "100", "HUTONG_ROUTER_CHUNKS_IN_FLIGHT": "1"}
    with Stack(tmp_path / "data", only=only, environment=environment) as stack:
        yield stack


@pytest.fixture
def database(stack: Stack) -> Iterator[Connection]:
    with connect(stack.database_url, autocommit=True) as connection:
        yield connection


def visible(database: Connection) -> int:
    return sum(current.count_by_origin(database).values())


def wait_until(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until, f"after 60 s still not {what}"
        time.sleep(0.002)


def unread(stack: Stack, database: Connection, service: str) -> int:
    """Records that a service has not dealt with, as it says itself by its offsets."""
    if service == "router":
        lags = group_lag(stack.kafka, [reports_topic("import")], ROUTER_GROUP)
    else:
        lags = log_lag(stack.kafka, ISSUES, service, read_offsets(database))
    return sum(lag.lag for lag in lags)


@pytest.mark.parametrize("service", ["router", "projections"])
def test_nothing_is_lost_or_doubled(stack: Stack, database: Connection, service: str) -> None:
    """Given 4,320 messages, when a service dies twice with work left, all are there once."""
    stack.kill(service, signal.SIGSTOP)
    ids = import_messages(stack.kafka, messages()).issue_ids
    stack.kill(service, signal.SIGCONT)
    reached = 0
    for number in (1, 2):
        before = reached
        wait_until(lambda: visible(database) > before, f"more than {before} visible")  # noqa: B023
        stack.kill(service, signal.SIGSTOP)  # it holds still while it is looked at
        if service == "router":
            wait_until(
                lambda: unread(stack, database, "projections") == 0, "all visible that is routed"
            )
        reached = visible(database)
        assert before < reached < COUNT, "it was not in the middle"
        assert unread(stack, database, service) > 0
        stack.kill(service)
        stack.wait_restarted(service, number)

    wait_until_visible(stack.database_url, ids, 60, lambda: stack.wait(0))
    catalogue = load_topics(load_city().departments)
    facts, [account] = take_account(stack.kafka, catalogue, stack.database_url)

    assert len(set(ids)) == len(ids) == COUNT
    assert facts.issues == {"imported": set(ids)}
    assert (account.in_log, account.in_current, account.in_weekly) == (COUNT, COUNT, COUNT)
    events = database.execute(
        "SELECT count(*), count(DISTINCT event_id) FROM issue_timeline"
    ).fetchone()
    loads = database.execute("SELECT sum(dispatched) FROM department_load").fetchone()
    dispatched = database.execute(
        "SELECT count(*) FROM issue_current WHERE status = 'dispatched'"
    ).fetchone()
    assert events == (2 * COUNT, 2 * COUNT)
    assert loads == dispatched
    assert facts.records == 2 * COUNT + facts.repeats
    assert set(facts.ordered) <= set(facts.routed)
