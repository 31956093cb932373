"""A client: kept first, sent after; receipts say how far a message is, errors say what to do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from hutong.sdk import (
    AsyncClient,
    Client,
    InvalidError,
    Outbox,
    Place,
    RefusedError,
    Reporter,
    State,
    StoppedError,
    UnavailableError,
    new_id,
)
from hutong.sdk.http import Api, AsyncApi, HttpTransport
from hutong.sdk.outcome import Message, Outcome
from hutong.sdk.testing import MemoryIntake
from tests.unit.sdk.conftest import DESK_SECRET, SECRET, URL, MakeClient

PHONE = "13000000042"
NO_ZONE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is what is wrong with it


def test_a_report_is_queued_then_accepted_then_routed(
    make_client: MakeClient, intake: MemoryIntake
) -> None:
    client = make_client()
    receipt = client.report_issue(body="路灯不亮", area="east")
    assert receipt.state is State.QUEUED
    assert receipt.number is None

    accepted = client.wait(receipt, timeout=5)
    assert accepted.state is State.ACCEPTED
    assert accepted.number
    assert accepted.received_at
    assert client.refresh(accepted).state is State.ACCEPTED

    intake.route()
    routed = client.refresh(accepted)
    assert (routed.state, routed.status) == (State.ROUTED, "dispatched")
    assert client.report(accepted.number)["issue_id"] == receipt.issue_id


def test_all_that_was_said_arrives(make_client: MakeClient, intake: MemoryIntake) -> None:
    client = make_client()
    moment = datetime(2026, 11, 22, 10, 31, 44, tzinfo=UTC)
    receipt = client.report_issue(
        body="水管爆裂",
        subject="水管",
        occurred_at=moment,
        place=Place(lon=116.0262, lat=36.4268, address="槐荫路"),
        reporter=Reporter(name="陈安", phone=PHONE),
        media=["ab" * 32],
    )
    assert client.flush(timeout=5) == 0
    [event] = intake.effects
    body = event.to_body()
    assert body["head"]["event_id"] == body["head"]["issue_id"] == receipt.event_id
    assert body["head"]["occurred_at"] == int(moment.timestamp() * 1000)
    assert body["place"] == {"lon": 116.0262, "lat": 36.4268, "address": "槐荫路"}
    assert (body["subject"], body["media"]) == ("水管", ("ab" * 32,))
    assert intake.reporters == {receipt.event_id: {"name": "陈安", "phone": PHONE}}


def test_the_same_id_again_is_one_report(make_client: MakeClient, intake: MemoryIntake) -> None:
    client = make_client()
    event_id = new_id()
    client.report_issue(body="路灯不亮", event_id=event_id)
    client.flush(timeout=5)
    again = client.report_issue(body="路灯不亮", event_id=event_id)
    assert again.state is State.ACCEPTED
    with pytest.raises(InvalidError) as caught:
        client.report_issue(body="别的事", event_id=event_id)
    assert caught.value.faults[0].code == "in_use"
    assert len(intake.records) == 1


BAD_CALLS: dict[str, tuple[dict[str, Any], str, str]] = {
    "too long": ({"body": "长" * 10_001}, "body", "too_long"),
    "nothing said": ({"body": " 。"}, "body", "no_content"),
    "no zone": ({"body": "x", "occurred_at": NO_ZONE}, "occurred_at", "no_zone"),
    "no code": ({"body": "x", "area": "东 区"}, "area", "not_a_code"),
    "no uuid": ({"body": "x", "event_id": "1"}, "event_id", "not_a_uuid"),
    "nul": ({"body": "x", "subject": "a\0b"}, "subject", "nul"),
    "no digest": ({"body": "x", "media": ["1"]}, "media.0", "not_a_digest"),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_wrong_call_keeps_nothing(make_client: MakeClient, name: str) -> None:
    fields, field, code = BAD_CALLS[name]
    client = make_client()
    with pytest.raises(InvalidError) as caught:
        client.report_issue(**fields)
    assert (field, code) in {(f.field, f.code) for f in caught.value.faults}
    assert caught.value.zh
    assert caught.value.en
    assert client.outbox.receipts() == []


def test_a_phone_number_and_the_key_are_in_no_text(
    make_client: MakeClient, intake: MemoryIntake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = make_client()
    intake.keys = {}
    receipt = client.report_issue(body=f"请打 {PHONE}", reporter=Reporter(phone=PHONE))
    waiting = client.wait(receipt, timeout=0.3)
    with pytest.raises(InvalidError) as caught:
        client.report_issue(body="x", contact=PHONE * 40)
    [message] = client.outbox.claim(10) or [Message(0, "", "", "", PHONE, 0)]
    texts = [repr(client), repr(receipt), repr(waiting), str(caught.value), repr(caught.value)]
    texts += [repr(client.outbox), repr(message), repr(client.outbox.draft(receipt.event_id))]
    texts += [repr(intake.records), caplog.text, str(waiting.problem)]
    assert waiting.problem is not None
    assert waiting.problem.code == "unauthenticated"
    for text in texts:
        assert PHONE not in text
        assert SECRET not in text


def test_what_is_accepted_is_forgotten_on_the_device(
    make_client: MakeClient, tmp_path: Path
) -> None:
    client = make_client()
    client.report_issue(body=f"请打 {PHONE}", reporter=Reporter(phone=PHONE))
    client.flush(timeout=5)
    client.outbox.store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in tmp_path.iterdir():
        assert PHONE.encode() not in file.read_bytes()


def test_acts_are_typed(make_client: MakeClient, intake: MemoryIntake) -> None:
    issue_id = new_id()
    client = make_client(key=DESK_SECRET)
    review = datetime(2026, 12, 1, tzinfo=UTC)
    client.suspend(issue_id, reason="weather", condition="雨停", review_at=review, by="clerk:7")
    client.close_issue(issue_id, ground="policy")
    client.flush(timeout=5)
    suspended, closed = (event.to_body() for event in intake.effects)
    assert suspended["review_at"] == int(review.timestamp() * 1000)
    assert suspended["head"]["actor"] == "clerk:7"
    assert closed["ground"] == "policy"


def test_a_verb_that_there_is_not_keeps_nothing(make_client: MakeClient) -> None:
    client = make_client()
    with pytest.raises(InvalidError, match="No such verb"):
        client.act("explode", new_id(), {})
    assert client.outbox.counts() == (0, 0)


def test_an_act_that_may_not_be_is_dead_with_its_reason(make_client: MakeClient) -> None:
    client = make_client()  # of a channel
    receipt = client.resolve(new_id(), result="fixed")
    dead = client.wait(receipt, timeout=5)
    assert dead.state is State.DEAD
    assert dead.problem is not None
    assert (dead.problem.status, dead.problem.code) == (403, "forbidden")
    assert dead.problem.request_id


def test_questions_raise_errors_of_a_small_tree(
    make_client: MakeClient, intake: MemoryIntake
) -> None:
    client = make_client()
    with pytest.raises(RefusedError) as refused:
        client.report("03-00-00000009-1")
    assert refused.value.status in (400, 404)
    assert refused.value.request_id
    intake.down = True
    with pytest.raises(UnavailableError) as unavailable:
        client.report("03-00-00000009-1")
    assert unavailable.value.retry_after == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://intake.example", "not_https"),
        ("ftp://intake.example", "not_a_url"),
        ("https://u:p@intake.example", "password_in_url"),
    ],
)
def test_an_address_that_would_give_secrets_away_is_refused(
    url: str, code: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidError) as caught:
        Client(url, SECRET, outbox=tmp_path / "o.db")
    assert caught.value.faults[0].code == code


class Broken:
    def deliver(self, messages: list[Message]) -> list[Outcome]:
        raise ZeroDivisionError

    def close(self) -> None:
        pass


def test_a_fault_of_the_sender_is_told_and_loses_nothing(tmp_path: Path) -> None:
    with Client(outbox=tmp_path / "o.db", transport=Broken()) as client:
        receipt = client.report_issue(body="路灯不亮")
        with pytest.raises(StoppedError) as caught:
            client.flush(timeout=5)
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
    found = Outbox(tmp_path / "o.db").receipt(receipt.event_id)
    assert found is not None
    assert found.state is State.QUEUED


def strange(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, html="<h1>Sign in to the hotspot</h1>")


def test_a_hotspots_page_is_no_receipt(make_client: MakeClient) -> None:
    client = make_client(network=httpx.MockTransport(strange))
    receipt = client.wait(client.report_issue(body="路灯不亮"), timeout=0.3)
    assert receipt.state is State.QUEUED
    assert receipt.problem is not None
    assert receipt.problem.code == "strange-answer"


def test_the_async_client_is_its_twin(intake: MemoryIntake, tmp_path: Path) -> None:
    async def scenario() -> None:
        sending = HttpTransport(Api(URL, SECRET, intake))
        api = AsyncApi(URL, SECRET, intake)
        client = AsyncClient(URL, SECRET, outbox=tmp_path / "o.db", api=api, transport=sending)
        async with client:
            receipt = await client.report_issue(body="路灯不亮")
            accepted = await client.wait(receipt, timeout=5)
            assert accepted.in_log
            rated = await client.rate(receipt.issue_id, stars=5)
            assert await client.flush(timeout=5) == 0
            intake.route()
            assert (await client.refresh(accepted)).state is State.ROUTED
            assert (await client.refresh(rated)).status == "applied"

    asyncio.run(scenario())


def test_the_twins_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, Callable[..., Any]]:
        return {n: getattr(kind, n) for n in dir(kind) if not n.startswith("_")}

    assert methods(Client).keys() == methods(AsyncClient).keys()
