"""Acts over HTTP: who may write what, what gets into the log, what is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from hutong_intake.acts import topics_by_principal
from hutong_intake.status import Look
from hutong_intake.verbs import VERBS

from hutong.city import City
from hutong.events.acts import ACTS, FILLED_IN, NOT_ASKED, OTHER_ID
from hutong.events.ids import derived_id, new_id
from hutong.events.topics import load_topics
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from tests.fixtures.cases import Case
from tests.fixtures.histories import MINUTE, START
from tests.fixtures.intake_api import IntakeApi, codes

KEY = {"Idempotency-Key": "k-1"}


def known(api: IntakeApi, case: Case) -> str:
    """Let intake's read models know the case; its issue id."""
    look = Look(case.is_, case.records[-1].event_id, "03-03-00000001-0")
    api.status.looks[case.is_.issue_id] = look
    return case.is_.issue_id


def dispatched(api: IntakeApi) -> tuple[Case, str]:
    case = Case().reported().dispatched()
    return case, known(api, case)


def test_an_act_goes_to_the_topic_of_its_principal(api: IntakeApi) -> None:
    case, issue_id = dispatched(api)
    answer = api.act("dept:water-co", issue_id, "accept", {"by": "clerk:7", "handler": "gw-0103"})
    assert answer.status_code == 202, answer.text
    [(record, place)] = api.log.records
    assert (record.topic, record.key) == ("handling-water-co", issue_id.encode())
    assert record.headers == (("ce_type", b"hutong.issue.IssueAccepted"),)
    [body] = api.bodies()
    assert body == {
        "head": {
            "event_id": answer.json()["event_id"],
            "issue_id": issue_id,
            "occurred_at": api.now,
            "actor": "clerk:7",
            "area": None,
            "causation_id": case.is_.hops[-1].ordered_by,
        },
        "hop": 1,
        "handler": "gw-0103",
    }
    assert answer.json() == {
        "event_id": body["head"]["event_id"],
        "issue_id": issue_id,
        "verb": "accept",
        "event": "IssueAccepted",
        "place": f"handling-water-co/{place.partition}/0",
        "received_at": "2026-11-22T18:31:44.000+08:00",
        "effect": {
            "verdict": "applied",
            "reason": None,
            "zh": "已生效",
            "en": "it has its effect",
            "judged": False,
        },
        "warnings": [],
    }


# -- the table of verbs --------------------------------------------------------------------------

#: Of the catalogue, for one principal of each kind that intake speaks for.
PRINCIPALS = ("channel:app", "channel:grid", "dept:water-co", "desk")
#: No act: it opens an issue.
REPORT = "hutong.issue.IssueReported"


def test_every_event_that_a_principal_may_write_has_one_verb(city: City) -> None:
    topics = topics_by_principal(load_topics(city.departments))
    verbs: dict[str, list[str]] = {}
    for verb in VERBS.values():
        for event in dict.fromkeys(verb.events):
            verbs.setdefault(event.avro_name, []).append(verb.name)
    for principal in PRINCIPALS:
        for name in topics[principal].events - {REPORT}:
            assert len(verbs.get(name, [])) == 1, (principal, name)
    assert {principal.partition(":")[0] for principal in topics} == {"channel", "dept", "desk"}
    assert "channel:import" not in topics


def test_what_may_be_sent_is_what_the_event_has(city: City) -> None:
    """Fields that follow from the pack, the issue or the other issue are the only ones missing."""
    # A look at who reported is answered to a person, and is in no outbox of an app.
    assert VERBS.keys() - {"reveal"} == ACTS.keys()
    more = {"merge": {OTHER_ID}, "amend": {"area"}}
    for verb in VERBS.values():
        sent = verb.model.model_fields.keys() - {"answers", "occurred_at", "by"}
        event = verb.event.model_fields.keys() - {"head"}
        derived = NOT_ASKED.get(verb.name, frozenset())
        assert sent - more.get(verb.name, set()) == event - derived, verb
        needless = {
            name
            for name in sent & event
            if verb.event.model_fields[name].is_required()
            and not verb.model.model_fields[name].is_required()
        }
        assert needless == FILLED_IN.get(verb.name, frozenset()), verb


#: Of each verb the least that is taken from whoever may write it.
LEAST: dict[str, dict[str, Any]] = {
    "accept": {},
    "assign": {"assignee": "gw-0103", "level": "grid", "due": "2026-06-02T08:00:00+08:00"},
    "return": {"reason": "misclassified"},
    "respond": {"means": "call"},
    "note": {"text": "已到现场"},
    "request-extension": {"reason": "complex", "minutes": 1440},
    "resolve": {"result": "fixed"},
    "declare-unresolvable": {"reason": "no-legal-basis", "explanation": "已向诉求人说明"},
    "dispatch": {"item": "waste-uncollected", "lead": "urban-mgmt"},
    "reclassify": {"item": "waste-uncollected", "ground": "现场核实"},
    "decide-return": {"decision": "refused-duty-list", "rule": "D06"},
    "adjudicate": {"lead": "water", "ground": "D06"},
    "decide-extension": {"granted": True, "level": "desk", "minutes": 1440},
    "suspend": {
        "reason": "funding",
        "condition": "资金到位",
        "review_at": "2026-12-20T08:00:00+08:00",
    },
    "resume": {"ground": "资金已到位"},
    "close": {"ground": "policy"},
    "reopen": {"reason": "not-fixed"},
    "call": {"reached": "reached", "solved": "yes", "satisfied": "very"},
    "supervise": {"level": "district", "ground": "群众反映强烈"},
    "end-supervision": {"level": "district", "ground": "已办结"},
    "merge": {"other_id": derived_id("issue", "1"), "reason": "same-incident"},
    "dismiss-duplicate": {"other_id": derived_id("issue", "1"), "ground": "两处漏水点不同"},
    "unmerge": {"other_id": derived_id("issue", "1"), "ground": "并非同一事件"},
    "transfer": {"reason": "to-119", "target": "119"},
    "withdraw": {"reason": "citizen-withdrew"},
    "amend": {"subject": "井巷自来水管爆裂"},
    "rate": {"resolved": True, "satisfied": True, "stars": 5},
    "reveal": {"by": "clerk:0217", "purpose": "call-back", "fields": ["phone"]},
    "check-passed": {"checker": "gw-0900"},
    "check-failed": {"checker": "gw-0900", "text": "仍在漏水"},
}
SENDERS = ("app", "grid", "dept:water-co", "desk")


def cases() -> dict[str, Case]:
    """A case in each status that a department or the desk meets, told to that point."""
    suspended = Case(8).reported().dispatched().accepted()
    suspended.does("IssueSuspended", review_at=suspended.ms(60 * 24 * 400))
    return {
        "reported": Case(2).reported(),
        "dispatched": Case(3).reported().dispatched(),
        "accepted": Case(4).reported().dispatched().accepted(),
        "responded": Case(5).reported().dispatched().accepted().does("IssueResponded"),
        "returned": Case(6).reported().dispatched().returned(),
        "resolved": Case(7).reported().dispatched().accepted().resolved(),
        "suspended": suspended,
        "closed": Case(9).reported().dispatched().accepted().resolved().does("IssueClosed"),
    }


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("sender", SENDERS)
def test_who_may_use_which_verb_in_which_status(
    sender: str, verb: str, api: IntakeApi, city: City
) -> None:
    """403 from the catalogue; else 202 with a verdict of the life cycle, whatever the status."""
    principal = sender if ":" in sender or sender == "desk" else f"channel:{sender}"
    topic = topics_by_principal(load_topics(city.departments))[principal]
    assert VERBS.keys() == LEAST.keys()
    api.now = api.log.now = START + 30 * MINUTE
    known(api, Case(1).reported(channel=sender if ":" not in sender else "app"))
    verdicts = set()
    for status, case in cases().items():
        if principal.startswith("channel:"):
            case.state = case.is_.but({"channel": sender})
        issue_id = known(api, case)
        seen = api.request("GET", f"/v1/issues/{issue_id}", channel=sender)
        answer = api.act(sender, issue_id, verb, LEAST[verb])
        if not VERBS[verb].may_be_on(topic):
            assert answer.status_code == 403, (status, answer.text)
            assert answer.json()["type"].endswith(":not-your-act")
            assert api.log.records == []
        elif sender.startswith("dept:") and status == "reported":
            assert (seen.status_code, answer.status_code) == (404, 404)
        elif verb == "reclassify" and status == "reported":
            assert codes(answer) == {"category_before": "missing"}
        else:
            found = _verdict(answer)
            listed = {each["verb"] for each in seen.json()["verbs"]}
            assert found == "refused" or verb in listed, (status, listed)
            verdicts.add(found)
    if VERBS[verb].may_be_on(topic):
        assert verdicts == _EXPECTED.get(verb, {"applied", "refused"})


#: Of these cases, some verbs have their effect in none; nobody said who reported them.
_EXPECTED = {
    verb: {"refused"}
    for verb in ("unmerge", "decide-extension", "end-supervision", "dismiss-duplicate", "reveal")
}


def _verdict(answer: httpx.Response) -> str:
    if answer.status_code == 409:
        assert answer.json()["type"].endswith(":no-effect")
        return "refused"
    assert answer.status_code == 202, answer.text
    effect = answer.json()["effect"]
    assert bool(effect["reason"]) is (effect["verdict"] == "refused")
    assert effect["zh"]
    assert effect["en"]
    return str(effect["verdict"])


def test_a_verb_of_others_is_named_with_those_that_one_has(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    answer = api.act("dept:water-co", issue_id, "close", LEAST["close"])
    assert answer.status_code == 403
    assert "accept assign return respond note" in answer.json()["detail_zh"]
    answer = api.act("desk", issue_id, "fly", {})
    assert answer.status_code == 404
    assert "dispatch" in answer.json()["detail_en"]


# -- what is sent --------------------------------------------------------------------------------


_GRID = {"assignee": "gw", "level": "grid"}


@pytest.mark.parametrize(
    ("verb", "body", "status", "faults"),
    [
        ("return", {}, 400, {"reason": "missing"}),
        ("return", {"reason": "because"}, 422, {"reason": "unknown_reason"}),
        (
            "return",
            {"reason": 5, "hop": "1", "media": ["x"]},
            400,
            {"reason": "not_text", "hop": "not_an_integer", "media.0": "not_a_digest"},
        ),
        (
            "return",
            {"reason": "misclassified", "proposed": "watr"},
            422,
            {"proposed": "unknown_department"},
        ),
        ("assign", {"assignee": "gw", "level": "planet"}, 400, {"level": "not_one_of"}),
        ("assign", {**_GRID, "due": "tomorrow"}, 400, {"due": "not_a_time"}),
        ("assign", {**_GRID, "due": "2026-06-02T08:00:00"}, 400, {"due": "no_zone"}),
        ("note", {"text": " 。"}, 400, {"text": "no_content"}),
        ("note", {"text": "字" * 10_001}, 400, {"text": "too_long"}),
        ("accept", {"answers": "x"}, 400, {"answers": "not_a_uuid"}),
        ("accept", {"hop": 0}, 400, {"hop": "out_of_range"}),
        ("accept", {"occurred_at": "2036-01-01T00:00:00Z"}, 400, {"occurred_at": "in_the_future"}),
        (
            "request-extension",
            {"reason": "complex", "minutes": True},
            400,
            {"minutes": "not_an_integer"},
        ),
    ],
)
def test_every_fault_is_named(
    verb: str, body: dict[str, Any], status: int, faults: dict[str, str], api: IntakeApi
) -> None:
    _, issue_id = dispatched(api)
    answer = api.act("dept:water-co", issue_id, verb, body)
    assert (answer.status_code, codes(answer)) == (status, faults)
    assert answer.json()["type"].endswith(":invalid-act" if status == 400 else ":unknown-code")
    assert api.log.records == []


def test_unknown_fields_and_identity_numbers_are_warned_of(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    body = {"text": "当事人身份证 11010519491231002X", "speed": 1}
    answer = api.act("dept:water-co", issue_id, "note", body)
    assert answer.status_code == 202
    assert [(w["field"], w["code"]) for w in answer.json()["warnings"]] == [
        ("text", "identity_number"),
        ("speed", "unknown_field"),
    ]
    assert "11010519491231002X" not in answer.text


def test_the_desk_s_dispatch_follows_from_the_duty_item(api: IntakeApi, city: City) -> None:
    issue_id = known(api, Case().reported())
    answer = api.act("desk", issue_id, "dispatch", LEAST["dispatch"])
    assert answer.json()["effect"]["verdict"] == "applied"
    [body] = api.bodies()
    del body["head"]
    assert body == {
        "item": "waste-uncollected",
        "category": "cityscape.waste",
        "kind": "management",
        "intent": "help",
        "tier": "general",
        "lead": "urban-mgmt",
        "co_owners": [],
        "clocks": [
            {"clock": "dispatch", "minutes": 60, "calendar": "natural"},
            {"clock": "accept", "minutes": 60, "calendar": "natural"},
            {"clock": "respond", "minutes": 120, "calendar": "natural"},
            {"clock": "resolve", "minutes": 1440, "calendar": "natural"},
        ],
        "hop": 1,
        "confidence": 1000,
        "evidence": [],
        "pack": city.hash,
        "model": "desk",
    }


# -- what an act answers -------------------------------------------------------------------------


def test_a_department_answers_its_order_and_others_the_newest_event(api: IntakeApi) -> None:
    case = Case().reported().dispatched().accepted()
    issue_id = known(api, case)
    api.act("dept:water-co", issue_id, "note", LEAST["note"])
    api.act("desk", issue_id, "supervise", LEAST["supervise"])
    api.act("desk", issue_id, "supervise", {**LEAST["supervise"], "answers": issue_id})
    causes = [body["head"]["causation_id"] for body in api.bodies()]
    assert causes == [case.is_.hops[-1].ordered_by, case.records[-1].event_id, issue_id]


def test_what_answers_an_event_that_is_not_there_waits(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    answer = api.act("dept:water-co", issue_id, "accept", {"answers": new_id()})
    assert answer.json()["effect"]["verdict"] == "waiting"
    assert answer.json()["effect"]["zh"] == "所应答的事件尚未入库"


# -- whose it is ---------------------------------------------------------------------------------


def test_an_issue_of_others_is_not_there(api: IntakeApi) -> None:
    """Another department, channel or grid.

    Gets: 404 with the same words as for an issue that never was, for reads and for acts.
    """
    _, issue_id = dispatched(api)

    def told(sender: str, issue: str) -> list[dict[str, Any]]:
        body = LEAST["note"] if sender.startswith("dept:") else LEAST["withdraw"]
        verb = "note" if sender.startswith("dept:") else "withdraw"
        answers = [
            api.act(sender, issue, verb, body),
            api.request("GET", f"/v1/issues/{issue}", channel=sender),
            api.request("GET", f"/v1/issues/{issue}/events/{issue}", channel=sender),
        ]
        assert {answer.status_code for answer in answers} == {404}
        varying = {"instance", "request_id"}
        return [{k: v for k, v in a.json().items() if k not in varying} for a in answers]

    for sender in ("dept:housing", "grid", "hotline"):
        assert told(sender, issue_id) == told(sender, new_id()) == told(sender, "x")
    assert api.log.records == []


def test_who_had_it_may_still_see_it_and_a_grid_worker_checks_any(api: IntakeApi) -> None:
    case = Case().reported().dispatched("housing").returned().return_accepted("water-co")
    issue_id = known(api, case.dispatched("water-co"))
    answer = api.act("dept:housing", issue_id, "note", LEAST["note"])
    assert answer.json()["effect"]["reason"] == "not-an-owner"
    assert api.request("GET", f"/v1/issues/{issue_id}", channel="dept:water").status_code == 200
    checked = known(api, Case(2).reported().dispatched().accepted().resolved())
    answer = api.act("grid", checked, "check-passed", LEAST["check-passed"])
    assert answer.json()["effect"]["verdict"] == "applied"
    assert api.request("GET", f"/v1/issues/{checked}", channel="grid").status_code == 404


# -- repeats -------------------------------------------------------------------------------------


def test_a_retry_gives_one_event(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    first = api.act("dept:water-co", issue_id, "accept", {}, KEY)
    event_id = derived_id("act", "dept:water-co", issue_id, "accept", "k-1")
    assert first.json()["event_id"] == event_id
    api.now += 5_000
    again = api.act("dept:water-co", issue_id, "accept", {}, KEY)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert len(api.log.records) == 1
    other = api.act("dept:water-co", issue_id, "accept", {"by": "clerk"}, KEY)
    assert (other.status_code, other.json()["type"]) == (422, "urn:hutong:problem:key-reused")


def test_a_retry_after_a_restart_finds_the_event_in_the_history(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    first = api.act("dept:water-co", issue_id, "accept", {}, KEY).json()
    api.restart()
    look = api.status.looks[issue_id]
    api.status.looks[issue_id] = replace(look, entry=entry_of(api.bodies()[0], first["place"]))
    again = api.act("dept:water-co", issue_id, "accept", {}, KEY)
    assert again.json()["place"] == first["place"]
    assert again.json()["effect"]["judged"] is True
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.log.records) == 1


def test_a_retry_that_says_all_gives_the_same_bytes_whatever_forgot(api: IntakeApi) -> None:
    case, issue_id = dispatched(api)
    said = {"occurred_at": "2026-06-01T08:20:00+08:00", "answers": case.is_.hops[-1].ordered_by}
    for _ in range(2):
        api.act("dept:water-co", issue_id, "accept", {**said, "hop": 1}, KEY)
        api.restart()
        api.now += 60_000
    first, second = (record.value for record, _ in api.log.records)
    assert first == second


# -- while PostgreSQL is down --------------------------------------------------------------------


def test_while_postgresql_is_down_an_act_that_says_all_is_taken(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    api.status.issues = None
    answer = api.act("dept:water-co", issue_id, "accept", {"answers": new_id(), "hop": 1})
    assert answer.status_code == 202
    assert answer.json()["effect"]["verdict"] == "unknown"
    lacking = api.act("dept:water-co", issue_id, "accept", {}, KEY)
    assert lacking.status_code == 503
    assert lacking.json()["type"] == "urn:hutong:problem:state-unknown"
    assert codes(lacking) == dict.fromkeys(("occurred_at", "answers", "hop"), "missing")
    assert lacking.headers["retry-after"] == "5"
    for verb in ("merge", "unmerge"):
        assert api.act("desk", issue_id, verb, LEAST[verb]).status_code == 503
    read = api.request("GET", f"/v1/issues/{issue_id}", channel="desk")
    assert (read.status_code, len(api.log.records)) == (503, 1)


def test_while_the_broker_is_down_nothing_is_promised(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    api.log.down = True
    answer = api.act("dept:water-co", issue_id, "accept", {})
    assert answer.status_code == 503
    assert answer.json()["outcome"] == "unknown"
    assert answer.json()["event_id"]


# -- where an issue stands ------------------------------------------------------------------------


def view(api: IntakeApi, sender: str, issue_id: str) -> dict[str, Any]:
    answer = api.request("GET", f"/v1/issues/{issue_id}", channel=sender)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def test_what_a_department_is_shown(api: IntakeApi) -> None:
    case = Case().reported().at(10).dispatched().at(20).accepted()
    case.does("IssueAssigned", assignee="gw-0103", level="grid", due=case.ms(60))
    case.does("ExtensionRequested", minutes=600)
    api.now = case.ms(30 * 60)
    shown = view(api, "dept:water-co", known(api, case))
    assert (shown["status"], shown["hop"], shown["lead"]) == ("accepted", 1, "water-co")
    assert shown["co_owners"] == ["water"]
    clocks = {clock.pop("clock"): clock for clock in shown["clocks"]}
    assert clocks["accept"]["stopped_at"] == "2026-06-01T08:20:00.000+08:00"
    assert (clocks["accept"]["running"], clocks["accept"]["late"]) == (False, False)
    assert clocks["resolve"] == {
        "started_at": "2026-06-01T08:10:00.000+08:00",
        "due_at": "2026-06-02T08:10:00.000+08:00",
        "stopped_at": None,
        "running": True,
        "paused": False,
        "late": True,
        "provisional": False,
        "calendar": "natural",
    }
    assert (shown["extension"]["minutes"], shown["extension"]["granted"]) == (600, None)
    [assignment] = shown["assignments"]
    assert (assignment["assignee"], assignment["level"]) == ("gw-0103", "grid")
    assert shown["answers"] == case.is_.hops[-1].ordered_by
    verbs = [verb["verb"] for verb in shown["verbs"]]
    assert verbs == ["assign", "respond", "note", "resolve", "declare-unresolvable", "reveal"]


def test_a_verb_s_fields_and_their_codes_are_shown(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    api.now = START + 30 * MINUTE
    verbs = {verb["verb"]: verb for verb in view(api, "dept:water-co", issue_id)["verbs"]}
    assert (verbs["return"]["zh"], verbs["return"]["event"]) == ("退单", "IssueReturned")
    fields = {field["name"]: field for field in verbs["return"]["fields"]}
    assert [name for name, field in fields.items() if field["required"]] == ["reason"]
    assert {"code": "wrong-area", "zh": "属地不符", "en": "Wrong area"} in fields["reason"][
        "choices"
    ]
    departments = {choice["code"] for choice in fields["proposed"]["choices"]}
    assert {"water", "police"} <= departments
    assert fields["text"]["choices"] is None
    assert "$ref" not in str(verbs)


def test_what_waits_at_the_desk_and_what_lies_over_the_stage_is_shown(api: IntakeApi) -> None:
    returned = Case().reported().dispatched().at(30).returned()
    shown = view(api, "desk", known(api, returned))
    assert shown["return"]["by"] == "water-co"
    assert "decide-return" in [verb["verb"] for verb in shown["verbs"]]
    held = Case(2).reported().dispatched().accepted()
    held.does("IssueSuspended", review_at=held.ms(60 * 24))
    shown = view(api, "dept:water-co", known(api, held))
    assert (shown["status"], shown["suspension"]["since"]) == (
        "suspended",
        "2026-06-01T08:00:00.000+08:00",
    )
    assert [clock["paused"] for clock in shown["clocks"] if clock["clock"] == "resolve"] == [True]


def test_no_free_text_and_nothing_of_the_inside_for_a_channel(api: IntakeApi) -> None:
    case = Case().reported(body="住户赵六 13800138000", subject="赵六家停水").dispatched()
    issue_id = known(api, case)
    for sender in ("app", "desk", "dept:water-co"):
        text = str(view(api, sender, issue_id))
        assert "赵六" not in text
        assert "13800138000" not in text
    assert "assignments" not in view(api, "app", issue_id)


def test_an_event_is_pending_until_it_is_judged(api: IntakeApi) -> None:
    _, issue_id = dispatched(api)
    event_id = api.act("dept:water-co", issue_id, "accept", {}).json()["event_id"]
    path = f"/v1/issues/{issue_id}/events/{event_id}"
    told = api.request("GET", path, channel="dept:water-co").json()
    assert (told["event"], told["effect"]["verdict"]) == (None, "pending")
    look = api.status.looks[issue_id]
    entry = replace(
        entry_of(api.bodies()[0], "handling-water-co/0/0"), verdict="refused", reason="wrong-hop"
    )
    api.status.looks[issue_id] = replace(look, entry=entry)
    told = api.request("GET", path, channel="dept:water-co").json()
    assert (told["event"], told["place"]) == ("IssueAccepted", "handling-water-co/0/0")
    assert told["effect"] == {
        "verdict": "refused",
        "reason": "wrong-hop",
        "zh": "派单次序不符，工单已改派",
        "en": "it answers another dispatch than the present one",
        "judged": True,
    }


# -- two issues ----------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["older", "younger"])
def test_a_merge_goes_to_the_older_issue_first(at: str, api: IntakeApi) -> None:
    older = Case(1).reported().dispatched()
    younger = Case(2, start=START + MINUTE).reported().dispatched()
    ids = {"older": known(api, older), "younger": known(api, younger)}
    other = ids["younger" if at == "older" else "older"]
    body = {"other_id": other, "reason": "same-incident"}
    answer = api.act("desk", ids[at], "merge", body)
    assert answer.status_code == 202, answer.text
    absorbed, merged = api.bodies()
    assert absorbed["head"]["issue_id"] == ids["older"]
    assert (absorbed["child_id"], absorbed["child_reported_at"]) == (ids["younger"], START + MINUTE)
    assert merged["head"]["issue_id"] == ids["younger"]
    assert (merged["master_id"], merged["master_reported_at"]) == (ids["older"], START)
    assert absorbed["head"]["causation_id"] == older.records[-1].event_id
    assert merged["head"]["causation_id"] == younger.records[-1].event_id
    own, also = (absorbed, merged) if at == "older" else (merged, absorbed)
    assert answer.json()["event_id"] == own["head"]["event_id"]
    assert answer.json()["issue_id"] == ids[at]
    assert [each["event_id"] for each in answer.json()["also"]] == [also["head"]["event_id"]]


def test_a_merge_of_which_a_half_would_not_hold_is_not_written(api: IntakeApi) -> None:
    older = known(api, Case(1).reported().dispatched())
    younger = Case(2, start=START + MINUTE).reported().dispatched().accepted().resolved()
    answer = api.act(
        "desk", older, "merge", {"other_id": known(api, younger), "reason": "same-incident"}
    )
    assert (answer.status_code, answer.json()["reason"]) == (409, "not-now")
    for other, code in ((older, "same_issue"), (new_id(), "unknown_issue")):
        answer = api.act("desk", older, "merge", {"other_id": other, "reason": "same-incident"})
        assert codes(answer) == {"other_id": code}
    assert api.log.records == []


def entry_of(body: dict[str, Any], place: str) -> TimelineEntry:
    head = body["head"]
    return TimelineEntry(
        partition=3,
        offset=9,
        issue_id=head["issue_id"],
        event_id=head["event_id"],
        name="IssueAccepted",
        principal="dept:water-co",
        actor=head["actor"],
        origin="live",
        verdict="applied",
        reason="",
        detail="",
        occurred_at=head["occurred_at"],
        received_at=head["occurred_at"],
        recorded_at=head["occurred_at"] + 5,
        source=place,
        causation_id=head["causation_id"],
        data={"hop": body["hop"]},
    )
