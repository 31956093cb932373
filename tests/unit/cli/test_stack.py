"""`hutong up` and `hutong status` before anything is started."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hutong.cli import stack_view
from hutong.cli.main import build_app
from hutong.cli.stack_view import as_seen_now, print_status, status_json
from hutong.local.postgres import place_of
from hutong.local.state import ChildStatus, Identity, StackStatus

BODY = '/readyz answers 503: {"ready": false, "checks": {"kafka": "no broker answers", "x": 1}}'


@pytest.mark.parametrize("command", ["up", "demo"])
def test_two_brokers_are_refused_before_anything_is_made(tmp_path: Path, command: str) -> None:
    data = tmp_path / "data"
    result = CliRunner().invoke(build_app(), [command, "--brokers", "2", "--data", str(data)])
    assert result.exit_code == 2
    assert "A local Kafka has 1 or 3 brokers, not 2." in result.output
    assert not data.exists()


@pytest.mark.parametrize("command", ["up", "demo"])
def test_a_database_is_only_taken_when_it_was_given_to_us(command: str) -> None:
    from typer.main import get_command

    app = get_command(build_app())
    [option] = [
        parameter
        for parameter in app.commands[command].params  # type: ignore[attr-defined]
        if "--database-url" in parameter.opts
    ]
    assert option.envvar == "HUTONG_DATABASE_URL"


def test_a_given_database_is_named_without_its_password() -> None:
    assert place_of("postgresql://me:secret@db.example:5433/city") == (
        "database city on db.example:5433"
    )
    assert place_of("dbname=city password=secret") == "database city on this machine"


def test_a_service_that_is_up_but_not_ready_is_called_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(stack_view, "http_ready", lambda _port: lambda: BODY)
    me = Identity(pid=4242, started=time.time() - 75)
    monkeypatch.setattr(Identity, "is_alive", lambda _self: True)
    child = ChildStatus(name="router", state="up", process=me, address="http://127.0.0.1:8103")
    found = as_seen_now(StackStatus(state="up", supervisor=me, children=[child]))
    assert not found.is_up()
    print_status(found)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line.rstrip() for line in lines] == [
        "name    state      pid   up for  restarts  address",
        "router  not ready  4242  1m15s   0         http://127.0.0.1:8103",
        'router: /readyz answers 503: {"ready": false, "…',
    ]
    assert "no broker answers" in status_json(found)
