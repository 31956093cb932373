"""Row 100: where the host thinks it is changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ZONES = ("UTC", "America/New_York", "Asia/Shanghai", "Pacific/Kiritimati")


def test_row_100_the_time_zone_of_the_host_has_no_effect() -> None:
    """A host whose time zone is not the city's.

    Gets: the same states, read models and circulars, byte for byte: times are milliseconds UTC,
    and days, weeks and working hours are those of the city pack's zone.
    """
    said = set()
    for zone in ZONES:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fixtures.zone_digest"],
            cwd=ROOT,
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said.add(done.stdout)
    assert len(said) == 1
    assert "2026-W24" in said.pop()
