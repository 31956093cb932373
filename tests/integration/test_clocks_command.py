"""`hutong clocks`: what is due is listed, an outage is excused once and is seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hutong.local.stack import Stack
from tests.fixtures.processes import Acts
from tests.fixtures.router_process import wait_until
from tests.fixtures.started import started

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

TEXT = "槐荫路自来水管爆裂，停水"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    only = ("kafka", "postgres", "router", "projections")
    with started(Stack(tmp_path_factory.mktemp("command") / "data", only=only)) as stack:
        yield stack


def hutong(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", *arguments],
        env={"PATH": "/usr/bin:/bin", **stack.environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def clocks_of(stack: Stack, issue_id: str) -> dict[str, dict[str, Any]]:
    shown = hutong(stack, "issue", "show", issue_id, "--json")
    return {clock["clock"]: clock for clock in json.loads(shown.stdout)["clocks"]}


def test_what_is_due_is_listed_and_an_outage_is_excused_once(stack: Stack) -> None:
    issue_id = Acts(stack).report(TEXT)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    assert "no clock" in hutong(stack, "clocks", "due").stdout
    listed = hutong(stack, "clocks", "due", "--before", tomorrow).stdout
    assert [line.split()[2] for line in listed.splitlines()] == ["accept", "respond", "resolve"]

    before = clocks_of(stack, issue_id)
    began = datetime.fromtimestamp(before["resolve"]["started_at"] / 1000, UTC)
    start, end = began - timedelta(hours=1), began + timedelta(milliseconds=200)
    span = ("--from", start.isoformat(), "--to", end.isoformat())
    words = ("--ground", "收单服务中断")
    tried = hutong(stack, "clocks", "excuse", *span, *words, "--dry-run")
    assert tried.stdout.splitlines()[-1] == "3 due times would move", tried.stderr
    done = hutong(stack, "clocks", "excuse", *span, *words)
    assert done.stdout.splitlines()[-1] == "3 due times moved", done.stderr
    wait_until(
        lambda: clocks_of(stack, issue_id)["resolve"]["excused_ms"] == 200, 30, lambda: "no excuse"
    )
    after = clocks_of(stack, issue_id)
    for clock in ("accept", "respond", "resolve"):
        assert after[clock]["due_at"] == before[clock]["due_at"] + 200
    again = hutong(stack, "clocks", "excuse", *span, *words)
    assert again.stdout == "0 due times moved\n"
    told = [entry for entry in Acts(stack).timeline(issue_id) if entry.name == "DueRevised"]
    assert {entry.data["text"] for entry in told} == {"收单服务中断"}
    assert {entry.verdict for entry in told} == {"applied"}


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-01-02T08:00", "2026-01-02T07:00", "is not after"),
        ("2026-01-02T08:00", "2999-01-02T07:00", "lies ahead"),
        ("yesterday", "2026-01-02T07:00", "wants a time such as"),
    ],
)
def test_a_span_that_makes_no_sense_is_a_clear_error(
    stack: Stack, start: str, end: str, words: str
) -> None:
    done = hutong(stack, "clocks", "excuse", "--from", start, "--to", end, "--ground", "x")
    assert done.returncode == 2
    assert words in done.stderr
