"""What follows from the fold reaches departments: withdrawals, orders, refusals, once each."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.city import load_city
from hutong.events.topics import load_topics
from hutong.local.stack import Stack
from hutong.store import connect, outbox
from tests.fixtures.processes import Acts, running_processes, start_processes
from tests.fixtures.router_process import Kept, Places, wait_until
from tests.fixtures.started import started

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

TEXT = "槐荫路自来水管爆裂，停水"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    only = ("kafka", "postgres", "router", "projections")
    with started(Stack(tmp_path_factory.mktemp("relay") / "data", only=only)) as stack:
        yield stack


@pytest.fixture
def acts(stack: Stack) -> Acts:
    return Acts(stack)


@pytest.fixture
def places(stack: Stack) -> Places:
    return Places(stack.kafka, load_topics(load_city().departments))


def waiting(stack: Stack) -> int:
    with connect(stack.database_url, autocommit=True) as connection:
        return len(outbox.oldest(connection, 1000))


def told(places: Places, department: str, issue_id: str, count: int) -> list[Kept]:
    """What the department got for the issue, once it is so much."""

    def found() -> list[Kept]:
        kept = places.written(f"dept-{department}")
        return [record for record in kept if record.body["head"]["issue_id"] == issue_id]

    wait_until(lambda: len(found()) >= count, 30, lambda: f"{found()}, not {count}")
    return found()


def test_a_reassignment_takes_the_old_order_back_and_gives_a_new_one(
    stack: Stack, acts: Acts, places: Places, tmp_path: Path
) -> None:
    issue_id = acts.report(TEXT)
    lead = acts.timeline(issue_id)[1].data["lead"]
    with running_processes(stack, tmp_path / "log"):
        acts.does("desk", "IssueDispatched", issue_id, lead="education", co_owners=[], hop=2)
        old = told(places, lead, issue_id, 2)
        new = told(places, "education", issue_id, 1)
    assert [record.headers["ce_type"].rpartition(".")[2] for record in old] == [
        "OrderIssued",
        "OrderWithdrawn",
    ]
    assert old[0].body["order_id"] == old[1].body["order_id"]
    assert (new[0].body["hop"], new[0].body["role"]) == (2, "lead")
    assert new[0].body["order_id"] != old[0].body["order_id"]


def test_a_refused_act_comes_back_to_its_sender_with_the_reason(
    stack: Stack, acts: Acts, places: Places, tmp_path: Path
) -> None:
    issue_id = acts.report(TEXT)
    with running_processes(stack, tmp_path / "log"):
        refused = acts.does("handling-education", "IssueAccepted", issue_id, hop=1)
        [record] = told(places, "education", issue_id, 1)
    assert record.headers["ce_type"] == "hutong.orders.ActRefused"
    assert (record.body["refused_id"], record.body["reason"]) == (refused, "not-the-lead")
    assert record.body["text"]


def test_killed_between_sending_and_deleting_it_says_the_same_again(
    stack: Stack, acts: Acts, places: Places, tmp_path: Path
) -> None:
    issues = [acts.report(TEXT) for _ in range(5)]
    for issue_id in issues:
        acts.does("desk", "IssueDispatched", issue_id, lead="education", co_owners=[], hop=2)
        acts.does("desk", "IssueDispatched", issue_id, lead="housing", co_owners=[], hop=3)
    left = waiting(stack)
    assert left >= 20
    log = tmp_path / "log"
    dying = start_processes(stack, log, HUTONG_FAILPOINT="orders-sent")
    assert dying.wait(30) == -signal.SIGKILL, log.read_text()
    assert waiting(stack) == left
    first = [record.event_id for record in places.written("orders")]
    with running_processes(stack, log):
        wait_until(lambda: waiting(stack) == 0, 30, log.read_text)
    again = [record.event_id for record in places.written("orders")]
    assert again == first + first
    assert set(Counter(again).values()) == {2}
    names = [
        r.headers["ce_type"].rpartition(".")[2] for r in told(places, "education", issues[0], 4)
    ]
    assert names[:2] == ["OrderIssued", "OrderWithdrawn"]


def test_of_two_services_one_is_at_work_and_the_other_takes_over(
    stack: Stack, acts: Acts, places: Places, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    issue_id = acts.report(TEXT)
    with running_processes(stack, one) as first:
        wait_until(lambda: "at work" in one.read_text(), 30, one.read_text)
        with running_processes(stack, other):
            acts.does("desk", "IssueDispatched", issue_id, lead="education", co_owners=[], hop=2)
            wait_until(lambda: waiting(stack) == 0, 30, one.read_text)
            time.sleep(1)
            assert "at work" not in other.read_text()
            first.kill()
            wait_until(lambda: "at work" in other.read_text(), 30, other.read_text)
            acts.does("desk", "IssueDispatched", issue_id, lead="housing", co_owners=[], hop=3)
            wait_until(lambda: waiting(stack) == 0, 30, other.read_text)
    ids = [record.event_id for record in places.written("orders")]
    assert len(ids) == len(set(ids))
