from __future__ import annotations

import json

import httpx
from hutong_intake.log import Appended, Outgoing
from hutong_intake.verbs import VERBS

from hutong.events.receipt import Receipt
from hutong.readmodels.issue_current.queries import IssueCurrent
from tests.fixtures.intake_api import GOOD, NOW, IntakeApi, codes


def issue(receipt: str, issue_id: str, channel: str = "app") -> IssueCurrent:
    return IssueCurrent(
        issue_id=issue_id,
        receipt=receipt,
        channel=channel,
        origin="live",
        status="dispatched",
        area="east",
        street="east",
        category="utilities.water",
        item="water-burst",
        kind="service",
        intent="help",
        tier="urgent",
        lead="water-co",
        co_owners=[],
        hop=1,
        subject="槐荫路自来水管爆裂",
        lon=None,
        lat=None,
        address=None,
        reported_at=NOW,
        dispatched_at=NOW + 90,
        accepted_at=None,
        responded_at=None,
        resolved_at=None,
        unresolvable=False,
        closed_at=None,
        applied=2,
        on_the_spot=False,
        result=None,
        verified_at=None,
        returns=0,
        rework=0,
        master=None,
        children=0,
        dispatch_due_at=None,
        accept_due_at=None,
        respond_due_at=None,
        resolve_due_at=None,
        accept_late=None,
        respond_late=None,
        resolve_late=None,
        solved=None,
        satisfied=None,
        turn_at=None,
    )


def test_accepted_until_it_is_in_the_read_model(api: IntakeApi) -> None:
    sent = api.post(GOOD).json()
    path = f"/v1/reports/{sent['receipt']}"
    assert api.request("GET", path).json() == {
        "receipt": sent["receipt"],
        "issue_id": sent["issue_id"],
        "status": "accepted",
    }
    api.status.issues = [issue(sent["receipt"], sent["issue_id"])]
    answer = api.request("GET", path.replace("-", ""))
    assert answer.json() == {
        "receipt": sent["receipt"],
        "issue_id": sent["issue_id"],
        "status": "dispatched",
        "category": "utilities.water",
        "department": "water-co",
        "reported_at": "2026-11-22T18:31:44.000+08:00",
        "dispatched_at": "2026-11-22T18:31:44.090+08:00",
        "accepted_at": None,
        "responded_at": None,
        "resolved_at": None,
        "closed_at": None,
    }


def test_a_repeats_own_receipt_finds_the_same_issue(api: IntakeApi) -> None:
    key = {"Idempotency-Key": "k"}
    first = api.post(GOOD, key).json()
    api.restart()
    second = api.post(GOOD, key).json()
    assert second["receipt"] != first["receipt"]
    api.status.issues = [issue(first["receipt"], first["issue_id"])]
    answer = api.request("GET", f"/v1/reports/{second['receipt']}").json()
    assert (answer["receipt"], answer["status"]) == (second["receipt"], "dispatched")


def test_an_issue_that_began_in_another_channel_is_not_there(api: IntakeApi) -> None:
    sent = api.post(GOOD).json()
    api.status.issues = [issue("02-00-00000000-0", sent["issue_id"], "hotline")]
    assert api.request("GET", f"/v1/reports/{sent['receipt']}").status_code == 404


def test_a_key_that_is_no_issue_is_not_told(api: IntakeApi) -> None:
    """Another program may have written anything to the topic; its bytes are not ours to repeat."""
    for key in ("hk_secret", "ISSUE", "0" * 36):
        record = Outgoing("reports-app", key.encode(), b"x", ())

        async def put(_client: httpx.AsyncClient, record: Outgoing = record) -> Appended:
            return await api.log.append(record)

        place = api.run(put)
        answer = api.request("GET", f"/v1/reports/{Receipt(3, place.partition, place.offset)}")
        assert answer.status_code == 404
        assert key not in answer.text


def test_wrong_check_digit(api: IntakeApi) -> None:
    receipt = api.post(GOOD).json()["receipt"]
    wrong = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    answer = api.request("GET", f"/v1/reports/{wrong}")
    assert answer.status_code == 400
    assert codes(answer) == {"receipt": "bad_check_digit"}
    for text in ("nonsense", "03-0-1-1", "%00", "٠٣-٠٠-٠٠٠٠٠٠٠٠-٠", "03-99-" + "9" * 18 + "-1"):
        assert api.request("GET", f"/v1/reports/{text}").status_code in (400, 404)


def test_posting_works_while_postgresql_is_down(api: IntakeApi) -> None:
    api.status.issues = None
    sent = api.post(GOOD)
    assert sent.status_code == 202
    answer = api.request("GET", f"/v1/reports/{sent.json()['receipt']}")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert api.request("GET", "/readyz").status_code == 200
    assert api.request("GET", "/readyz").json()["postgresql"].startswith("down")


def test_not_ready_while_kafka_is_down(api: IntakeApi) -> None:
    assert api.request("GET", "/readyz").status_code == 200
    api.log.down = True
    assert api.request("GET", "/readyz").status_code == 503
    assert api.request("GET", "/healthz").status_code == 200


def test_what_was_counted(api: IntakeApi) -> None:
    api.post(GOOD)
    api.post(b"")
    text = api.request("GET", "/metrics").text
    assert 'hutong_intake_reports_total{channel="app",status="202"} 1.0' in text
    assert 'hutong_intake_reports_total{channel="app",status="400"} 1.0' in text


def test_the_page_about_the_api_needs_nothing_from_elsewhere(api: IntakeApi) -> None:
    page = api.request("GET", "/docs")
    assert page.status_code == 200
    assert "/v1/reports:batch" in page.text
    for outside in ("<script", "http://", "https://", "src="):
        assert outside not in page.text


def test_the_openapi_document(api: IntakeApi) -> None:
    document = api.request("GET", "/openapi.json").json()
    assert set(document["paths"]) == {
        "/v1/reports",
        "/v1/reports:batch",
        "/v1/reports/{receipt}",
        "/v1/media",
        "/v1/media/{sha256}",
        "/v1/issues/{issue_id}",
        "/v1/issues/{issue_id}/events/{event_id}",
        "/v1/departments/{code}/orders",
        *(f"/v1/issues/{{issue_id}}/actions/{verb}" for verb in VERBS),
    }
    schemas = document["components"]["schemas"]
    assert {"ReportIn", "PlaceIn", "ReporterIn", "Accepted", "Status", "Problem"} <= set(schemas)
    for name in _references(document):
        assert name in schemas
    post = document["paths"]["/v1/reports"]["post"]
    assert set(post["responses"]) >= {"202", "400", "401", "403", "413", "415", "422", "503"}
    for example in post["requestBody"]["content"]["application/json"]["examples"].values():
        assert api.post(example["value"]).status_code == 202


def _references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {str(value["$ref"]).rpartition("/")[2]} if "$ref" in value else set()
        return own.union(*map(_references, value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(_references, value))
    return set()


def test_answers_are_not_cached(api: IntakeApi) -> None:
    assert api.post(GOOD).headers["cache-control"] == "no-store"
    assert json.loads(api.post(b"").text)["request_id"]
