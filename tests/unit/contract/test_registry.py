"""Comparing with a registry and giving the lock to it, against the one in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping

import httpx
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from hutong.checks.finding import Finding, Level
from hutong.cli.main import build_app
from hutong.contract.registry import findings
from hutong.contract.registry.client import Registry, RegistryError
from hutong.contract.registry.findings import registry_findings
from hutong.contract.registry.publish import publish
from hutong.events.schemas import load_schemas
from hutong.ops import registry as start
from tests.fixtures.memory_registry import MemoryRegistry
from tests.fixtures.registry_suite import RegistrySuite, made_up


class TestInMemory(RegistrySuite):
    def open(self) -> Registry:
        return MemoryRegistry().client()


def test_the_mode_of_a_subject_is_afterwards_what_it_was() -> None:
    memory, first, second = MemoryRegistry(), made_up(), made_up()
    memory.modes[first.name] = "READONLY"
    publish(memory.client(), [first, second])
    assert memory.modes == {first.name: "READONLY"}


def test_a_registry_that_ignores_ids_is_refused_after_one_and_told_what_to_delete() -> None:
    memory = MemoryRegistry(keeps_ids=False)
    lock = sorted((made_up(), made_up()), key=lambda schema: schema.id)
    with pytest.raises(RegistryError, match="ignores the id") as refused:
        publish(memory.client(), lock)
    assert f"{lock[0].label} has {lock[0].id} here and got 1 there" in str(refused.value)
    assert f"Delete the subject {lock[0].name}" in str(refused.value)
    assert memory.registered == 1


def test_a_registry_without_the_mode_is_refused_before_anything_is_registered() -> None:
    memory = MemoryRegistry(has_modes=False)
    with pytest.raises(RegistryError, match=r"answers 405(.|\n)*does not let ids be given"):
        publish(memory.client(), [made_up()])
    assert memory.registered == 0


ANSWERS: Mapping[str, httpx.Response | httpx.HTTPError] = {
    "is away": httpx.ConnectError("refused"),
    "is slow": httpx.ReadTimeout("slow"),
    "fails": httpx.Response(500, json={"error_code": 50001, "message": "store"}),
    "asks for a password": httpx.Response(401, json={"error_code": 401, "message": "no"}),
    "is a web page": httpx.Response(200, text="<html>"),
    "is a proxy that knows no such page": httpx.Response(404, text="<html>"),
    "is a list": httpx.Response(200, json=[1]),
    "is another JSON": httpx.Response(200, json={"schema": 7, "id": "x"}),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_row_52_what_does_not_answer_as_a_registry(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is slow, fails, or answers what no registry would.

    Gets: the same, within ten seconds.
    """
    answer = ANSWERS[what]

    def answering(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    found = _findings(answering, monkeypatch)
    assert [one.level for one in found] == [Level.WARNING]
    assert "ids were not compared" in found[0].text
    assert "geheim" not in str(found[0])


def test_a_slow_registry_costs_the_start_so_many_seconds_in_all() -> None:
    asked: list[str] = []

    def slowly(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return MemoryRegistry()(request)

    registry = Registry("http://r.test", seconds=0, transport=httpx.MockTransport(slowly))
    with pytest.raises(RegistryError, match="has not answered everything in 0 s"):
        registry.schema(1)
    assert asked == []


def test_a_missing_schema_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = _findings(MemoryRegistry(), monkeypatch)
    assert found.level is Level.WARNING
    assert "1 schemas are not in http://r.test" in found.text


def test_row_52_a_registry_in_which_an_id_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry in which an id of ours is another schema, or a schema of ours has another id.

    Gets: intake, router, projections and processes do not start (exit code 2); the schema, its id
    here and its id there are named.

    Why: its readers would take one event for another.
    """
    memory = MemoryRegistry()
    memory.subjects["hutong.issue.IssueAccepted"] = {1: 3}
    memory.schemas[3] = json.dumps({"type": "record", "name": "a.Strange", "fields": []})
    _answer_with(memory, monkeypatch)
    faults = start.registry_faults(SecretStr("http://r.test"))
    accepted = next(str(fault) for fault in faults if "IssueAccepted/1" in str(fault))
    assert accepted.startswith(
        "registry: hutong.issue.IssueAccepted/1 has the id 10 here and 3 in the registry"
    )
    assert any("there the id 3 is a.Strange" in str(fault) for fault in faults)
    assert start.registry_faults(None) == []


@pytest.mark.parametrize("url", ["registry:8081", "ftp://registry", "http://", "http://a b"])
def test_an_address_that_is_none_is_a_usage_error(url: str) -> None:
    done = CliRunner().invoke(build_app(), ["contract", "publish", "--registry", url])
    assert done.exit_code == 2
    assert "is not http(s)://host:port/path" in done.output


def test_the_command_gives_compares_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = MemoryRegistry()
    _answer_with(memory, monkeypatch)

    def run(*arguments: str) -> tuple[int, str]:
        url = "http://user:geheim@r.test"
        done = CliRunner().invoke(
            build_app(), ["contract", "publish", *arguments], env={"HUTONG_REGISTRY_URL": url}
        )
        assert "geheim" not in done.output
        return done.exit_code, done.output

    code, said = run("--check")
    assert code == 1
    assert "hutong.issue.IssueAccepted/1 (10) is not there" in said
    assert memory.registered == 0
    count = len(memory_ids := _lock_ids())
    assert run() == (0, f"http://r.test: {count} schemas given, {count} in all\n")
    assert memory.schemas.keys() == memory_ids
    assert run() == (0, f"http://r.test: 0 schemas given, {count} in all\n")
    assert run("--check") == (0, f"http://r.test: {count} schemas, each under its id\n")


def _lock_ids() -> set[int]:
    return set(load_schemas().by_id)


def _answer_with(answering: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a registry now gets this one."""
    whole = httpx.Client.__init__

    def opened(self: httpx.Client, **settings: object) -> None:
        whole(self, **{**settings, "transport": httpx.MockTransport(answering)})  # type: ignore[arg-type]

    monkeypatch.setattr(httpx.Client, "__init__", opened)


def _findings(answering: object, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    _answer_with(answering, monkeypatch)
    return list(registry_findings("http://user:geheim@r.test", [made_up()], findings.SECONDS))
