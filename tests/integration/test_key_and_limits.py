"""Keys made, rotated and revoked, and limits reached, while intake serves on a real broker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.intake_api import GOOD
from tests.fixtures.intake_process import IntakeProcess, make_topics

STRANGERS = 40


@pytest.fixture
def intake(kafka: str, tmp_path: Path) -> Iterator[IntakeProcess]:
    make_topics(kafka)
    process = IntakeProcess(
        kafka,
        tmp_path,
        HUTONG_INTAKE_KEY_PER_MINUTE="1000",
        HUTONG_INTAKE_STRANGERS_PER_MINUTE=str(STRANGERS),
    )
    process.start()
    yield process
    assert process.stop() == 0


def hutong(intake: IntakeProcess, *arguments: str) -> str:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("HUTONG")}
    return subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", "key", *arguments],
        env={**mine, "HUTONG_KEYS_FILE": str(intake.keys_file)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.strip()


def post(intake: IntakeProcess, secret: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.post(
        f"{intake.url}/v1/reports", json=dict(GOOD), headers=headers, trust_env=False, timeout=15
    )


def soon(look: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if look():
            return True
        time.sleep(0.2)
    return False


def test_intake_follows_the_file_without_a_restart(intake: IntakeProcess) -> None:
    secret = hutong(intake, "create", "--channel", "app")
    assert soon(lambda: post(intake, secret).status_code == 202)
    rotated = hutong(intake, "rotate", "app-1", "--overlap", "1")
    assert soon(lambda: post(intake, rotated).status_code == 202)
    assert post(intake, secret).status_code == 202, "the overlap"
    hutong(intake, "revoke", "app-1")
    assert soon(lambda: post(intake, secret).status_code == 401)
    assert post(intake, rotated).status_code == 202
    log = intake.log.read_text()
    assert secret not in log
    assert rotated not in log


def test_a_flood_without_a_key_is_held_off_and_hurts_nobody_with_one(
    intake: IntakeProcess,
) -> None:
    with httpx.Client(base_url=intake.url, trust_env=False, timeout=15) as client:
        answers = [
            client.post(
                "/v1/reports",
                json=dict(GOOD),
                headers={
                    "X-API-Key": "hk_guess",
                    # Not believed: no proxy was named.
                    "X-Forwarded-For": f"10.0.0.{number}",
                },
            )
            for number in range(STRANGERS * 2)
        ]
        codes = [answer.status_code for answer in answers]
        taken = codes.count(401)
        assert STRANGERS <= taken <= STRANGERS + 2, "one or two more where a minute ends"
        assert codes == [401] * taken + [429] * (len(codes) - taken)
        assert int(answers[-1].headers["Retry-After"]) >= 1
        assert post(intake, intake.secrets["app"]).status_code == 202
        assert client.get("/healthz").status_code == 200
        metrics = client.get("/metrics").text
    assert f'hutong_intake_limited_total{{by="stranger"}} {len(codes) - taken}.0' in metrics


def test_a_key_gets_its_thousand_and_not_one_more(intake: IntakeProcess) -> None:
    line = b'{"occurred_at": "2026-11-22T10:31:44Z", "body": "x"}\n'
    headers = {"X-API-Key": intake.secrets["grid"], "Content-Type": "application/x-ndjson"}

    def batch(lines: int) -> int:
        url = f"{intake.url}/v1/reports:batch"
        content = line * lines
        sent = httpx.post(url, content=content, headers=headers, trust_env=False, timeout=30)
        return sent.status_code

    assert [batch(900), batch(200), batch(50)] == [200, 429, 200]
    assert post(intake, intake.secrets["app"]).status_code == 202, "another key"
