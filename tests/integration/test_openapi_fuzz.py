"""The API as its own description says: thousands of requests made from the OpenAPI document."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.store import migrate
from tests.fixtures.intake_process import IntakeProcess, make_topics

ROOT = Path(__file__).parents[2]
HOOKS = "tests.fixtures.ndjson_hooks"
SEED = "20261122"
EXAMPLES = os.environ.get("HUTONG_FUZZ_EXAMPLES", "60")
"""Of each operation. 60 take about 20 s; a long run has thousands."""

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
"""Not: that all data the schema allows is taken (codes of areas are the city pack's), nor that all
other data is refused (unknown fields get a warning)."""


@pytest.fixture
def intake(kafka: str, fresh_database: str, tmp_path: Path) -> Iterator[IntakeProcess]:
    make_topics(kafka)
    migrate(fresh_database)
    process = IntakeProcess(
        kafka,
        tmp_path,
        HUTONG_DATABASE_URL=fresh_database,
        HUTONG_INTAKE_BODY_SECONDS="3",
        HUTONG_INTAKE_PATIENCE_SECONDS="0",
    ).start()
    yield process
    assert process.stop() == 0


def test_what_the_openapi_document_says_is_true(intake: IntakeProcess, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{intake.url}/openapi.json"),
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
        *("--seed", SEED, "--max-examples", EXAMPLES, "--workers", "2"),
        *("--header", f"X-API-Key: {intake.secrets['app']}"),
        *("--request-timeout", "10", "--warnings", "off", "--continue-on-failure"),
    ]
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": HOOKS},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert ended.returncode == 0, ended.stdout[-8_000:] + ended.stderr[-2_000:]
    log = intake.log.read_text()
    assert "Traceback" not in log
    assert '"level": "error"' not in log
