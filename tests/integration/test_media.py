"""Photos on the whole stack: from upload to the issue that they prove, and away again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import httpx
import pytest

from tests.fixtures.pictures import picture
from tests.fixtures.whole import Whole
from tests.integration.test_acts import SOON, WATER, act, burst_main, done

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def send(whole: Whole, sender: str, size: tuple[int, int]) -> str:
    """Send a photo; its name."""
    url = f"{whole.stack.intake_url}/v1/media"
    headers = {**whole.headers(sender), "Content-Type": "image/jpeg"}
    answer = whole.http.post(url, content=picture("JPEG", size=size), headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["sha256"])


def get(whole: Whole, sender: str, name: str) -> httpx.Response:
    url = f"{whole.stack.intake_url}/v1/media/{name}"
    return whole.http.get(url, headers=whole.headers(sender))


def sweep(whole: Whole, *arguments: str) -> dict[str, object]:
    command = [sys.executable, "-m", "hutong.cli.main", "media", "sweep", "--json", *arguments]
    environment = {**os.environ, **whole.stack.environment()}
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=90
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, object] = json.loads(ended.stdout)
    return found


def age(whole: Whole, name: str) -> None:
    """Let a photo have been sent two hours ago."""
    then = time.time() - 7_200
    os.utime(whole.stack.data / "media" / name[:2] / name, (then, then))


def test_a_photo_proves_a_result(whole: Whole) -> None:
    name = send(whole, WATER, (90, 60))
    assert get(whole, WATER, name).status_code == 404  # no issue names it yet
    issue_id = burst_main(whole)
    done(whole, WATER, issue_id, "accept", {})
    bare = act(whole, WATER, issue_id, "resolve", {"result": "enforced", "file_number": "12"})
    assert bare.json()["effect"]["reason"] == "no-evidence"
    unknown = act(whole, WATER, issue_id, "resolve", {"result": "fixed", "media": ["0" * 64]})
    assert unknown.status_code == 422
    done(whole, WATER, issue_id, "resolve", {"result": "fixed", "media": [name]})
    for sender, status in ((WATER, 200), ("desk", 200), ("app", 200), ("dept:police", 404)):
        assert get(whole, sender, name).status_code == status
    assert get(whole, "desk", name).content.startswith(b"\xff\xd8\xff")


def test_row_42_a_photo_that_no_event_names(whole: Whole) -> None:
    """A photo that was stored and whose report or act never came; one whose event was refused.

    Gets: removed by `hutong media sweep --remove` an hour after it was sent, not before; what any
    event names stays, a refused one's evidence too.
    """
    lonely, fresh, named, refused = (
        send(whole, "app", size) for size in ((50, 40), (51, 40), (52, 40), (53, 40))
    )
    issue_id = burst_main(whole, media=[named])
    answer = act(whole, WATER, issue_id, "resolve", {"result": "fixed", "media": [refused]}, SOON)
    assert answer.json()["effect"]["verdict"] == "refused"
    for name in (lonely, named, refused):
        age(whole, name)
    listed = sweep(whole)
    assert (listed["unnamed"], listed["removed"]) == ([lonely], 0)
    swept = sweep(whole, "--remove")
    assert (swept["unnamed"], swept["removed"]) == ([lonely], 1)
    left = {path.name for path in (whole.stack.data / "media").rglob("*") if path.is_file()}
    assert {fresh, named, refused} <= left
    assert lonely not in left


def test_naming_a_photo_starts_its_hour_anew(whole: Whole) -> None:
    """An event that the read models do not have yet protects its photos by that."""
    name = send(whole, "app", (54, 40))
    age(whole, name)
    burst_main(whole, media=[name])
    path = whole.stack.data / "media" / name[:2] / name
    assert time.time() - path.stat().st_mtime < 600
