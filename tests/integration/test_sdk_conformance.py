"""`hutong sdk conformance`: an intake and a client are held against what is promised."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hutong.sdk import Client
from hutong.sdk.testing import MemoryIntake, exam
from hutong.sdk.testing.serving import Asked, serve

COMMAND = [sys.executable, "-m", "hutong.cli.main", "sdk", "conformance", "--json"]
REPORTS = 9


@contextmanager
def served(asked: Asked) -> Iterator[str]:
    server = serve(asked, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def report(url: str, folder: Path) -> None:
    with Client(url, exam.KEY, outbox=folder / "o.db") as client:
        for number in range(REPORTS):
            client.report_issue(body=f"第{number}盏路灯不亮")
            assert client.flush(timeout=30) == 0


def test_our_own_client_passes_its_exam(tmp_path: Path) -> None:
    options = ["--listen", "0", "--reports", str(REPORTS), "--seconds", "60"]
    process = subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    found = re.match(r"(http://\S+)", process.stderr.readline())
    assert found is not None
    report(found[1], tmp_path)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert [json.loads(line)["why"] for line in said.splitlines()] == [None] * 5


def test_an_intake_is_held_against_the_suite() -> None:
    with served(MemoryIntake({"hk_vendor": "channel:app"})) as url:
        done = subprocess.run(
            [*COMMAND, "--url", url, "--key", "hk_vendor"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stdout
    assert len(done.stdout.splitlines()) > 10


def test_what_is_no_intake_fails(tmp_path: Path) -> None:
    with served(exam.Exam()) as url:
        done = subprocess.run(
            [*COMMAND, "--url", url, "--key", exam.KEY],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
