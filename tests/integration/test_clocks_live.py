"""After an outage of ours nobody is accused whose answer was received in time; on the real stack.

The promises of this city are one minute long, so that the test is not an hour.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.city import load_city, read_pack
from hutong.events.topics import load_topics
from hutong.local.stack import Stack
from hutong.readmodels.clock_due import queries
from hutong.store import connect
from tests.fixtures.processes import Acts, running_processes, start_processes
from tests.fixtures.router_process import Places, wait_until
from tests.fixtures.started import started

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

TEXT = "槐荫路自来水管爆裂，停水"
#: Of another matter, so that nobody suspects the two of being one.
OTHER_TEXT = "槐荫路路灯不亮"
PROMISES = ("accept", "respond", "resolve")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("clocks")
    only = ("kafka", "postgres", "router", "projections")
    with started(Stack(folder / "data", only=only, city=hasty_city(folder / "city"))) as stack:
        yield stack


def hasty_city(folder: Path) -> Path:
    """The sample city with promises of a minute."""
    folder.mkdir()
    lengths = re.compile(r'^(accept|respond|resolve) = ".*"$', re.MULTILINE)
    for name, content in read_pack().items():
        text = content.decode()
        if name == "tiers.toml":
            text = lengths.sub(r'\1 = "1 minute"', text)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def said(places: Places) -> list[tuple[str, str, str]]:
    """Issue, event, clock of what is said about clocks, in its order."""
    return [
        (
            record.body["head"]["issue_id"],
            record.headers["ce_type"].rpartition(".")[2],
            record.body["clock"],
        )
        for record in places.written("clock")
        if "clock" in record.body
    ]


def test_who_answered_in_time_is_not_accused_and_who_did_not_hears_all_in_order(
    stack: Stack, tmp_path: Path
) -> None:
    acts, log = Acts(stack), tmp_path / "log"
    places = Places(stack.kafka, load_topics(load_city().departments))
    answered, silent = acts.report(TEXT), acts.report(OTHER_TEXT)
    lead = acts.timeline(answered)[1].data["lead"]
    dispatched = acts.timeline(answered)[1].event_id

    # Projections and processes stand still; the answers are received in time.
    stack.stop_child("projections")
    handling = f"handling-{lead}"
    signed = acts.says(handling, "IssueAccepted", answered, answers=dispatched, hop=1)
    given = acts.says(handling, "IssueResponded", answered, answers=signed)
    acts.says(handling, "IssueResolved", answered, answers=given, hop=1)
    with running_processes(stack, log):
        time.sleep(65)
        assert said(places) == [], "the answers are not folded yet"

    # They start again, and processes is killed once after it has spoken.
    stack.start_child("projections")
    dying = start_processes(stack, log, HUTONG_FAILPOINT="clocks-sent")
    assert dying.wait(60) == -signal.SIGKILL, log.read_text()
    with running_processes(stack, log):
        wait_until(
            lambda: sum(e.name == "IssueEscalated" for e in acts.timeline(silent)) == 3,
            60,
            log.read_text,
        )
        time.sleep(2)
    heard = said(places)
    assert {issue for issue, _, _ in heard} == {silent}
    assert len(heard) == len(set(heard)), "nothing is said twice"
    for clock in PROMISES:
        assert [name for _, name, of in heard if of == clock] == [
            "ReminderSent",
            "ClockDue",
            "IssueEscalated",
        ]
    instants = [record.body["head"]["occurred_at"] for record in places.written("clock")]
    assert instants == sorted(instants)
    entries = acts.timeline(silent)
    assert {entry.verdict for entry in entries} == {"applied"}
    assert {entry.name for entry in acts.timeline(answered)} == {
        "IssueReported",
        "IssueDispatched",
        "IssueAccepted",
        "IssueResponded",
        "IssueResolved",
    }
    with connect(stack.database_url, autocommit=True) as connection:
        rows = {row.clock: row for row in queries.of_issue(connection, answered)}
        late = queries.due_before(connection, time.time_ns() // 1_000_000, limit=10)
    assert not any(rows[clock].late for clock in PROMISES)
    assert {(row.issue_id, row.clock) for row in late} == {(silent, c) for c in PROMISES}
    assert {row.level for row in late} == {"community"}
