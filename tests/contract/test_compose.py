"""docker-compose.yml against the Compose Specification, and against what we promise of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from hutong.local.kafka import make_brokers, port_names, properties
from hutong.local.services import SERVICES, hutong_command

ROOT = Path(__file__).resolve().parents[2]
ONE_SHOTS = {"topics", "migrate", "keys"}
VERSION = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return found


def test_it_follows_the_specification(compose: dict[str, Any]) -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text("utf-8"))
    jsonschema.Draft201909Validator(schema).validate(compose)


def test_every_image_has_an_exact_version(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert [image for image in images if not VERSION.fullmatch(image)] == []


def test_every_lasting_service_has_a_health_check(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        check = service["healthcheck"]
        if name in ONE_SHOTS:
            assert check == {"disable": True}
            assert service["restart"] == "no"
        else:
            assert check["test"][0] in ("CMD", "CMD-SHELL")
            assert {"interval", "timeout", "retries"} <= check.keys()


def test_it_runs_every_service_after_the_one_shots(compose: dict[str, Any]) -> None:
    for name in SERVICES:
        service = compose["services"][name]
        assert service["command"] == hutong_command("serve", name)[3:]
        done = {
            other
            for other, how in service["depends_on"].items()
            if how["condition"] == "service_completed_successfully"
        }
        assert done == ONE_SHOTS


def test_health_checks_ask_the_port_the_service_is_told(compose: dict[str, Any]) -> None:
    for name in SERVICES:
        service = compose["services"][name]
        port = service["environment"][f"HUTONG_{name.upper()}_PORT"]
        assert service["healthcheck"]["test"][-1] == port
        for published in service.get("ports", []):
            assert published.split(":")[-1] == port


def test_nothing_is_published_beyond_this_machine(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for published in service.get("ports", []):
            assert published.startswith("127.0.0.1:")


def test_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(compose["volumes"])


def test_its_broker_keeps_records_as_the_local_one_does(compose: dict[str, Any]) -> None:
    ports = dict.fromkeys(port_names(1), 1)
    [broker] = make_brokers(Path("/"), 1, ports)
    environment = compose["services"]["kafka"]["environment"]
    for name, value in properties(broker, [broker]).items():
        if name.startswith(("auto.", "unclean.", "log.message.", "log.retention.", "log.cleanup.")):
            assert environment["KAFKA_" + name.upper().replace(".", "_")] == value
