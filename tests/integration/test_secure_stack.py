"""The main path on a Kafka that asks everybody who they are: each service as its own user."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from rich.console import Console

from hutong.demo.run import DemoPlan, run_demo
from hutong.events.receipt import Receipt
from hutong.kafka import client_config
from hutong.local.errors import LocalStackError
from hutong.local.stack import Stack, read_environment
from tests.fixtures.router_process import wait_until
from tests.fixtures.started import started


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(
        Stack(tmp_path_factory.mktemp("secure") / "data", secure=True),
        "secure stack",
        "HUTONG_TEST_KAFKA",
    ) as stack:
        yield stack


def hutong(stack: Stack, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command of a person at this machine: it finds the stack by its data folder alone."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("HUTONG")}
    return subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", *arguments],
        env={**mine, "HUTONG_DATA": str(stack.data), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_reports_reach_the_read_models_and_the_departments(stack: Stack) -> None:
    said = io.StringIO()
    plan = DemoPlan(stack.data, history=120, live=20)
    assert run_demo(plan, stack, Console(file=said, width=120)), said.getvalue()


def test_commands_speak_as_whoever_they_need_to_be(stack: Stack, tmp_path: Path) -> None:
    lag = hutong(stack, "lag")
    assert (lag.returncode, lag.stderr) == (0, "")
    again = hutong(stack, "topics", "create")
    assert again.returncode == 0
    assert "0 topics created" in again.stdout
    assert "0 rights given" in again.stdout
    check = hutong(stack, "topics", "acls", "--check")
    assert (check.returncode, check.stderr) == (0, "")
    file = tmp_path / "messages.csv"
    file.write_text(
        "message_id,submitted_at,subject,body\n1,2026-01-01T08:00:00+08:00,路灯,路灯不亮\n"
    )
    imported = hutong(stack, "import", str(file))
    assert imported.returncode == 0, imported.stderr


def test_what_is_read_of_the_log_is_read_as_whoever_may(stack: Stack) -> None:
    """Given a bad record of a channel, its dead letter and all else is read without a refusal."""
    producer = Producer({**client_config(stack.access("channel-app")), "log_level": 0})
    producer.produce("reports-app", b"no event", key=b"nobody's")
    assert producer.flush(30) == 0

    def listed() -> list[dict[str, Any]]:
        found = hutong(stack, "dead-letters", "list", "--json")
        assert (found.returncode, found.stderr) == (0, "")
        return [json.loads(line) for line in found.stdout.splitlines()]

    wait_until(
        lambda: any(letter["key"] == "nobody's" for letter in listed()), 30, lambda: "no letter"
    )
    [letter] = [letter for letter in listed() if letter["key"] == "nobody's"]
    shown = hutong(stack, "dead-letters", "show", letter["place"])
    assert (shown.returncode, shown.stderr) == (0, "")
    assert letter["reason"] == "bad-magic"
    assert letter["reason"] in shown.stdout

    receipt = Receipt(3, letter["partition"], letter["offset"])
    accepted = hutong(stack, "issue", "show", str(receipt))
    assert accepted.returncode == 1
    assert "no issue" in accepted.stderr
    for command in (("city", "show", "--in-force"), ("replay", "rebuild", "--all", "--dry-run")):
        done = hutong(stack, *command)
        assert done.returncode == 0, done.stderr
        assert "refuses" not in done.stderr

    doctor = hutong(stack, "doctor", "--json")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    found = {(f["subject"], f["level"]): f["text"] for f in json.loads(doctor.stdout)}
    assert "by the pack in force" in found["city", "ok"]
    assert "could not be read or were not allowed" in found["dead letters", "warning"]
    assert "not allowed to read" not in doctor.stdout

    watcher = hutong(stack, "doctor", "--json", HUTONG_KAFKA_USER="monitor")
    assert watcher.returncode == 0, watcher.stdout + watcher.stderr
    said = [f for f in json.loads(watcher.stdout) if "not allowed to read it" in f["text"]]
    assert [(f["subject"], f["level"]) for f in said] == [
        ("dead letters", "warning"),
        ("city", "warning"),
    ]
    assert "by the pack in force" not in "".join(
        f["text"] for f in json.loads(watcher.stdout) if f["level"] == "ok"
    )
    refused = hutong(stack, "dead-letters", "list", HUTONG_KAFKA_USER="monitor")
    assert refused.returncode == 1
    assert "Kafka refuses the user 'monitor'" in refused.stderr


def test_a_command_as_the_wrong_user_is_refused(stack: Stack) -> None:
    found = hutong(stack, "topics", "acls", "--check", HUTONG_KAFKA_USER="router")
    assert found.returncode == 1
    assert "may not see the rights" in found.stderr


def test_a_user_without_password_ends_a_command_at_once(stack: Stack) -> None:
    found = hutong(stack, "topics", "create", HUTONG_KAFKA_USER="nobody")
    assert found.returncode == 2
    assert "'nobody' cannot be read" in found.stderr


def test_a_department_neither_writes_the_log_nor_reads_anothers_inbox(stack: Stack) -> None:
    said: list[KafkaError | None] = []
    settings = client_config(stack.access("dept-water"))
    producer = Producer({**settings, "log_level": 0})
    for topic in ("issues", "handling-housing", "dept-water", "handling-water"):
        producer.produce(topic, b"x", on_delivery=lambda error, _: said.append(error))
        assert producer.flush(30) == 0
    denied = KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert [error and error.code() for error in said] == [denied, denied, denied, None]

    consumer = Consumer({**settings, "group.id": "dept-water", "log_level": 0})
    consumer.assign([TopicPartition("dept-water", 0, 0)])
    message = consumer.poll(30)
    assert message is not None
    assert message.error() is None, "its own orders"
    error = consumer.list_topics("dept-housing", 10).topics["dept-housing"].error
    assert error.code() == denied
    consumer.close()


def test_services_are_told_of_their_own_password_alone(stack: Stack) -> None:
    import psutil

    environments = {}
    for child in stack.status().children:
        assert child.process is not None
        environments[child.name] = psutil.Process(child.process.pid).environ()
    users = stack.data / "kafka-users"
    for name in ("intake", "router", "projections", "processes"):
        assert environments[name]["HUTONG_KAFKA_PASSWORD_FILE"] == str(users / name)
        assert environments[name]["HUTONG_KAFKA_USER"] == name
    assert "HUTONG_KAFKA_PASSWORD_FILE" not in environments["web"]
    everything = "".join(f"{e}" for e in environments.values())
    assert not any(stack.access(user).password in everything for user in stack.kafka_users)
    assert read_environment(stack.data)["HUTONG_KAFKA_PASSWORD_FILE"] == str(users)


def test_a_folder_stays_as_it_was_made(tmp_path: Path) -> None:
    for first, then in ((True, False), (False, True)):
        data = tmp_path / str(first)
        Stack(data, only=("kafka",), secure=first).folder.open()
        made = Stack(data, only=("kafka",), secure=first)
        made._choose()
        with pytest.raises(LocalStackError, match="its Kafka stays so"):
            Stack(data, only=("kafka",), secure=then)._choose()
