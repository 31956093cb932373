"""A real Kafka and PostgreSQL started, disturbed and stopped on this machine."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from hutong.local.errors import LocalStackError
from hutong.local.folder import MARKER
from hutong.local.stack import Stack, read_environment
from hutong.local.state import StackStatus, read_state

STORES = ("kafka", "postgres")
MAIN = """
import typer
from hutong.cli.stack import register
app = typer.Typer(pretty_exceptions_enable=False)
register(app)
app()
"""
COMMAND = [sys.executable, "-c", MAIN]


def hutong(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def write(stack: Stack, topic: str, value: bytes) -> None:
    admin = AdminClient({"bootstrap.servers": stack.kafka})
    if topic not in admin.list_topics(timeout=10).topics:
        admin.create_topics([NewTopic(topic, 1)])[topic].result(30)
    producer = Producer({"bootstrap.servers": stack.kafka, "acks": "all", "log_level": 0})
    producer.produce(topic, value)
    assert producer.flush(30) == 0


def read_first(stack: Stack, topic: str) -> bytes | None:
    settings = {"bootstrap.servers": stack.kafka, "group.id": "reader"}
    consumer = Consumer({**settings, "auto.offset.reset": "earliest", "log_level": 0})
    consumer.subscribe([topic])
    try:
        message = consumer.poll(30)
        return None if message is None else message.value()
    finally:
        consumer.close()


def alive(data: Path) -> list[psutil.Process]:
    """Every process of this machine that has the data folder on its command line."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if str(data) in " ".join(process.info["cmdline"] or ())
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def wait_until_none(data: Path, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while left := alive(data):
        assert time.monotonic() < until, f"left behind: {left}"
        time.sleep(0.1)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    for process in alive(tmp_path / "data"):
        process.kill()


def _heed_signals() -> None:
    """As from a terminal, also where the tests themselves run under nohup or in the background."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def running(data: Path) -> Iterator[subprocess.Popen[str]]:
    """`hutong up` with the stores alone, in a process of its own, up."""
    command = [*COMMAND, "up", "--data", str(data), "--only", ",".join(STORES)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_heed_signals,
    ) as process:
        until = time.monotonic() + 60
        while (state := read_state_if_any(data)) is None or state.state != "up":
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield process
        process.kill()


def read_state_if_any(data: Path) -> StackStatus | None:
    return read_state(data) if data.exists() else None


def test_the_data_and_the_addresses_outlast_a_restart(data: Path) -> None:
    with Stack(data, only=STORES) as stack:
        write(stack, "kept", b"a report")
        with psycopg.connect(stack.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
        first = (stack.kafka, stack.database_url)
        assert read_environment(data)["HUTONG_KAFKA"] == stack.kafka
    wait_until_none(data, seconds=0.1)
    with Stack(data, only=STORES) as stack:
        assert (stack.kafka, stack.database_url) == first
        assert read_first(stack, "kept") == b"a report"
        with psycopg.connect(stack.database_url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    with pytest.raises(LocalStackError, match="made with 1 broker"):
        Stack(data, brokers=3, only=STORES).start()


def test_a_killed_store_comes_back_with_what_was_confirmed(data: Path) -> None:
    with Stack(data, only=STORES) as stack:
        write(stack, "kept", b"confirmed")
        with psycopg.connect(stack.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        for name in ("kafka-1", "postgres"):
            stack.kill(name)
            stack.wait_restarted(name, 1)
            written = read_state(data)
            assert written is not None
            [child] = [child for child in written.children if child.name == name]
            assert (child.restarts, child.last_exit) == (1, -signal.SIGKILL)
        assert read_first(stack, "kept") == b"confirmed"
        with psycopg.connect(stack.database_url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_three_brokers_confirm_while_one_is_down(data: Path) -> None:
    with Stack(data, brokers=3, only=("kafka",)) as stack:
        write(stack, "kept", b"before")
        stack.restart_allowed("kafka-2", False)
        stack.kill("kafka-2")
        write(stack, "kept", b"after")
        stack.start_child("kafka-2")
        assert read_first(stack, "kept") == b"before"
    wait_until_none(data, seconds=0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_stop_it_leaves_no_process(
    data: Path, running: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert len(alive(data)) >= 2
    running.send_signal(number)
    assert running.wait(30) == 0
    wait_until_none(data, seconds=0.1)
    state = read_state(data)
    assert state is not None
    assert state.state == "stopped"
    assert {child.last_exit for child in state.children} <= {0, 143}  # Java says SIGTERM by 143


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_killed_it_leaves_no_process_and_can_be_started_again(
    data: Path, running: subprocess.Popen[str]
) -> None:
    running.kill()
    running.wait(10)
    wait_until_none(data)
    assert hutong("status", "--data", data).returncode == 1
    with Stack(data, only=STORES) as stack:
        write(stack, "after", b"well")


def test_status_logs_a_second_up_and_down(data: Path, running: subprocess.Popen[str]) -> None:
    seen = hutong("status", "--json", "--data", data)
    assert seen.returncode == 0
    status = json.loads(seen.stdout)
    assert (status["up"], status["supervisor"]) == (True, running.pid)
    assert [child["name"] for child in status["children"]] == ["kafka-1", "postgres"]
    assert "password" not in seen.stdout

    assert "ready to accept connections" in hutong("logs", "postgres", "--data", data).stdout
    assert hutong("logs", "nobody", "--data", data).returncode == 2

    second = hutong("up", "--data", data, "--only", "kafka")
    assert second.returncode == 1
    assert f"already running in {data} (process {running.pid})" in second.stderr

    assert hutong("down", "--wipe", "--data", data).returncode == 0
    assert running.wait(10) == 0
    assert not data.exists()


def test_wiping_takes_only_what_we_made(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    refused = hutong("down", "--wipe", "--data", tmp_path)
    assert refused.returncode == 1
    assert "nothing was removed" in refused.stderr
    assert (tmp_path / "thesis.txt").exists()
    assert not (tmp_path / MARKER).exists()


def test_a_database_that_was_given_is_used_as_it_is(data: Path) -> None:
    given = "postgresql://somebody@127.0.0.1:1/theirs"
    with Stack(data, only=("postgres",), database_url=given) as stack:
        assert stack.database_url == given
        assert stack.status().children == []
    assert not (data / "postgres").exists()


FAKE = """
import http.server, json, os, sys
open(os.environ["FAKE_CALLS"], "a").write(" ".join(sys.argv[1:]) + chr(10))
if sys.argv[1] != "serve":
    sys.exit(int(os.environ.get("FAKE_" + sys.argv[1].upper(), 0)))

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

port = int(os.environ["HUTONG_" + sys.argv[2].upper() + "_PORT"])
http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for Hutong's commands, which write down that they were called."""
    script = tmp_path / "fake.py"
    script.write_text(FAKE)
    monkeypatch.setattr(
        "hutong.local.services.hutong_command",
        lambda *arguments: [sys.executable, str(script), *arguments],
    )
    monkeypatch.setenv("FAKE_CALLS", str(tmp_path / "calls"))
    return tmp_path / "calls"


def test_services_start_after_the_one_shots_with_their_settings(data: Path, calls: Path) -> None:
    with Stack(data, only=("intake", "web"), environment={"HUTONG_EXTRA": "yes"}) as stack:
        assert calls.read_text().splitlines()[:2] == ["topics create", "migrate"]
        assert sorted(calls.read_text().splitlines()[2:]) == ["serve intake", "serve web"]
        assert stack.environment()["HUTONG_EXTRA"] == "yes"
        assert stack.environment()["HUTONG_KEYS_FILE"] == str(data / "keys.toml")
        assert stack.web_url.rsplit(":", 1)[1] == stack.environment()["HUTONG_WEB_PORT"]
        assert hutong("status", "--data", data).returncode == 0
        stack.kill("web", signal.SIGSTOP)
        frozen = hutong("status", "--data", data)
        assert frozen.returncode == 1
        assert "not ready" in frozen.stdout


def test_a_one_shot_that_fails_stops_the_start(
    data: Path, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_MIGRATE", "1")
    with pytest.raises(LocalStackError, match="migrate ended with exit code 1"):
        Stack(data, only=("intake",)).start()
    assert "serve" not in calls.read_text()
    assert (data / "logs" / "migrate.log").exists()
    assert (read_state(data) or pytest.fail("no state")).state == "stopped"
