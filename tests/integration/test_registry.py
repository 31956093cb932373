"""The lock in a real Apicurio Registry, and services that ask it before they start."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from hutong.contract.registry.client import Registry, RegistryError, text_of
from hutong.contract.registry.comparison import compare
from hutong.contract.registry.publish import publish
from hutong.events.schemas import Schema, load_schemas
from hutong.local.keys import ensure_keys
from hutong.local.ports import HOST, choose_ports
from tests.fixtures.apicurio import running_apicurio
from tests.fixtures.registry_suite import RegistrySuite, made_up

SERVICES = ("intake", "router", "projections", "processes")


class TestApicurio(RegistrySuite):
    @pytest.fixture(autouse=True)
    def _real(self, apicurio: str) -> None:
        self.url = apicurio

    def open(self) -> Registry:
        return Registry(self.url, seconds=60)

    def test_a_text_that_has_another_id_elsewhere_is_refused_and_nothing_registered(
        self, registry: Registry
    ) -> None:
        held, free = made_up(), made_up()
        body = {"schemaType": "AVRO", "schema": text_of(held)}
        httpx.post(f"{self.url}/subjects/other/versions", json=body).raise_for_status()
        with pytest.raises(RegistryError, match=f"does not take the id {held.id} "):
            publish(registry, [held, free])
        assert registry.version(held.name, 1) is None
        assert registry.version(free.name, 1) is None

    def test_what_it_gives_next_is_no_id_of_ours(self, registry: Registry) -> None:
        ours = made_up()
        publish(registry, [ours])
        body = {"schemaType": "AVRO", "schema": text_of(made_up())}
        answer = httpx.post(f"{self.url}/subjects/next/versions", json=body)
        assert answer.json()["id"] > ours.id

    def test_a_client_finds_a_schema_by_its_text_and_as_the_latest(
        self, registry: Registry
    ) -> None:
        """As producers of other languages do that register nothing."""
        ours = made_up()
        publish(registry, [ours])
        text = json.dumps(ours.raw, indent=2)
        found = httpx.post(f"{self.url}/subjects/{ours.name}", json={"schema": text}).json()
        latest = httpx.get(f"{self.url}/subjects/{ours.name}/versions/latest").json()
        assert (found["id"], latest["id"]) == (ours.id, ours.id)


@pytest.fixture(scope="module")
def strange() -> Iterator[str]:
    """A registry in which the lock's schemas were registered the ordinary way, backwards."""
    with running_apicurio() as url:
        for schema in sorted(lock(), key=lambda schema: -schema.id):
            body = {"schemaType": "AVRO", "schema": text_of(schema)}
            answer = httpx.post(f"{url}/subjects/{schema.name}/versions", json=body)
            assert answer.json()["id"] == len(lock()) + 1 - schema.id
        yield url


def lock() -> list[Schema]:
    return list(load_schemas().by_id.values())


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_gives_the_whole_lock_and_then_finds_it(apicurio: str) -> None:
    given = command("contract", "publish", "--registry", apicurio)
    assert given.returncode == 0, given.stderr
    checked = command("contract", "publish", "--registry", apicurio, "--check")
    assert checked.returncode == 0, checked.stderr
    with Registry(apicurio, seconds=60) as registry:
        found = compare(registry, lock())
    assert (found.missing, found.differences) == ((), ())


def test_the_command_refuses_a_registry_that_differs_and_leaves_it_as_it_was(strange: str) -> None:
    for option in ((), ("--check",)):
        refused = command("contract", "publish", "--registry", strange, *option)
        assert refused.returncode == 1
        assert f"IssueAccepted/1 has the id 10 here and {len(lock()) - 9} in" in refused.stderr
    with Registry(strange, seconds=60) as registry:
        there = [registry.version(schema.name, 1) for schema in lock()]
    ids = [found and found.id for found in there]
    assert ids == [len(lock()) + 1 - schema.id for schema in lock()]


def test_no_service_starts_while_an_id_differs(strange: str, tmp_path: Path) -> None:
    """Kafka is not even there: what the registry says is said all the same."""
    there = len(lock()) - 9
    said = f"registry: hutong.issue.IssueAccepted/1 has the id 10 here and {there} in the registry"
    for done in serve_each(settings(tmp_path), HUTONG_REGISTRY_URL=strange):
        assert done.returncode == 2, done.stderr
        assert "cannot start" in done.stderr
        assert said in done.stderr
        assert "hutong contract publish" in done.stderr


def test_row_52_a_registry_that_is_down_at_the_start(tmp_path: Path) -> None:
    """A schema registry that does not answer when a service starts (HUTONG_REGISTRY_URL).

    Gets: a warning in the log, and the service starts.

    It gets as far as what it truly lacks here: a broker, and for intake its port.
    """
    with socket.create_server((HOST, 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = settings(tmp_path) | {"HUTONG_INTAKE_PORT": port}
        registry = f"http://{HOST}:{unused()}"
        intake, *others = serve_each(environment, HUTONG_REGISTRY_URL=registry)
    for done in (intake, *others):
        assert "ids were not compared" in done.stdout + done.stderr
        assert "registry: " not in done.stderr
    assert f"cannot listen on {HOST}:{port}" in intake.stderr
    assert [done.returncode for done in others] == [3, 3, 3]


def serve_each(environment: dict[str, str], **more: str) -> list[subprocess.CompletedProcess[str]]:
    """All services at once, since each waits for a broker for 10 s."""
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        work = [
            pool.submit(command, "serve", service, **environment, **more) for service in SERVICES
        ]
        return [one.result() for one in work]


def settings(folder: Path) -> dict[str, str]:
    """All that a service needs to be told; nothing of it is there."""
    ensure_keys(folder)
    nobody = f"{HOST}:{unused()}"
    return {
        "HUTONG_KAFKA": nobody,
        "HUTONG_DATABASE_URL": f"postgresql://nobody@{nobody}/nothing",
        "HUTONG_KEYS_FILE": str(folder / "keys.toml"),
        **{f"HUTONG_{name.upper()}_PORT": str(unused()) for name in SERVICES},
    }


def unused() -> int:
    """A port where nobody answers."""
    return choose_ports(["none"], given={}, remembered={}, preferred={})["none"]
