"""Reports of one matter are linked, and merges finished, by the service on a real stack."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.events.ids import derived_id
from hutong.issue.state import IssueState, Status
from hutong.local.stack import Stack
from hutong.readmodels.family import family
from hutong.readmodels.projection import load_states
from hutong.store import Connection, connect, read_offsets, read_positions
from tests.fixtures.linked import linked_with
from tests.fixtures.processes import Acts, running_processes, start_processes
from tests.fixtures.router_process import wait_until
from tests.fixtures.started import started

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PIPE = "槐荫路自来水管爆裂，路面全是水，整个小区停水"
SECONDS = 60.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    only = ("kafka", "postgres", "router", "projections")
    with started(Stack(tmp_path_factory.mktemp("duplicates") / "data", only=only)) as stack:
        yield stack


@pytest.fixture
def acts(stack: Stack) -> Acts:
    return Acts(stack)


@pytest.fixture
def connection(stack: Stack) -> Iterator[Connection]:
    with connect(stack.database_url, autocommit=True) as connection:
        yield connection


def state(connection: Connection, issue_id: str) -> IssueState:
    return load_states(connection, [issue_id])[issue_id]


def followed(connection: Connection, process: str) -> bool:
    """Whether the process has seen all that is projected."""
    return read_positions(connection, process) == read_offsets(connection)


def wait_followed(connection: Connection, process: str, log: Path) -> None:
    wait_until(lambda: followed(connection, process), SECONDS, log.read_text)


def dies(stack: Stack, log: Path, place: str, **more: str) -> None:
    """The service works until it comes to that place."""
    with start_processes(stack, log, HUTONG_FAILPOINT=place, **more) as process:
        try:
            assert process.wait(SECONDS) == -signal.SIGKILL, log.read_text()
        finally:
            process.kill()


def said(acts: Acts, issue_id: str, name: str) -> list[str]:
    """Ids of these events of an issue, refused ones too."""
    return [entry.event_id for entry in acts.timeline(issue_id) if entry.name == name]


def test_fifty_citizens_report_one_burst_pipe(
    stack: Stack, acts: Acts, connection: Connection, tmp_path: Path
) -> None:
    """FAULTS.md row 35; killed in between, and read again from the beginning."""
    log = tmp_path / "log"
    crowd = acts.report_many([PIPE] * 50)
    dies(stack, log, "duplicates-sent")
    with running_processes(stack, log):
        states = load_states(connection, crowd)
        assert len(states) == 50
        first = min(states.values(), key=lambda state: (state.reported_at, state.issue_id))
        # What it said comes back through the router: it may have followed all before that.
        wait_until(
            lambda: linked_with(load_states(connection, crowd), first.issue_id) == set(crowd),
            SECONDS,
            log.read_text,
        )
        wait_followed(connection, "duplicates", log)
        states = load_states(connection, crowd)
        assert {state.status for state in states.values()} <= {Status.DISPATCHED, Status.QUEUED}
        for one in states.values():
            age = (one.reported_at, one.issue_id)
            assert all((states[other].reported_at, other) < age for other in one.suspects), (
                "suspicions stand on the younger"
            )
    for issue_id in crowd:
        ids = said(acts, issue_id, "DuplicateSuspected")
        assert len(ids) == len(set(ids))
    connection.execute("DELETE FROM process_position WHERE process = 'duplicates'")
    with running_processes(stack, log):
        wait_followed(connection, "duplicates", log)
        assert linked_with(load_states(connection, crowd), first.issue_id) == set(crowd)


def test_what_the_desk_found_to_be_another_matter_is_not_suspected_again(
    stack: Stack, acts: Acts, connection: Connection, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    text = "柳浪街路灯不亮，三根灯杆连续一周没亮过，夜里很黑"
    one, other = acts.report(text), acts.report(text)
    with running_processes(stack, log):
        wait_until(lambda: state(connection, other).suspects == (one,), SECONDS, log.read_text)
        acts.does("desk", "DuplicateDismissed", other, other_id=one, ground="两处灯杆不同")
        acts.does("desk", "IssueAmended", other, subject=text, body=text)
        wait_followed(connection, "duplicates", log)
    assert (state(connection, other).suspects, state(connection, other).dismissed) == ((), (one,))
    assert len(said(acts, other, "DuplicateSuspected")) == 1


@pytest.mark.parametrize("half", ["IssueAbsorbed", "IssueMerged"])
def test_a_merge_whose_sender_died_is_finished_also_after_a_kill(
    half: str, stack: Stack, acts: Acts, connection: Connection, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    master, child = acts.report(PIPE), acts.report(PIPE)
    reported = {id_: state(connection, id_).reported_at for id_ in (master, child)}
    if half == "IssueAbsorbed":
        acts.does(
            "desk", half, master, child_id=child, child_reported_at=reported[child],
            reason="same-incident",
        )  # fmt: skip
    else:
        acts.does(
            "desk", half, child, master_id=master, master_reported_at=reported[master],
            reason="same-incident",
        )  # fmt: skip
    grace = {"HUTONG_PROCESSES_MERGE_GRACE_MS": "500"}
    dies(stack, log, "merges-sent", **grace)
    with running_processes(stack, log, **grace):
        wait_until(lambda: state(connection, child).master == master, SECONDS, log.read_text)
        wait_until(lambda: state(connection, master).children == (child,), SECONDS, log.read_text)
        wait_followed(connection, "merges", log)
    relatives = family(connection, child)
    assert [(r.issue_id, r.master, r.depth, r.status) for r in relatives] == [
        (master, None, 0, state(connection, master).status),
        (child, master, 1, "merged"),
    ]
    assert family(connection, master) == relatives
    other = "IssueMerged" if half == "IssueAbsorbed" else "IssueAbsorbed"
    issue_id = child if half == "IssueAbsorbed" else master
    [finishing] = said(acts, issue_id, other)
    assert finishing == derived_id(
        said(acts, master if half == "IssueAbsorbed" else child, half)[0], "merge-finished"
    )


def test_a_half_that_can_never_be_is_undone(
    stack: Stack, acts: Acts, connection: Connection, tmp_path: Path
) -> None:
    """The child was answered before the merge came: the master lets go of it."""
    log = tmp_path / "log"
    master, child = acts.report(PIPE), acts.report(PIPE)
    acts.does("desk", "IssueTransferred", child, reason="to-119", target="119", reference="1")
    acts.does(
        "desk", "IssueAbsorbed", master, child_id=child,
        child_reported_at=state(connection, child).reported_at, reason="same-incident",
    )  # fmt: skip
    assert state(connection, master).children == (child,)
    with running_processes(stack, log, HUTONG_PROCESSES_MERGE_GRACE_MS="500"):
        wait_until(lambda: state(connection, master).children == (), SECONDS, log.read_text)
        wait_followed(connection, "merges", log)
    assert state(connection, child).master is None
    assert len(said(acts, child, "IssueMerged")) == 1
