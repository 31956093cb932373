"""`hutong topics` on 80 columns; the events of a topic are told by `topics show`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from hutong.city import load_city
from hutong.cli.main import build_app
from hutong.events.topics import load_topics

TOPICS = list(load_topics(load_city().departments))


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("HUTONG_DATA", "/nonexistent")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(), ["topics", *arguments])


def test_the_departments_topics_are_one_row_each() -> None:
    lines = [line.rstrip() for line in run().output.splitlines()]
    assert lines[0] == (
        "topic              parts  writer           readers                      received"
    )
    assert "handling-<dept>        1  dept:<dept>      router                       append" in lines
    assert "dept-<dept>            1  router           dept:<dept>, intake          append" in lines
    assert lines[-1] == "<dept>: each of 28 departments; --all has them one by one"
    assert len(lines) == 22


def test_all_has_every_topic_whole() -> None:
    words = run("--all").output.split()
    assert all(topic.name in words for topic in TOPICS)
    assert "…" not in run("--all").output


def test_json_has_everything() -> None:
    rows = json.loads(run("--json").output)
    assert [row["name"] for row in rows] == [topic.name for topic in TOPICS]
    assert {"hutong.issue.IssueReported"} <= set(rows[0]["events"])


def test_one_topic_with_its_events() -> None:
    assert run("show", "reports-import").output.splitlines() == [
        "reports-import",
        "  key         issue_id",
        "  partitions  12",
        "  writer      importer",
        "  readers     router",
        "  received    header: the time that its writer brings",
        "  origin      imported",
        "  events",
        "    hutong.issue.IssueReported",
    ]
    assert "raw bytes" in run("show", "dead-letters").output


def test_a_name_that_is_none() -> None:
    result = run("show", "reports-ap")
    assert result.exit_code == 2
    assert "did you mean reports-app?" in result.output
