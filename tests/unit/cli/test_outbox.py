"""`hutong outbox`: a person sees why something was refused, mends it, sends it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hutong.cli.main import build_app
from hutong.sdk import FieldFault, Outbox, Problem, State
from hutong.sdk.draft import Draft, act_draft, report_draft
from hutong.sdk.outcome import Refused, Taken

PHONE = "13000000042"
WHY = Problem(
    "unknown-code",
    "共有1处问题。",
    "1 problem.",
    422,
    "r-17",
    (FieldFault("area", "unknown_area", "没有这个区域代码。", "No such area code."),),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


@pytest.fixture
def dead(file: Path) -> Draft:
    """A report that was refused for its area, and a note that waits behind it."""
    outbox = Outbox(file)
    fields = {"body": "路灯不亮", "area": "nowhere", "reporter": {"phone": PHONE}}
    draft = report_draft(event_id=None, occurred_at=None, fields=fields)
    outbox.put(draft)
    note = act_draft(
        "amend",
        draft.issue_id,
        event_id=None,
        occurred_at=None,
        by=None,
        answers=None,
        fields={"subject": "路灯"},
    )
    outbox.put(note)
    outbox.settle((m, Refused(WHY)) for m in outbox.claim(5))
    outbox.store.close()
    return draft


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(build_app(), ["outbox", *map(str, arguments)], input=stdin)


def test_list_says_why_and_what_waits_behind(file: Path, dead: Draft) -> None:
    said = run("list", "-o", file).stdout
    assert dead.event_id in said
    assert "unknown-code 422" in said
    assert f"waits for the one before it: {dead.event_id}" in said
    lines = [json.loads(line) for line in run("list", "-o", file, "--json").stdout.splitlines()]
    assert [(line["state"], line["held_by"]) for line in lines] == [
        ("dead", None),
        ("queued", dead.event_id),
    ]


def test_show_names_each_fault_and_not_who_reported(file: Path, dead: Draft) -> None:
    said = run("show", dead.event_id[:20], "-o", file).stdout
    assert "area: 没有这个区域代码。 No such area code. (unknown_area)" in said
    assert "r-17" in said
    assert PHONE not in said
    assert PHONE in run("show", dead.event_id, "-o", file, "--with-reporter").stdout


def test_requeue_mends(file: Path, dead: Draft) -> None:
    done = run("requeue", dead.event_id, "-o", file, "--set", "area=east", "--set", "intent=")
    assert done.exit_code == 0
    [message] = Outbox(file).claim(5)
    assert json.loads(message.body)["area"] == "east"


def test_requeue_checks_what_was_mended(file: Path, dead: Draft) -> None:
    done = run("requeue", dead.event_id, "-o", file, "--set", "area=东 区")
    assert done.exit_code == 1
    assert "not_a_code" in done.stderr
    assert run("requeue", dead.event_id, "-o", file, "--set", "area").exit_code == 2
    assert run("requeue", "-o", file).exit_code == 2
    [receipt] = Outbox(file).receipts(State.DEAD)
    assert receipt.event_id == dead.event_id


def test_requeue_all_and_discard(file: Path, dead: Draft) -> None:
    assert run("requeue", "--all", "-o", file).exit_code == 0
    assert run("discard", dead.event_id, "-o", file).exit_code == 1
    outbox = Outbox(file)
    outbox.settle((m, Refused(WHY)) for m in outbox.claim(5))
    assert run("discard", dead.event_id, "-o", file).exit_code == 0
    [behind] = outbox.claim(5)
    assert behind.verb == "amend"


def test_what_is_carried_to_another_device_keeps_ids_and_order(
    file: Path, dead: Draft, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    Outbox(other)
    lines = run("export", "-o", file).stdout
    assert run("import", "-", "-o", other, stdin=lines).exit_code == 0
    assert run("import", "-", "-o", other, stdin=lines).exit_code == 0  # once more: no harm
    outbox = Outbox(other)
    assert [r.event_id for r in outbox.receipts()] == [r.event_id for r in Outbox(file).receipts()]
    outbox.settle((m, Taken({})) for m in outbox.claim(5))
    assert [m.verb for m in outbox.claim(5)] == ["amend"]


@pytest.mark.parametrize("line", ["{", "[]", '{"event_id": "x"}', '{"a": 1}'])
def test_what_was_not_exported_is_refused_by_line(file: Path, dead: Draft, line: str) -> None:
    done = run("import", "-", "-o", file, stdin=f"\n{line}\n")
    assert done.exit_code == 1
    assert "line 2" in done.stderr


def test_an_outbox_that_is_not_there_is_not_made(file: Path) -> None:
    done = run("list", "-o", file)
    assert done.exit_code == 2
    assert not file.exists()
