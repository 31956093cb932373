"""The two example apps on the whole stack, as they are started by a person."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hutong.events.ids import derived_id
from hutong.issue.consequences import order_id
from hutong.local.ports import choose_ports
from hutong.sdk import Client
from tests.fixtures.router_process import wait_until
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

EXAMPLES = Path(__file__).parents[2] / "examples"
WATER = "water-co"


def key(whole: Whole, who: str) -> str:
    return whole.headers(who)["X-API-Key"]


def run(name: str, *arguments: str | Path, stdin: str = "", **environment: str) -> str:
    ours = {n: v for n, v in os.environ.items() if not n.startswith("HUTONG")} | environment
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *map(str, arguments)],
        input=stdin,
        env=ours,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_grid_workers_terminal_offline_then_online(whole: Whole, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.db"
    nowhere = choose_ports(["nobody"], given={}, remembered={}, preferred={})["nobody"]
    secret = key(whole, "grid")
    lines = "east\t井盖松动，行人易绊倒\n东 区\t代码写错了\neast\t路灯不亮\n"
    offline = run(
        "grid_terminal.py",
        outbox,
        stdin=lines,
        HUTONG_URL=f"http://127.0.0.1:{nowhere}",
        HUTONG_KEY=secret,
    )
    assert offline.count("kept: ") == 3
    assert "not_a_code" in offline
    assert "accepted" not in offline
    online = run("grid_terminal.py", outbox, HUTONG_URL=whole.stack.intake_url, HUTONG_KEY=secret)
    assert online.count("受理号 01-") == 2
    ids = [line.split()[2] for line in online.splitlines()]
    whole.wait(ids)


@pytest.mark.parametrize("way", ["http", "kafka"])
def test_a_department_signs_and_resolves(whole: Whole, tmp_path: Path, way: str) -> None:
    url = whole.stack.intake_url
    with Client(url, key(whole, "app"), outbox=tmp_path / "app.db") as app:
        receipt = app.report_issue(body="槐荫路自来水管爆裂，停水", area="east")
        assert app.flush(timeout=30) == 0
    issue_id = receipt.issue_id
    whole.wait([issue_id])
    wait_until(lambda: whole.issue(issue_id).lead == WATER, 30, lambda: "not dispatched")
    environment = {"HUTONG_URL": url, "HUTONG_KEY": key(whole, f"dept:{WATER}")}
    if way == "kafka":
        environment = {"HUTONG_KAFKA": whole.stack.kafka}
    said = run("water_department.py", tmp_path, "--once", **environment)
    assert "replies left" in said
    assert "待发回复 0 条" in said
    wait_until(lambda: whole.issue(issue_id).status == "resolved", 30, lambda: said)
    again = run("water_department.py", tmp_path, "--once", **environment)
    assert "已处理 0 件" in again or "未生效" in again
    # The inbox also holds what other tests of this stack sent there, and took back.
    ours = order_id(derived_id(issue_id, "IssueDispatched"), WATER)
    with sqlite3.connect(tmp_path / "water.db") as database:
        states = database.execute("SELECT state FROM job WHERE order_id = ?", [ours]).fetchall()
    database.close()
    assert states == [("done",)]
