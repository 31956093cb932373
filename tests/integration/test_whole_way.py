"""Rows of bad input that show only on the whole way: intake, router, read models, pages."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from hutong.events.ids import derived_id, new_id
from hutong.events.receipt import Receipt
from hutong.store import connect
from tests.fixtures.intake_process import IntakeProcess
from tests.fixtures.router_process import wait_until
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def report(body: str, **more: Any) -> dict[str, Any]:
    return {"occurred_at": datetime.now(UTC).isoformat(), "body": body, **more}


def page_of(whole: Whole, issue_id: str) -> httpx.Response:
    """An issue's page, in Chinese."""
    address = f"{whole.stack.web_url}/issues/{issue_id}"
    return whole.http.get(address, headers={"Accept-Language": "zh"})


WATER = "utilities.water"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("槐荫路自来水管爆裂，停水", WATER),
        ("槐蔭路自來水管爆裂，停水", WATER),
        ("槐荫路自來水管爆裂，停水", WATER),
        ("槐荫路１２号自来水管爆裂，停水", WATER),
        ("槐荫路自\u200b来\u200b水管爆裂，停\u200b水", WATER),
        ("怀因路字来水官暴列", None),
        ("lu deng bu liang", None),
        ("🔥", None),
        ("한국어 ไทย عربى", None),
        ("1" * 10_000, None),
        ("路" * 10_000, None),
    ],
)
def test_row_22_scripts_and_spelling_are_classified_or_queued(
    whole: Whole, text: str, category: str | None
) -> None:
    """Traditional characters, both scripts mixed, full-width digits, invisible characters, misspellings, other languages, one character 10,000 times.

    Gets: 202; dispatched like the plain text, or queued for the desk when the classifier is not
    sure. Never 500, never lost.
    """  # noqa: E501
    issue_id = whole.accepted(report(text))
    whole.wait([issue_id])
    issue = whole.issue(issue_id)
    assert issue.status in ("dispatched", "queued")
    if category is not None:
        assert (issue.status, issue.category) == ("dispatched", category)
    assert whole.timeline(issue_id)[0].data["body"] == text


def test_row_29_clocks_run_from_the_time_received(whole: Whole) -> None:
    """A sender's clock that is two days ahead, on the whole way.

    Gets: 202 with a `clock_skew` warning. The history keeps the claim beside the time received,
    and the issue counts from the time received.
    """
    claimed = datetime.now(UTC) + timedelta(days=2)
    answer = whole.post({"occurred_at": claimed.isoformat(), "body": "槐荫路自来水管爆裂"})
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["clock_skew"]
    received = datetime.fromisoformat(answer.json()["received_at"]).timestamp() * 1000
    issue_id = answer.json()["issue_id"]
    whole.wait([issue_id])
    first = whole.timeline(issue_id)[0]
    assert first.occurred_at == int(claimed.timestamp() * 1000)
    assert first.received_at == pytest.approx(received, abs=1)
    assert whole.issue(issue_id).reported_at == first.received_at
    assert page_of(whole, issue_id).status_code == 200


def test_row_34_an_id_of_another_channel(whole: Whole, tmp_path: Path) -> None:
    """An event_id that another channel has used, sent to the same intake and to another one.

    Gets: 409 and an alert from the intake that saw both; the other one takes it, and the fold lets
    the first report stand: one issue, of the first channel. The second is refused, with an alert.
    """
    event_id = new_id()
    whole.accepted(report("槐荫路自来水管爆裂", event_id=event_id))
    second = report("另一个渠道的文字", event_id=event_id)
    answer = whole.post(second, channel="hotline")
    assert answer.status_code == 409
    metrics = whole.http.get(f"{whole.stack.intake_url}/metrics").text
    found = re.search(r"^hutong_intake_foreign_ids_total ([0-9.]+)$", metrics, re.MULTILINE)
    assert found is not None
    assert float(found[1]) >= 1
    alert = [line for line in whole.logs()["intake.log"].splitlines() if event_id in line]
    assert [json.loads(line)["level"] for line in alert] == ["warning"]

    places = whole.places()
    other = IntakeProcess(whole.stack.kafka, tmp_path).start()
    try:
        headers = other.headers("hotline")
        url = f"{other.url}/v1/reports"
        assert whole.http.post(url, json=second, headers=headers).status_code == 202
    finally:
        assert other.stop() == 0
    reports, issues = whole.settle(places, "reports-hotline")
    assert (len(reports), len(issues)) == (1, 2)
    assert whole.issue(event_id).channel == "app"
    history = [(entry.verdict, entry.principal) for entry in whole.timeline(event_id)]
    assert history[:2] == [("applied", "channel:app"), ("applied", "router")]
    assert {verdict for verdict, _ in history[2:]} == {"refused"}
    assert whole.issue(event_id).status == "dispatched"


def test_row_35_fifty_citizens_with_the_same_words(whole: Whole) -> None:
    """The same words from 50 citizens, on the whole way.

    Gets: 50 issues, each dispatched, none dropped; all are linked as possible duplicates.
    """
    same = report("槐荫路自来水管爆裂，附近三栋楼停水")
    issue_ids = [whole.accepted(same, key=new_id()) for _ in range(50)]
    whole.wait(issue_ids)
    assert len(set(issue_ids)) == 50
    assert {whole.issue(issue_id).status for issue_id in issue_ids} == {"dispatched"}
    wait_until(
        lambda: whole.linked_with(issue_ids[0]) >= set(issue_ids),
        60,
        lambda: f"linked are {whole.linked_with(issue_ids[0])}",
    )


def test_row_38_a_receipt_of_another_channel(whole: Whole) -> None:
    """The receipt of another channel's report that is in the read model.

    Gets: 404 with the same words as for a number that was never given out.
    """
    answer = whole.post(report("槐荫路自来水管爆裂")).json()
    whole.wait([answer["issue_id"]])
    url = f"{whole.stack.intake_url}/v1/reports/"
    receipts = (answer["receipt"], str(Receipt(3, 5, 99_999_999)))
    own, never = (whole.http.get(url + each, headers=whole.headers()) for each in receipts)
    foreign = whole.http.get(url + receipts[0], headers=whole.headers("grid"))
    assert (own.status_code, foreign.status_code, never.status_code) == (200, 404, 404)
    varying = {"instance", "request_id"}
    told, untold = (
        {k: v for k, v in a.json().items() if k not in varying} for a in (foreign, never)
    )
    assert told == untold


HOSTILE = (
    "'; DROP TABLE issue_current; --",
    "../../../../etc/passwd",
    "a\r\nSet-Cookie: x=1\r\n\r\n<html>",
    '{"level":"error","event":"forged"}\n{"event":"forged"}',
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{7*7}}${7*7}#{7*7}<%= 7*7 %>",
    "\x1b[2J\x1b]0;forged\x07",
    "\\x00\\u0000%00%0a",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_row_39_texts_that_are_code_elsewhere(whole: Whole, text: str) -> None:
    """Path traversal, SQL, CRLF, markup, templates, terminal codes and forged log lines in every text, through to PostgreSQL and the pages.

    Gets: 202, stored as text and shown escaped; tables, headers and logs are as they were.
    """  # noqa: E501
    reporter = {"name": text, "home": text}
    sent = report(
        f"路灯不亮 {text}", subject=text, reference=text, actor=text[:64], reporter=reporter
    )
    sent["place"] = {"address": text}
    answer = whole.post(sent, channel="hotline", key=f"k-{derived_id(text)}")
    assert answer.status_code == 202, answer.text
    issue_id = answer.json()["issue_id"]
    whole.wait([issue_id])
    data = whole.timeline(issue_id)[0].data
    assert (data["body"], data["subject"]) == (sent["body"], text)
    assert data["place"]["address"] == text
    assert whole.issue(issue_id).subject == text
    page = page_of(whole, issue_id)
    assert page.status_code == 200
    assert "x=1" not in page.headers.get("set-cookie", "")
    for raw in ("<script>alert", "<img src=x", "\x1b"):
        assert raw not in page.text
    assert html.escape("<script>alert(1)") in page.text or "<script>" not in text
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", page.text, re.DOTALL)[0]
    for path in (f"/issues/{quote(text, safe='')}", f"/r/{quote(text, safe='')}"):
        assert whole.http.get(whole.stack.web_url + path).status_code in (303, 400, 404)
    with connect(whole.stack.database_url, autocommit=True) as connection:
        connection.execute("SELECT count(*) FROM issue_current")
    for name, log in whole.logs().items():
        assert "forged" not in log, name


def test_row_39_in_requests(whole: Whole) -> None:
    """The same in addresses and headers.

    Gets: 400 or 404 as JSON, or the header is ignored; nothing of it is in the answer or a log.
    """
    mark = "forged-by-a-request"
    url = whole.stack.intake_url
    for path in (f"/v1/reports/{mark}", f"/{mark}%0d%0aX-Evil:1", f"/..%2f..%2f{mark}"):
        answer = whole.http.get(url + path, headers=whole.headers())
        assert answer.status_code in (400, 404)
        assert mark not in answer.text
        assert "x-evil" not in answer.headers
    for name in ("traceparent", "X-Request-Id", "User-Agent", "X-Forwarded-For", "Referer"):
        headers = {**whole.headers(), name: f"{mark} <script>"}
        answer = whole.http.post(f"{url}/v1/reports", json=report("路灯不亮"), headers=headers)
        assert answer.status_code == 202
        assert mark not in answer.text + str(answer.headers)
    for name, log in whole.logs().items():
        assert mark not in log, name
