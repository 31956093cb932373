"""Canaries: what citizens and their keys look like, sent in all right and wrong ways, then looked
for in every answer, every log, every topic, every table and every page of the whole stack."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from psycopg import sql

from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.events.fields import Sealed
from hutong.events.ids import new_id
from hutong.kafka.send import OutRecord, send_confirmed
from hutong.local.services import SERVICES
from hutong.privacy.contact import contact_token
from hutong.privacy.keys import read_identity_keys
from hutong.privacy.mask import mask
from hutong.privacy.seal import Binding, Identity, unseal
from hutong.readmodels import all_models
from hutong.readmodels.identity.queries import of_issue as identity_of
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong.store import connect
from tests.fixtures.router_process import wait_until
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

IDENTITY = "11010519491231002X"
WRONG_IDENTITY = "110105194912310029"
PHONE = "13912345678"
NAME = "金丝雀某某"
TEXT = "金丝雀在此鸣叫三声"
#: Said as `reporter` alone, so in plain nowhere.
WHO, TOLD, HOME = "金丝鸟林某", "金丝鸟陈某", "金丝雀巷7号501"
WRONG_KEY = "hk_canary-not-a-key-9d1f"

#: Never in an answer, whatever it answers. Names, phones and texts are the sender's own, and only
#: their places are told anyway.
NEVER_ANSWERED = (IDENTITY, IDENTITY[:-1], WRONG_IDENTITY, WRONG_KEY)

FIELDS = ("body", "subject", "contact", "actor", "reference", "area", "intent", "event_id")
PLACES = ("occurred_at", "media", "place", "reporter", "handled_on_the_spot")
PARTS = {
    "reporter": ("name", "phone", "home"),
    "place": ("lon", "lat", "datum", "address"),
    "handled_on_the_spot": ("result", "text"),
}


def good(**more: Any) -> dict[str, Any]:
    return {"occurred_at": datetime.now(UTC).isoformat(), "body": f"路灯不亮 {TEXT}", **more}


def bodies(canary: str) -> Iterator[bytes]:
    """Reports with a canary in every place, right and wrong, and in ways that break reading."""
    for name in (*FIELDS, *PLACES):
        yield json.dumps(good(**{name: canary})).encode()
    for part, names in PARTS.items():
        for name in names:
            yield json.dumps(good(**{part: {name: canary}})).encode()
    yield json.dumps(good(**{canary: canary})).encode()
    yield json.dumps(good(reporter={canary: canary})).encode()
    yield json.dumps(good(media=[canary])).encode()
    yield json.dumps(good(idempotency_key=canary)).encode()
    text = json.dumps(good(body=canary), ensure_ascii=False)
    yield text.encode()[:-3]
    yield text.encode("gb18030") + b"\xff"
    yield text.replace(canary, canary + "\\ud800").encode()
    yield text.replace(canary, canary + "\\u0000").encode()
    yield text.replace("{", f'{{"{canary}":1,"{canary}":2,', 1).encode()
    yield f'{{"{canary}": NaN}}'.encode()
    yield f"[{canary}]".encode()
    yield canary.encode()
    yield ("[" * 20 + f'"{canary}"').encode()


def requests(whole: Whole, canary: str) -> Iterator[httpx.Response]:
    """Everything that can be asked with it."""
    reports = f"{whole.stack.intake_url}/v1/reports"
    headers = whole.headers("grid")
    ascii_canary = canary if canary.isascii() else quote(canary)
    sent = list(bodies(canary))
    for content in sent:
        yield whole.http.post(reports, content=content, headers=headers)
    ndjson = {**headers, "Content-Type": "application/x-ndjson"}
    yield whole.http.post(f"{reports}:batch", content=b"\n".join(sent), headers=ndjson)
    for name in ("Idempotency-Key", "Content-Type", "Accept", "Content-Encoding", "traceparent"):
        content = json.dumps(good()).encode()
        yield whole.http.post(reports, content=content, headers={**headers, name: ascii_canary})
    for credentials in ({"X-API-Key": ascii_canary}, {"Authorization": f"Bearer {ascii_canary}"}):
        yield whole.http.post(reports, json=good(), headers=credentials)
    for path in (f"/{ascii_canary}", f"/v1/reports/{ascii_canary}", f"/v1/reports?{ascii_canary}"):
        for method in ("GET", "DELETE"):
            yield whole.http.request(method, whole.stack.intake_url + path, headers=headers)


def hutong(whole: Whole, *arguments: str) -> str:
    """What a command prints."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("HUTONG")}
    done = subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", *arguments],
        env={**mine, "HUTONG_DATA": str(whole.stack.data), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def nobody_told(whole: Whole, canaries: Sequence[str]) -> None:
    """Neither metrics nor what is said of dead letters has a canary.

    `show` is for whoever has to find out what a sender has done wrong: the key, the headers, the
    first bytes of what cannot be read, and an event's text are shown as they came; nothing else is.
    """
    secrets = (*canaries, IDENTITY[:-1], whole.headers("grid")["X-API-Key"])
    for service in SERVICES:
        metrics = whole.http.get(f"{whole.stack.url(service)}/metrics")
        assert metrics.status_code == 200, service
        assert [s for s in secrets if s in metrics.text] == [], service
    listed = hutong(whole, "dead-letters", "list", "--limit", "1000")
    assert [s for s in secrets if s in listed] == []
    letters = hutong(whole, "dead-letters", "list", "--limit", "1000", "--json").splitlines()
    assert len(letters) > len(canaries)
    as_they_came = ("key", "headers", "hex", "body")
    for letter in map(json.loads, letters):
        told = {name: value for name, value in letter.items() if name not in as_they_came}
        assert [s for s in secrets if s in json.dumps(told, ensure_ascii=False)] == [], told
    [readable] = [letter for letter in map(json.loads, letters) if TEXT in str(letter["body"])]
    shown = hutong(whole, "dead-letters", "show", readable["place"])
    assert TEXT in shown
    assert [s for s in secrets if s in shown] == [TEXT]


def test_identity_numbers_and_keys_are_in_no_answer_and_nothing_personal_in_a_log(
    whole: Whole,
) -> None:
    """Given canaries in every field, header and address, none is where it must not be."""
    canaries = (IDENTITY, WRONG_IDENTITY, PHONE, NAME, TEXT, WRONG_KEY)
    accepted: list[str] = []
    statuses = set()
    for answer in itertools.chain.from_iterable(requests(whole, canary) for canary in canaries):
        statuses.add(answer.status_code)
        assert answer.status_code < 500
        for never in (*NEVER_ANSWERED, whole.headers("grid")["X-API-Key"]):
            assert never not in answer.text
            assert never not in str(answer.headers)
        if answer.status_code == 202:
            accepted.append(answer.json()["issue_id"])
    assert {200, 202, 400, 401, 404, 405, 406, 415, 422} <= statuses
    whole.wait(accepted)

    # The router's dead letters, and what the pages are asked for.
    headers = {"ce_type": "hutong.issue.IssueReported"}
    dead = [
        OutRecord("reports-app", (key or new_id()).encode(), value.encode(), headers)
        for canary in canaries
        for key, value in ((canary, canary * 20), ("", "\0\0\0\0\x01" + canary * 20))
    ]
    named = good(reporter={"name": NAME, "phone": PHONE})
    places = whole.places()
    whole.wait([whole.accepted(named, channel="grid")])
    [event] = places.written("reports-grid")
    dead.append(OutRecord("reports-app", new_id().encode(), event.value or b"", headers))
    places = whole.places()
    send_confirmed(whole.stack.kafka, dead)
    wait_until(
        lambda: len(places.written("dead-letters")) == len(dead),
        20,
        lambda: f"{len(places.written('dead-letters'))} of {len(dead)} dead letters",
    )
    for issue_id in accepted[::5]:
        assert whole.http.get(f"{whole.stack.web_url}/issues/{issue_id}").status_code == 200
    for canary in canaries:
        for path in ("/r/", "/issues/", "/search?q=", "/?category=", "/"):
            page = whole.http.get(whole.stack.web_url + path + quote(canary))
            assert page.status_code < 500

    nobody_told(whole, canaries)

    time.sleep(1)
    secrets = (*canaries, IDENTITY[:-1], whole.headers("grid")["X-API-Key"])
    for name, log in whole.logs().items():
        for secret in secrets:
            for form in (secret, quote(secret), json.dumps(secret)[1:-1]):
                assert form not in log, f"{name} has {secret}"


def test_numbers_stay_in_the_log_and_identity_is_nowhere_in_plain(whole: Whole) -> None:
    """Given a citizen who says who he is and writes his numbers into every text, departments, read
    models, pages and commands have none of them; topics have the texts, and nobody's name.
    """
    told = f"停水，请回电{PHONE}，身份证{IDENTITY}"
    sent = good(
        subject=f"自来水管爆裂 {PHONE}",
        body=f"槐荫路与井巷交叉口东侧自来水管爆裂，附近三栋楼停水，请尽快抢修。{told}",
        place={"address": f"槐荫路，电话{PHONE}"},
        reporter={"name": WHO, "phone": PHONE, "home": HOME},
    )
    places = whole.places()
    issue_id = whole.accepted(sent, channel="hotline")
    whole.wait([issue_id])
    numbers, who = (PHONE, IDENTITY), (WHO, HOME, f"+86{PHONE}")
    orders = [
        kept.value or b""
        for department in load_city().departments
        for kept in places.written(f"dept-{department}")
        if kept.key == issue_id.encode()
    ]
    assert orders
    for order in orders:
        body = default_codec().decode(order).body
        assert body["contact"] == contact_token(issue_id)
        assert body["body"].endswith(mask(told))
        assert [s for s in (*numbers, *who) if s.encode() in order] == []

    log = [kept.value or b"" for kept in places.written("issues")]
    assert any(PHONE.encode() in value and IDENTITY.encode() in value for value in log)
    for topic in ("reports-hotline", "issues"):
        for kept in places.written(topic):
            assert [s for s in who if s.encode() in (kept.value or b"")] == [], topic

    with connect(whole.stack.database_url) as connection:
        for model in all_models():
            for table in model.tables:
                query = sql.SQL("SELECT row_to_json(t)::text FROM {} t").format(
                    sql.Identifier(table.name)
                )
                rows = "".join(row for (row,) in connection.execute(query))
                assert [s for s in (*numbers, *who) if s in rows] == [], table.name
        [box] = identity_of(connection, issue_id)
    keys = read_identity_keys(whole.stack.data / "identity-keys.toml")
    binding = Binding("IssueReported", issue_id, issue_id)
    opened = unseal(keys, Sealed(key=box.key_id, box=box.box), binding)
    assert opened == Identity(WHO, f"+86{PHONE}", HOME)

    page = whole.http.get(f"{whole.stack.web_url}/issues/{issue_id}")
    assert page.status_code == 200
    assert mask(PHONE) in page.text
    shown = hutong(whole, "issue", "show", issue_id)
    shown += hutong(whole, "issue", "show", issue_id, "--json")
    assert mask(told) in shown
    shown += page.text
    assert [s for s in (*numbers, *who) if s in shown] == []


def test_who_reported_is_told_once_the_log_says_so_and_to_nobody_else(whole: Whole) -> None:
    """Given a report with an identity, the lead and the desk get it for a purpose; each look is in
    the log, on the page, in `hutong identity reveals` and in a metric, and the values are in none.
    """
    sent = good(
        body="槐荫路与井巷交叉口东侧自来水管爆裂，附近三栋楼停水，请尽快抢修。",
        reporter={"name": TOLD, "phone": PHONE, "home": HOME},
    )
    issue_id = whole.accepted(sent, channel="hotline")
    whole.wait([issue_id])
    lead = whole.issue(issue_id).lead
    others = [
        d for d in load_city().departments if d not in {lead, *whole.issue(issue_id).co_owners}
    ]
    url = f"{whole.stack.intake_url}/v1/issues/{issue_id}/actions/reveal"
    asked = {"by": "clerk:0217", "purpose": "call-back", "fields": ["name", "phone"]}
    places = whole.places()

    for principal, status in ((f"dept:{others[0]}", 404), ("hotline", 403), ("grid", 403)):
        answer = whole.http.post(url, json=asked, headers=whole.headers(principal))
        assert answer.status_code == status, answer.text
        assert TOLD not in answer.text
    assert places.written("desk") == []
    for principal in (f"dept:{lead}", "desk"):
        answer = whole.http.post(url, json=asked, headers=whole.headers(principal))
        assert answer.status_code == 202, answer.text
        assert answer.json()["revealed"] == {"name": TOLD, "phone": f"+86{PHONE}"}
        assert answer.headers["cache-control"] == "no-store"

    def looks() -> list[TimelineEntry]:
        return [e for e in whole.timeline(issue_id) if e.name == "IdentityRevealed"]

    wait_until(lambda: len(looks()) == 2, 20, lambda: f"{len(looks())} of 2 looks")
    assert [(e.principal, e.actor, e.verdict) for e in looks()] == [
        (f"dept:{lead}", "clerk:0217", "applied"),
        ("desk", "clerk:0217", "applied"),
    ]
    listed = hutong(whole, "identity", "reveals", "--since", "1h")
    assert listed.count(issue_id) == 2
    assert "回电联系 call-back  name,phone" in listed
    page = whole.http.get(f"{whole.stack.web_url}/issues/{issue_id}").text
    assert page.count("查看诉求人身份") >= 2
    metrics = whole.http.get(f"{whole.stack.intake_url}/metrics").text
    assert f'hutong_intake_identities_revealed_total{{principal="dept:{lead}"}}' in metrics
    shown = listed + page + metrics + hutong(whole, "issue", "show", issue_id, "--json")
    shown += "".join(whole.logs().values())
    for topic in ("issues", "desk", f"handling-{lead}", "dead-letters"):
        shown += "".join(
            (kept.value or b"").decode("utf-8", "replace") for kept in places.written(topic)
        )
    assert TOLD not in shown
    assert HOME not in shown
