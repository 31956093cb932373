"""A port that somebody else has ends a service at once, with 2 and a message that names it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hutong.local.keys import ensure_keys
from hutong.local.ports import HOST
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.mark.parametrize("service", ["intake", "router", "projections", "processes", "web"])
def test_a_busy_port(whole: Whole, tmp_path: Path, service: str) -> None:
    ensure_keys(tmp_path)
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        variable = f"HUTONG_{service.upper()}_PORT"
        environment = {
            **{name: value for name, value in os.environ.items() if "HUTONG" not in name},
            "HUTONG_KAFKA": whole.stack.kafka,
            "HUTONG_KEYS_FILE": str(tmp_path / "keys.toml"),
            "HUTONG_DATABASE_URL": f"postgresql://nobody@{HOST}:1/none",
            variable: str(port),
        }
        command = [sys.executable, "-m", "hutong.cli.main", "serve", service]
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=30
        )
    assert ended.returncode == 2, ended.stderr
    said = f"cannot start:\n  port: cannot listen on {HOST}:{port}: Address already in use"
    assert said in ended.stderr
    assert variable in ended.stderr
    assert "Traceback" not in ended.stderr
