"""Acts on the whole stack: intake, router and read models, as departments and the desk use them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from hutong.events.ids import new_id
from tests.fixtures.intake_process import IntakeProcess, make_topics
from tests.fixtures.router_process import wait_until
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

WATER = "dept:water-co"
SOON = {"Prefer": "wait=10"}


def act(
    whole: Whole,
    sender: str,
    issue_id: str,
    verb: str,
    body: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    url = f"{whole.stack.intake_url}/v1/issues/{issue_id}/actions/{verb}"
    return whole.http.post(url, json=body, headers={**whole.headers(sender), **(headers or {})})


def done(whole: Whole, sender: str, issue_id: str, verb: str, body: dict[str, Any]) -> None:
    """An act that has its effect, once the read models have judged it."""
    answer = act(whole, sender, issue_id, verb, body, SOON)
    assert answer.status_code == 202, answer.text
    effect = answer.json()["effect"]
    assert (effect["verdict"], effect["judged"]) == ("applied", True), effect


def burst_main(whole: Whole, channel: str = "app", **more: Any) -> str:
    """A report that the router classifies, and sends to the water company where it is open."""
    now = datetime.now(UTC).isoformat()
    report = {"occurred_at": now, "area": "east", "body": "槐荫路自来水管爆裂，停水", **more}
    issue_id = whole.accepted(report, channel=channel)
    whole.wait([issue_id])
    wait_until(lambda: whole.issue(issue_id).category is not None, 30, lambda: "not classified")
    return issue_id


def seen(whole: Whole, sender: str, issue_id: str) -> httpx.Response:
    url = f"{whole.stack.intake_url}/v1/issues/{issue_id}"
    return whole.http.get(url, headers=whole.headers(sender))


def test_a_department_accepts_responds_and_resolves(whole: Whole) -> None:
    issue_id = burst_main(whole)
    before = seen(whole, WATER, issue_id).json()
    assert (before["status"], before["lead"], before["hop"]) == ("dispatched", "water-co", 1)
    assert {"accept", "return", "respond"} <= {verb["verb"] for verb in before["verbs"]}
    assert "resolve" not in {verb["verb"] for verb in before["verbs"]}
    done(whole, WATER, issue_id, "accept", {"by": "clerk:7", "handler": "gw-0103"})
    done(whole, WATER, issue_id, "assign", {"assignee": "gw-0103", "level": "grid"})
    done(whole, WATER, issue_id, "respond", {"means": "call"})
    done(whole, WATER, issue_id, "resolve", {"result": "fixed", "text": "已恢复供水"})
    assert whole.issue(issue_id).status == "resolved"
    after = seen(whole, WATER, issue_id).json()
    clocks = {clock["clock"]: clock for clock in after["clocks"]}
    for name in ("accept", "respond", "resolve"):
        assert (clocks[name]["running"], clocks[name]["late"]) == (False, False)
    done(whole, "grid", issue_id, "check-passed", {"checker": "gw-0900"})
    done(whole, "app", issue_id, "rate", {"resolved": True, "stars": 5})
    done(whole, "desk", issue_id, "close", {"ground": "verified"})
    assert whole.issue(issue_id).status == "closed"


def test_a_refused_act_says_why(whole: Whole) -> None:
    issue_id = burst_main(whole)
    answer = act(whole, WATER, issue_id, "resolve", {"result": "fixed"}, SOON)
    effect = answer.json()["effect"]
    assert (effect["verdict"], effect["reason"]) == ("refused", "not-now")
    assert effect["zh"] == "当前状态不允许"
    location = whole.stack.intake_url + answer.headers["location"]
    told = whole.http.get(location, headers=whole.headers("desk")).json()
    assert (told["event"], told["effect"]) == ("IssueResolved", effect)
    assert told["place"] == answer.json()["place"]
    assert whole.issue(issue_id).status == "dispatched"


def test_a_retry_with_the_same_key_gives_one_event(whole: Whole) -> None:
    issue_id = burst_main(whole)
    key = {"Idempotency-Key": "accept-1"}
    first = act(whole, WATER, issue_id, "accept", {}, key | SOON).json()
    whole.stack.kill("intake")
    whole.stack.wait_restarted("intake", whole.stack.child("intake").restarts + 1)
    again = act(whole, WATER, issue_id, "accept", {}, key)
    assert again.headers["idempotent-replayed"] == "true"
    assert {k: again.json()[k] for k in ("event_id", "place", "received_at")} == {
        k: first[k] for k in ("event_id", "place", "received_at")
    }
    names = [entry.name for entry in whole.timeline(issue_id)]
    assert names == ["IssueReported", "IssueDispatched", "IssueAccepted"]


def test_what_a_patrol_solved_on_the_spot_is_resolved(whole: Whole) -> None:
    handled = {"result": "fixed", "text": "已当场关阀"}
    issue_id = burst_main(whole, "grid", handled_on_the_spot=handled)
    assert (whole.issue(issue_id).status, whole.issue(issue_id).lead) == ("resolved", None)
    shown = seen(whole, "grid", issue_id).json()
    assert (shown["status"], shown["result"]) == ("resolved", "fixed")
    assert "amend" in {verb["verb"] for verb in shown["verbs"]}


def test_what_a_channel_amends_is_in_the_read_model(whole: Whole) -> None:
    issue_id = burst_main(whole)
    done(whole, "app", issue_id, "amend", {"subject": "井巷口水管爆裂", "area": "west"})
    issue = whole.issue(issue_id)
    assert (issue.subject, issue.area) == ("井巷口水管爆裂", "west")
    assert act(whole, "hotline", issue_id, "amend", {"subject": "x"}).status_code == 404


def test_a_merge_is_one_event_on_each_issue_and_can_be_undone(whole: Whole) -> None:
    older, younger = burst_main(whole), burst_main(whole)
    done(whole, "desk", older, "merge", {"other_id": younger, "reason": "same-incident"})
    whole_until(whole, younger, "merged")
    assert seen(whole, "desk", younger).json()["master"] == older
    assert seen(whole, "desk", older).json()["children"] == [younger]
    done(whole, "desk", younger, "unmerge", {"other_id": older, "ground": "并非同一事件"})
    whole_until(whole, younger, "dispatched")


def test_while_postgresql_is_down(kafka: str, tmp_path: Path) -> None:
    """An intake that cannot look anything up takes what says all, and promises nothing else."""
    make_topics(kafka)
    intake = IntakeProcess(kafka, tmp_path).start()
    try:
        issue_id, order = new_id(), new_id()
        url = f"{intake.url}/v1/issues/{issue_id}"
        headers = intake.headers(WATER)
        said = {"answers": order, "hop": 1}
        answer = httpx.post(f"{url}/actions/accept", json=said, headers=headers, trust_env=False)
        assert answer.status_code == 202, answer.text
        assert answer.json()["effect"]["verdict"] == "unknown"
        assert answer.json()["place"].startswith("handling-water-co/0/")
        answer = httpx.post(f"{url}/actions/accept", json={}, headers=headers, trust_env=False)
        assert answer.status_code == 503
        assert {fault["field"] for fault in answer.json()["errors"]} == {"answers", "hop"}
        assert httpx.get(url, headers=headers, trust_env=False).status_code == 503
    finally:
        assert intake.stop() == 0


def whole_until(whole: Whole, issue_id: str, status: str) -> None:
    wait_until(lambda: whole.issue(issue_id).status == status, 30, lambda: f"not {status}")
