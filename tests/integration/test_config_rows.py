"""Configuration that must refuse the start, on a real Kafka and PostgreSQL of the test's own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

from hutong.city import load_city
from hutong.events.topics import load_topics
from hutong.kafka import client_config
from hutong.kafka.admin import create_topics
from hutong.kafka.lag import topic_ends
from hutong.local.keys import ensure_keys
from hutong.local.ports import HOST
from hutong.local.services import SERVICES
from hutong.local.stack import Stack
from hutong.store import migrate
from tests.fixtures.router_process import wait_until
from tests.fixtures.rules import promote_default
from tests.fixtures.started import started

SECRET = "geheim-4711"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(
        Stack(tmp_path_factory.mktemp("config") / "data", only=("kafka", "postgres"))
    ) as stack:
        create_topics(stack.kafka, load_topics(load_city().departments))
        promote_default(stack.kafka)
        ensure_keys(stack.data)
        yield stack


@pytest.fixture
def database(stack: Stack) -> str:
    """An empty database of the test's own."""
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS rows WITH (FORCE)")
        connection.execute("CREATE DATABASE rows")
    return stack.database_url.rsplit("/", 1)[0] + "/rows"


def run(stack: Stack, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ports = {f"HUTONG_{name.upper()}_PORT": "0" for name in SERVICES}
    return subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", *arguments],
        env={**os.environ, **stack.environment(), **ports, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("service", ["intake", "router", "projections", "processes"])
def test_row_95_production_refuses_a_kafka_that_could_lose_records(
    stack: Stack, database: str, service: str
) -> None:
    """`HUTONG_PROFILE=production` on one broker: one copy, min.insync.replicas 1.

    Gets: no service starts (exit code 2); every reason is named with its remedy, as by
    `hutong doctor`.
    """
    migrate(database)
    done = run(
        stack,
        "serve",
        service,
        HUTONG_PROFILE="production",
        HUTONG_DATABASE_URL=database,
    )
    assert done.returncode == 2
    for reason in (
        "1 broker: what one disk loses is lost",
        "fewer than 3 copies of each record",
        "min.insync.replicas below 2",
        "no authorizer",
        "speaks plaintext",
    ):
        assert reason in done.stderr
    if service == "projections":
        assert "is a superuser" in done.stderr
    if service == "intake":
        assert "made by `hutong up`" in done.stderr


@pytest.mark.parametrize("service", ["intake", "router", "projections", "processes", "web"])
def test_a_refusal_names_every_reason_at_once_in_one_form(
    stack: Stack, database: str, tmp_path: Path, service: str
) -> None:
    migrate(database)
    faulty = tmp_path / "pack"
    faulty.mkdir()
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        environment = {
            "HUTONG_PROFILE": "production",
            "HUTONG_DATABASE_URL": database,
            "HUTONG_CITY": str(faulty),
            f"HUTONG_{service.upper()}_PORT": str(port),
        }
        done = run(stack, "serve", service, **environment)
    assert done.returncode == 2, done.stderr
    assert "promoted" not in done.stderr + done.stdout
    said = done.stderr.splitlines()
    reasons = said[said.index("cannot start:") + 1 :]
    assert all(reason.startswith("  ") for reason in reasons), done.stderr
    subjects = {reason.partition(":")[0].strip() for reason in reasons}
    assert {"port", "postgresql" if service == "web" else "kafka"} <= subjects
    # These take their packs from the topic `city`.
    assert ("city" in subjects) == (service not in {"router", "projections", "processes"})


def test_row_96_production_refuses_default_passwords(stack: Stack, database: str) -> None:
    """`HUTONG_PROFILE=production` with the password of our own examples, or a plaintext listener.

    Gets: no service starts (exit code 2); the password is not repeated.
    """
    migrate(database)
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'changeme'")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("GRANT USAGE ON SCHEMA hutong TO reader")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA hutong TO reader")
    address = database.split("@", 1)[1]
    done = run(
        stack,
        "serve",
        "web",
        HUTONG_PROFILE="production",
        HUTONG_DATABASE_URL=f"postgresql://reader:changeme@{address}",
    )
    assert done.returncode == 2
    assert "the password in HUTONG_DATABASE_URL is a default one" in done.stderr
    assert "changeme" not in done.stderr + done.stdout


def test_row_101_no_secret_in_what_a_failing_service_says(stack: Stack, database: str) -> None:
    """A wrong password of the database.

    Gets: addresses without their password in logs, errors and `hutong config show`.
    """
    address = database.split("@", 1)[1]
    url = f"postgresql://hutong:{SECRET}@{address}"
    for arguments in (("migrate",), ("doctor",), ("config", "show", "web")):
        done = run(stack, *arguments, HUTONG_DATABASE_URL=url)
        assert SECRET not in done.stderr + done.stdout
    done = run(stack, "serve", "web", HUTONG_DATABASE_URL=url, HUTONG_PROFILE="production")
    assert done.returncode == 2
    assert "the password in HUTONG_DATABASE_URL is shorter" in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_row_102_a_database_that_was_not_migrated_refuses_the_start(
    stack: Stack, database: str
) -> None:
    """A database without this program's migrations.

    Gets: projections do not start (exit code 2); the log names `hutong migrate`.
    """
    done = run(stack, "serve", "projections", HUTONG_DATABASE_URL=database)
    assert done.returncode == 2
    assert "run `hutong migrate`" in done.stderr
    doctor = run(stack, "doctor", "--json", HUTONG_DATABASE_URL=database)
    assert doctor.returncode == 1
    assert any("run `hutong migrate`" in line["text"] for line in json.loads(doctor.stdout))


def test_doctor_is_well_on_one_machine(stack: Stack, database: str) -> None:
    migrate(database)
    environment = {**os.environ, **stack.environment(), "HUTONG_DATABASE_URL": database}
    done = subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", "doctor", "--json"],
        env={name: value for name, value in environment.items() if not name.endswith("_PORT")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = json.loads(done.stdout)
    assert done.returncode == 0, [line for line in lines if line["level"] == "fault"]
    subjects = {line["subject"] for line in lines}
    assert {"python", "settings", "city pack", "keys", "kafka", "topics", "city"} <= subjects
    assert {"postgresql", "disk", "router", "projections", "dead letters", "clock"} <= subjects


def test_doctor_says_what_is_down(stack: Stack, database: str) -> None:
    done = run(
        stack,
        "doctor",
        "--json",
        HUTONG_KAFKA="127.0.0.1:1",
        HUTONG_DATABASE_URL="postgresql://hutong@127.0.0.1:1/hutong",
        HUTONG_WEB_PORT="1",
    )
    assert done.returncode == 1
    faults = {x["subject"]: x["text"] for x in json.loads(done.stdout) if x["level"] == "fault"}
    assert "does not answer" in faults["kafka"]
    assert "does not answer" in faults["postgresql"]
    assert "does not answer on 127.0.0.1:1" in faults["web"]


@pytest.mark.parametrize(
    ("service", "name", "expected"),
    [
        ("router", "issues", "the catalogue says 12"),
        ("projections", "issues", "the catalogue says 12"),
        ("intake", "reports-app", "not 12"),
    ],
)
def test_row_103_another_number_of_partitions_refuses_the_start(
    stack: Stack, database: str, service: str, name: str, expected: str
) -> None:
    """A keyed topic that was given more partitions.

    Gets: services do not start (exit code 2), the topic and both numbers are named; intake never
    starts writing to it. `hutong topics create` refuses too.
    """
    migrate(database)
    admin = AdminClient(client_config(stack.kafka))

    def partitions() -> int:
        return len(admin.list_topics(timeout=10).topics[name].partitions)

    if partitions() == 12:
        admin.create_partitions([NewPartitions(name, 13)])[name].result(30)
        wait_until(lambda: partitions() == 13, 20, lambda: "the broker does not say so")
    done = run(stack, "serve", service, HUTONG_DATABASE_URL=database)
    assert done.returncode == 2
    assert f"{name} has 13 partitions, {expected}" in done.stderr
    assert set(topic_ends(stack.kafka, [name]).values()) == {(0, 0)}
    made = run(stack, "topics", "create")
    assert made.returncode == 1
    assert "13 partitions" in made.stderr
