"""Who reported, told to whoever may know, after the log says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hutong_intake.status import Look

from hutong.privacy.keys import IdentityKeys
from hutong.privacy.seal import Binding, Identity, seal
from hutong.readmodels.identity.queries import SealedIdentity
from tests.fixtures.cases import DAY, Case, accepted_case
from tests.fixtures.histories import START
from tests.fixtures.identity import KEYS
from tests.fixtures.intake_api import IntakeApi, codes

ASKED: dict[str, Any] = {"by": "clerk:0217", "purpose": "call-back", "fields": ["phone", "home"]}
WHO = Identity(name="陈安", phone="+8613000000000")


def known(api: IntakeApi, case: Case, *said: Identity) -> str:
    """Let intake's read models know the case and what was said of its reporter."""
    issue_id = case.is_.issue_id
    api.now = api.log.now = START + (case.now + 1) * 60_000
    api.status.looks[issue_id] = Look(case.is_, case.records[-1].event_id, "03-03-00000001-0")
    names = ["IssueReported", *["IssueAmended"] * len(said)]
    api.status.boxes[issue_id] = [
        box_of(who, Binding(name, f"event-{nth}", issue_id), nth)
        for nth, (name, who) in enumerate(zip(names, said, strict=False), 1)
    ]
    return issue_id


def box_of(who: Identity, binding: Binding, nth: int) -> SealedIdentity:
    sealed = seal(KEYS, who, binding)
    return SealedIdentity(
        binding.event_id, binding.issue_id, nth, binding.event, None, sealed.key, sealed.box
    )


@pytest.mark.parametrize(
    ("principal", "topic"), [("desk", "desk"), ("dept:water-co", "handling-water-co")]
)
def test_the_desk_and_the_lead_are_told_what_they_asked_for(
    api: IntakeApi, principal: str, topic: str
) -> None:
    issue_id = known(api, accepted_case(), WHO)
    answer = api.act(principal, issue_id, "reveal", ASKED)
    assert answer.status_code == 202, answer.text
    assert answer.json()["revealed"] == {"phone": "+8613000000000", "home": None}
    assert answer.headers["cache-control"] == "no-store"
    [(record, _)] = api.log.records
    [body] = api.bodies()
    assert (record.topic, record.headers) == (
        topic,
        (("ce_type", b"hutong.issue.IdentityRevealed"),),
    )
    assert (body["purpose"], body["fields"]) == ("call-back", ["phone", "home"])
    assert body["head"]["actor"] == "clerk:0217"
    for secret in ("13000000000", "陈安"):
        assert secret.encode() not in record.value


def test_what_was_amended_takes_the_place_of_what_was_said(api: IntakeApi) -> None:
    issue_id = known(api, accepted_case(), WHO, Identity(phone="+8613100000000", home="3栋"))
    answer = api.act("desk", issue_id, "reveal", {**ASKED, "fields": ["name", "phone", "home"]})
    assert answer.json()["revealed"] == {"name": "陈安", "phone": "+8613100000000", "home": "3栋"}


def test_nothing_is_told_before_the_log_has_it(api: IntakeApi) -> None:
    issue_id = known(api, accepted_case(), WHO)
    api.log.down = True
    answer = api.act("desk", issue_id, "reveal", ASKED)
    assert answer.status_code == 503
    assert "13000000000" not in answer.text


def test_a_repeat_is_told_nothing_so_each_look_is_an_event(api: IntakeApi) -> None:
    issue_id = known(api, accepted_case(), WHO)
    key = {"Idempotency-Key": "k-1"}
    asked = {**ASKED, "occurred_at": "2026-06-01T08:05:00+08:00"}
    first = api.act("desk", issue_id, "reveal", asked, key)
    second = api.act("desk", issue_id, "reveal", asked, key)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["revealed"] is not None
    assert second.json()["revealed"] is None
    assert len(api.log.records) == 1


@pytest.mark.parametrize(
    ("principal", "case", "change", "status", "reason"),
    [
        ("dept:water", accepted_case(co_owners=["water"]), {}, 403, "not-the-lead"),
        ("dept:housing", accepted_case(), {}, 404, None),
        ("app", accepted_case(), {}, 403, None),
        ("desk", accepted_case(), {"purpose": "curiosity"}, 422, None),
        ("desk", accepted_case(), {"fields": []}, 400, None),
        ("desk", accepted_case(), {"fields": ["photo"]}, 400, None),
        ("desk", accepted_case(), {"by": None}, 400, None),
        ("desk", accepted_case(), {"purpose": None}, 400, None),
    ],
)
def test_who_may_not_know_is_told_nothing_and_nothing_is_written(
    api: IntakeApi,
    principal: str,
    case: Case,
    change: dict[str, Any],
    status: int,
    reason: str | None,
) -> None:
    issue_id = known(api, case, WHO)
    answer = api.act(principal, issue_id, "reveal", {**ASKED, **change})
    assert (answer.status_code, answer.json().get("reason")) == (status, reason), answer.text
    assert api.log.records == []
    assert "13000000000" not in answer.text


def test_an_issue_that_ended_long_ago_keeps_its_reporter(api: IntakeApi) -> None:
    case = accepted_case().does("IssueTransferred")
    issue_id = known(api, case, WHO)
    assert api.act("desk", issue_id, "reveal", ASKED).status_code == 202
    api.now += 91 * DAY * 60_000
    answer = api.act("desk", issue_id, "reveal", ASKED)
    assert (answer.status_code, answer.json()["reason"]) == (409, "ended-long-ago")


def test_an_issue_without_identity_says_so(api: IntakeApi) -> None:
    answer = api.act("desk", known(api, accepted_case()), "reveal", ASKED)
    assert (answer.status_code, answer.json()["reason"]) == (409, "no-identity")
    assert api.log.records == []


def test_without_the_database_nothing_is_told(api: IntakeApi) -> None:
    issue_id = known(api, accepted_case(), WHO)
    api.status.issues = None
    asked = {**ASKED, "answers": issue_id, "occurred_at": "2026-06-01T08:05:00+08:00"}
    answer = api.act("desk", issue_id, "reveal", asked)
    assert answer.status_code == 503
    assert api.log.records == []


@pytest.mark.parametrize("keys", [None, IdentityKeys({"other": bytes(32)}, "other")])
def test_a_lost_key_is_told_and_nothing_is_written(
    api: IntakeApi, keys: IdentityKeys | None
) -> None:
    issue_id = known(api, accepted_case(), WHO)
    api.identity_keys = keys
    api.restart()
    answer = api.act("desk", issue_id, "reveal", ASKED)
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:hutong:problem:identity-unreadable"
    assert api.log.records == []


def test_a_box_of_another_issue_does_not_open(api: IntakeApi) -> None:
    issue_id = known(api, accepted_case(), WHO)
    [box] = api.status.boxes[issue_id]
    api.status.boxes[issue_id] = [replace(box, event_id="event-9")]
    assert api.act("desk", issue_id, "reveal", ASKED).status_code == 500
    assert api.log.records == []


def test_the_counter_counts_those_who_were_told(api: IntakeApi) -> None:
    issue_id = known(api, accepted_case(), WHO)
    api.act("desk", issue_id, "reveal", ASKED)
    api.act("desk", issue_id, "reveal", {**ASKED, "purpose": "curiosity"})
    metrics = api.request("GET", "/metrics").text
    assert 'hutong_intake_identities_revealed_total{principal="desk"} 1.0' in metrics


def test_faults_are_named(api: IntakeApi) -> None:
    issue_id = known(api, accepted_case(), WHO)
    answer = api.act("desk", issue_id, "reveal", {"fields": ["photo"]})
    assert codes(answer) == {"by": "missing", "purpose": "missing", "fields.0": "not_one_of"}
