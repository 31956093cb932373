"""FAULTS.md rows 30 to 45: keys, repeats, batches, and a log that does not answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from hutong.city import City
from hutong.events.fields import Place
from hutong.events.ids import derived_id
from hutong.events.receipt import Receipt
from hutong.keys import REPORTS_READ, REPORTS_WRITE
from hutong.privacy.contact import contact_token
from hutong.privacy.seal import Binding, Identity, seal
from tests.fixtures.identity import KEYS
from tests.fixtures.intake_api import GOOD, NOW, IntakeApi, codes

DEVICE_ID = "0197a6c2-4f00-7a11-9c55-1b2f00c0ffee"
KEY = {"Idempotency-Key": "k-1"}


def test_the_answer_says_where_the_report_is(api: IntakeApi) -> None:
    answer = api.post(GOOD, KEY)
    assert answer.status_code == 202
    [(record, place)] = api.log.records
    issue_id = derived_id("report", "app", "k-1")
    assert answer.json() == {
        "receipt": answer.json()["receipt"],
        "issue_id": issue_id,
        "status": "accepted",
        "received_at": "2026-11-22T18:31:44.000+08:00",
        "copies": {
            "count": 1,
            "text_zh": "目前只有一份，没有副本。",
            "text_en": "There is one copy and no other.",
        },
        "warnings": [],
    }
    assert answer.json()["receipt"].startswith(f"03-{place.partition:02}-00000000-")
    assert answer.headers["location"] == f"/v1/reports/{answer.json()['receipt']}"
    assert record.topic == "reports-app"
    assert record.key == issue_id.encode()
    assert record.headers == (("ce_type", b"hutong.issue.IssueReported"),)


def test_a_good_traceparent_goes_along_and_a_bad_one_does_not(api: IntakeApi) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    api.post(GOOD, {"traceparent": trace})
    api.post(GOOD, {"traceparent": trace + "x"})
    first, second = (dict(record.headers) for record, _ in api.log.records)
    assert first["traceparent"] == trace.encode()
    assert "traceparent" not in second


def test_row_30_same_key_and_body(api: IntakeApi) -> None:
    """The same Idempotency-Key with the same body, however spaced and ordered.

    Gets: 202 with the same receipt and `Idempotent-Replayed: true`; one event.
    """
    first = api.post(GOOD, KEY)
    spaced = json.dumps({name: GOOD[name] for name in sorted(GOOD)}, indent=3).encode()
    again = api.post(spaced, {"Idempotency-Key": '"k-1"'})
    assert again.status_code == 202
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.log.records) == 1


def test_row_30_same_event_id_and_body(api: IntakeApi) -> None:
    """The same event_id with the same body."""
    first, again = (api.post({**GOOD, "event_id": DEVICE_ID}) for _ in range(2))
    assert first.json() == again.json()
    assert first.json()["issue_id"] == DEVICE_ID
    assert len(api.log.records) == 1


def test_row_30_after_a_restart_the_same_bytes_are_written(api: IntakeApi) -> None:
    """The same key again after a restart of intake.

    Gets: 202 with the same issue id; the log gets the same bytes once more, and the fold counts
    them once.
    """
    api.post(GOOD, KEY)
    api.restart()
    api.now += 3_600_000
    api.post(GOOD, KEY)
    (first, _), (second, _) = api.log.records
    assert first == second


def test_row_30_keys_of_two_channels_are_two_keys(api: IntakeApi) -> None:
    """The same key from two channels.

    Gets: 202 each: keys belong to their channel.
    """
    first, second = (api.post(GOOD, KEY, channel=channel) for channel in ("app", "hotline"))
    assert first.json()["issue_id"] != second.json()["issue_id"]


def test_row_31_same_key_other_body(api: IntakeApi) -> None:
    """The same key, or event_id, with another body.

    Gets: 422 `key-reused`; nothing is written. Best effort from memory: after a restart the fold
    is the judge, and the first report stands.
    """
    api.post(GOOD, KEY)
    answer = api.post({**GOOD, "body": "别的事"}, KEY)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:hutong:problem:key-reused"
    assert len(api.log.records) == 1
    api.post({**GOOD, "event_id": DEVICE_ID})
    answer = api.post({**GOOD, "event_id": DEVICE_ID, "body": "别的事"})
    assert answer.json()["type"] == "urn:hutong:problem:key-reused"
    assert len(api.log.records) == 2


@pytest.mark.parametrize("key", ["", "a b", '"', "x" * 201, "键"])
def test_keys_that_are_none(api: IntakeApi, key: str) -> None:
    sent = {"X-API-Key": "hk_app", "Content-Type": "application/json"}
    headers = [(n.encode(), v.encode()) for n, v in {**sent, "Idempotency-Key": key}.items()]
    content = json.dumps(GOOD).encode()
    answer = api.run(lambda c: c.post("/v1/reports", content=content, headers=headers))
    assert answer.status_code == 400
    assert codes(answer) == {"Idempotency-Key": "not_a_key"}


def test_row_32_the_second_waits_while_the_first_is_on_its_way(api: IntakeApi) -> None:
    """The same key while the first request is still on its way.

    Gets: The second waits and gets the first one's receipt; one event.

    Why: Waiting rather than 409: the sender wants the receipt, and a 409 would make every client
    write a loop to get it.
    """
    api.log.hold()

    async def scenario(client: httpx.AsyncClient) -> list[httpx.Response]:
        posts = [asyncio.create_task(_post(client)) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert not any(post.done() for post in posts)
        api.log.release()
        return await asyncio.gather(*posts)

    first, second = api.run(scenario)
    assert first.json() == second.json()
    assert len(api.log.records) == 1


def test_row_33_a_thousand_parallel_posts_of_one_key(api: IntakeApi) -> None:
    """1,000 parallel posts of one key.

    Gets: 202 with the same receipt to each; exactly one event.
    """

    async def scenario(client: httpx.AsyncClient) -> list[httpx.Response]:
        return await asyncio.gather(*(_post(client) for _ in range(1_000)))

    answers = api.run(scenario)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert len(api.log.records) == 1


def test_row_34_event_id_of_another_channel(api: IntakeApi) -> None:
    """An event_id that another channel has used.

    Gets: 409 `id-of-another-channel`, which does not say whose; an alert
    (`hutong_intake_foreign_ids_total` and a log line). Nothing is written.

    Why: 409 from memory is best effort. An intake that has not seen the first takes the second,
    and the fold lets the first stand: one issue, of the first channel.
    """
    api.post({**GOOD, "event_id": DEVICE_ID})
    answer = api.post({**GOOD, "event_id": DEVICE_ID}, channel="hotline")
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:hutong:problem:id-of-another-channel"
    assert '"app"' not in answer.text
    assert api.alerts == [DEVICE_ID]
    assert len(api.log.records) == 1


def test_row_35_fifty_citizens_with_the_same_words_are_fifty_reports(api: IntakeApi) -> None:
    """The same words from 50 citizens.

    Gets: 50 receipts and 50 issues, none dropped.
    """
    for number in range(50):
        assert api.post(GOOD, {"Idempotency-Key": f"citizen-{number}"}).status_code == 202
    assert len({record.key for record, _ in api.log.records}) == 50


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "hk_wrong"},
        {"X-API-Key": ""},
        {"Authorization": "Bearer hk_wrong"},
        {"Authorization": "Basic aGtfYXBwOg=="},
        {"Authorization": "hk_app"},
    ],
)
def test_row_36_no_or_wrong_key(api: IntakeApi, headers: dict[str, str]) -> None:
    """No API key, or a wrong, expired or revoked one.

    Gets: 401, the same for a key that is unknown and one that is wrong; it is never repeated.
    """
    sent = {"Content-Type": "application/json", **headers}
    content = json.dumps(GOOD).encode()
    answer = api.run(lambda c: c.post("/v1/reports", content=content, headers=sent))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "hk_wrong" not in answer.text


def test_row_36_revoked_key(api: IntakeApi) -> None:
    api.revoke("app")
    assert api.post(GOOD).status_code == 401


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("GET", {"scopes": frozenset({REPORTS_WRITE})}),
        ("POST", {"scopes": frozenset({REPORTS_READ})}),
        ("POST", {"principal": "dept:water"}),
        ("GET", {"principal": "dept:water"}),
        ("POST", {"principal": "channel:import"}),
    ],
)
def test_row_36_a_key_that_may_not_do_this(
    api: IntakeApi, method: str, changes: dict[str, Any]
) -> None:
    """A good key that may not do this: of another scope, of a department, of a channel that does
    not report over HTTP.

    Gets: 403 `forbidden`; nothing is written or shown.
    """
    receipt = api.post(GOOD).json()["receipt"]
    api.keys = [replace(key, **changes) if key.id == "app" else key for key in api.keys]
    path = "/v1/reports" if method == "POST" else f"/v1/reports/{receipt}"
    answer = api.request(method, path, json.dumps(GOOD).encode() if method == "POST" else None)
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("forbidden")
    assert receipt not in answer.text.replace(path, "")
    assert len(api.log.records) == 1


def test_row_36_a_bearer_token_is_as_good(api: IntakeApi) -> None:
    sent = {"Content-Type": "application/json", "Authorization": "bearer hk_app"}
    content = json.dumps(GOOD).encode()
    answer = api.run(lambda c: c.post("/v1/reports", content=content, headers=sent))
    assert answer.status_code == 202


def test_row_38_a_receipt_of_another_channel_is_not_there(api: IntakeApi) -> None:
    """The receipt of a report of another channel.

    Gets: 404 `not-found`, the same words as for one that never was: nobody can find out what
    others reported.
    """
    receipt = api.post(GOOD).json()["receipt"]
    assert api.request("GET", f"/v1/reports/{receipt}").status_code == 200
    other = api.request("GET", f"/v1/reports/{receipt}", channel="hotline")
    never = api.request("GET", f"/v1/reports/{Receipt(3, 0, 9_999)}")
    assert (other.status_code, never.status_code) == (404, 404)
    for name in ("type", "title", "detail", "status"):
        assert other.json()[name] == never.json()[name]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/v1/reports", 405),
        ("DELETE", "/v1/reports/03-00-00000000-0", 405),
        ("GET", "/v1/nothing", 404),
        ("POST", "/v1/reports/", 404),
        ("GET", "/", 404),
    ],
)
def test_row_40_unknown_routes_and_methods(
    api: IntakeApi, method: str, path: str, status: int
) -> None:
    """An address or a method that is not there.

    Gets: 404 `not-found` or 405 `method-not-allowed` with `Allow`, as JSON in both languages.
    """
    answer = api.request(method, path)
    assert answer.status_code == status
    assert ("allow" in answer.headers) == (status == 405)
    assert answer.json()["title_zh"]
    assert answer.json()["title_en"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_row_40_answers_that_cannot_be_given(api: IntakeApi) -> None:
    """An Accept header without JSON.

    Gets: 406 `not-acceptable`.
    """
    assert api.post(GOOD, {"Accept": "text/html"}).status_code == 406
    assert api.post(GOOD, {"Accept": "text/html, */*;q=0.1"}).status_code == 202


def test_row_43_one_bad_line_of_five_hundred(api: IntakeApi) -> None:
    """A batch of 500 lines, one of them bad.

    Gets: 200 with an answer for each line in order: the good ones have their receipts, the bad
    one its problem.
    """
    lines = [json.dumps({**GOOD, "idempotency_key": f"b-{n}"}).encode() for n in range(500)]
    lines[250] = b'{"body": "' + "水管爆裂".encode("gb18030") + b'"}'
    answer = api.post_batch(lines)
    assert answer.status_code == 200
    answers = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["line"] for each in answers] == list(range(1, 501))
    assert [each["line"] for each in answers if each["status"] != 202] == [251]
    assert answers[250]["problem"]["errors"][0]["code"] == "not_utf_8"
    ids = [each["report"]["issue_id"] for each in answers if each["status"] == 202]
    assert ids == [record.key.decode() for record, _ in api.log.records]
    assert ids[0] == derived_id("report", "app", "b-0")
    assert api.post_batch(lines[:5]).text == "\n".join(answer.text.splitlines()[:5]) + "\n"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"body": "a', "not_json"),
        (b"[" * 10_000, "too_deep"),
        (b'{"body": "a", "body": "b"}', "duplicate_key"),
        (b'{"place": {"lon": NaN}}', "not_a_number"),
        (b'{"event_id": 9007199254740993}', "number_too_large"),
        (b"5", "not_an_object"),
        (b'{"body": "\xff"}', "not_utf_8"),
        (b'{"body": "\\ud800"}', "lone_surrogate"),
        (b'{"body": "\\u0000"}', "nul"),
        (b'{"body": "a", "occurred_at": "2026-11-22"}', "not_a_time"),
        (b'{"body": " ", "occurred_at": "2026-11-22T10:00:00Z"}', "no_content"),
        (b'{"body": "a", "occurred_at": "2026-11-22T10:00:00Z", "area": "x"}', "unknown_area"),
        (b'{"idempotency_key": 5, "body": "a"}', "not_text"),
        (b'{"idempotency_key": "a b", "body": "a"}', "not_a_key"),
    ],
)
def test_row_43_a_bad_line_gets_what_a_bad_report_gets(
    api: IntakeApi, line: bytes, code: str
) -> None:
    """A line of a batch with any fault that a single report may have.

    Gets: the problem that the report alone would get, in that line's answer; its neighbours are
    kept.
    """
    good = json.dumps(GOOD).encode()
    answers = [json.loads(text) for text in api.post_batch([good, line, good]).text.splitlines()]
    assert [answer["status"] for answer in answers][::2] == [202, 202]
    assert answers[1]["status"] in (400, 422)
    assert [fault["code"] for fault in answers[1]["problem"]["errors"]] == [code]
    assert len(api.log.records) == 2


def test_row_43_keys_in_a_batch(api: IntakeApi) -> None:
    """One key twice in a batch, with the same and with another report; a key as a header.

    Gets: the same receipt, and 422 in that line; a header for a whole batch is 400.
    """
    report = {**GOOD, "idempotency_key": "k"}
    lines = [json.dumps(each).encode() for each in (report, report, {**report, "body": "别的"})]
    first, again, other = map(json.loads, api.post_batch(lines).text.splitlines())
    assert first["report"]["receipt"] == again["report"]["receipt"]
    assert other["status"] == 422
    assert len(api.log.records) == 1
    answer = api.request("POST", "/v1/reports:batch", lines[0], KEY, media="application/x-ndjson")
    assert answer.status_code == 400


def test_row_43_batch_limits(api: IntakeApi) -> None:
    """A batch of 1,001 lines, of 5 MiB, of nothing, or with a line over 256 KiB.

    Gets: 413 or 400 for the whole, and nothing is written; a line that is too long is refused
    alone.
    """
    line = json.dumps(GOOD).encode()
    assert api.post_batch([line] * 1_001).status_code == 413
    assert api.post_batch([b"", b" "]).status_code == 400
    assert api.log.records == []
    [first, second] = api.post_batch([b" " * 300_000 + line, line]).text.splitlines()
    assert (json.loads(first)["status"], json.loads(second)["status"]) == (413, 202)
    assert api.post_batch([b" " * (5 * 1024 * 1024)]).status_code == 413
    assert api.request("POST", "/v1/reports:batch", line).status_code == 415


def test_row_44_no_confirmation(api: IntakeApi) -> None:
    """A broker that does not confirm.

    Gets: 503 `not-confirmed` with `Retry-After`, `outcome: unknown` and the issue id; sending
    again with the same key is safe. Never 2xx.
    """
    api.log.down = True
    answer = api.post(GOOD, KEY)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["outcome"] == "unknown"
    assert answer.json()["issue_id"] == derived_id("report", "app", "k-1")
    assert "same key is safe" in answer.json()["detail_en"]
    api.log.down = False
    assert api.post(GOOD, KEY).status_code == 202


def test_row_44_without_a_key_the_answer_says_how_to_repeat(api: IntakeApi) -> None:
    """The same for a report without a key.

    Gets: The answer asks for the issue id as event_id of the next try.
    """
    api.log.down = True
    issue_id = api.post(GOOD).json()["issue_id"]
    api.log.down = False
    again = api.post({**GOOD, "event_id": issue_id})
    assert again.json()["issue_id"] == issue_id


def test_row_44_a_batch_that_got_nowhere_is_no_success(api: IntakeApi) -> None:
    """A batch of which no line is confirmed.

    Gets: 503 for the whole.
    """
    api.log.down = True
    answer = api.post_batch([json.dumps(GOOD).encode()] * 3)
    assert answer.status_code == 503
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [503] * 3


def test_too_much_on_its_way_is_refused_before_anything_is_sent(city: City) -> None:
    api = IntakeApi(city, in_flight=2)
    answer = api.post_batch([json.dumps(GOOD).encode()] * 3)
    problem = json.loads(answer.text.splitlines()[2])["problem"]
    assert problem["type"] == "urn:hutong:problem:busy"
    assert len(api.log.records) == 2


def test_row_45_a_sender_that_hangs_up(api: IntakeApi) -> None:
    """A sender that hangs up after sending.

    Gets: The event is kept once; a retry with the same key returns its receipt.
    """
    api.log.hold()

    async def scenario(client: httpx.AsyncClient) -> httpx.Response:
        post = asyncio.create_task(_post(client))
        await asyncio.sleep(0.05)
        post.cancel()
        await asyncio.sleep(0)
        again = asyncio.create_task(_post(client))
        await asyncio.sleep(0.05)
        api.log.release()
        return await again

    assert api.run(scenario).status_code == 202
    assert len(api.log.records) == 1


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr, en;q=0.2, zh-CN;q=0.5", "zh"),
        ("fr", "zh"),
        ("en;q=x", "zh"),
    ],
)
def test_the_askers_language(api: IntakeApi, header: str | None, language: str) -> None:
    answer = api.post(b"", {"Accept-Language": header} if header else None)
    problem = answer.json()
    assert problem["title"] == problem[f"title_{language}"]
    assert problem["detail"] == problem[f"detail_{language}"]


def test_the_event_is_what_was_sent(api: IntakeApi) -> None:
    report = {
        **GOOD,
        "area": "east",
        "place": {"lon": 116.0262, "lat": 36.4268, "datum": "WGS84", "address": "槐荫路"},
        "contact": "c-7Q2M9X",
        "reporter": {"name": "陈安", "phone": "13000000000", "home": "3栋2单元501"},
        "actor": "hotline-clerk:0217",
        "intent": "help",
        "media": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        "reference": "2026-1122-0042",
        "subject": "槐荫路自来水管爆裂",
        "event_id": DEVICE_ID,
    }
    [photo] = report["media"]
    assert codes(api.post(report, channel="hotline")) == {"media.0": "unknown_file"}
    api.photos.put(photo, b"test")
    assert api.post(report, channel="hotline").status_code == 202
    who = Identity("陈安", "+8613000000000", "3栋2单元501")
    sealed = seal(KEYS, who, Binding("IssueReported", DEVICE_ID, DEVICE_ID))
    assert api.bodies() == [
        {
            "head": {
                "event_id": DEVICE_ID,
                "issue_id": DEVICE_ID,
                "occurred_at": NOW,
                "actor": "hotline-clerk:0217",
                "area": "east",
                "causation_id": None,
            },
            "channel": "hotline",
            "reference": "2026-1122-0042",
            "place": {"lon": 116.0262, "lat": 36.4268, "address": "槐荫路"},
            "contact": "c-7Q2M9X",
            "intent": "help",
            "media": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
            "handled_on_the_spot": None,
            "reporter": sealed.model_dump(),
            "subject": "槐荫路自来水管爆裂",
            "body": GOOD["body"],
        }
    ]


async def _post(client: httpx.AsyncClient) -> httpx.Response:
    headers = {"X-API-Key": "hk_app", "Content-Type": "application/json", **KEY}
    return await client.post("/v1/reports", content=json.dumps(GOOD).encode(), headers=headers)


def test_an_event_that_does_not_fit_says_so_without_its_content() -> None:
    with pytest.raises(ValidationError) as caught:
        Place(address="陈安" * 200)
    assert "陈安" not in str(caught.value)


def test_who_reported_is_never_in_the_log_in_plain(api: IntakeApi) -> None:
    who = {"name": "陈安", "phone": "13000000000", "home": "3栋2单元501"}
    assert api.post({**GOOD, "reporter": who}).status_code == 202
    [(record, _)] = api.log.records
    for secret in ("陈安", "13000000000", "3栋2单元501"):
        assert secret.encode() not in record.value


def test_a_retry_seals_the_same_bytes_whatever_forgot_it(api: IntakeApi) -> None:
    report = {**GOOD, "reporter": {"phone": "13000000000"}}
    assert api.post(report, KEY).status_code == 202
    api.restart()
    assert api.post(report, KEY).status_code == 202
    first, second = (record.value for record, _ in api.log.records)
    assert first == second


def test_a_reporter_without_a_contact_gets_a_token_of_the_issue(api: IntakeApi) -> None:
    for reporter in ({"phone": "13000000000"}, {"name": ""}, None):
        assert api.post({**GOOD, "reporter": reporter}).status_code == 202
    named, *unnamed = api.bodies()
    assert named["contact"] == contact_token(named["head"]["issue_id"])
    assert [(body["contact"], body["reporter"]) for body in unnamed] == [(None, None)] * 2


def test_an_intake_without_identity_keys_takes_no_identity(api: IntakeApi) -> None:
    api.identity_keys = None
    api.restart()
    answer = api.post({**GOOD, "reporter": {"phone": "13000000000"}})
    assert (answer.status_code, codes(answer)) == (400, {"reporter": "identity_not_taken"})
    assert api.log.records == []
    assert api.post({**GOOD, "reporter": {"phone": ""}}).status_code == 202
