"""Acting on the pages: which forms there are, what they send, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hutong_intake import verbs as intake_verbs
from hutong_web.acts.acting import roles_of
from hutong_web.acts.intake import Effect, Fault, IntakeDownError, Photo, ProblemError
from hutong_web.acts.table import VERBS
from hutong_web.acts.writing import Writing
from hutong_web.app import create_app
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from hutong.city import City, load_city
from tests.fixtures.cases import HOUR, Case
from tests.fixtures.histories import MINUTE
from tests.unit.web import cases
from tests.unit.web.fake_intake import FakeIntake
from tests.unit.web.memory import MemorySource
from tests.unit.web.rows import NOW

OWN = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}
PNG = b"\x89PNG\r\n\x1a\n-not-really"


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


class Visit:
    """A browser that acts as somebody, before one issue."""

    def __init__(self, client: TestClient, case: Case, intake: FakeIntake) -> None:
        self.client = client
        self.case = case
        self.intake = intake
        self.issue_id = case.is_.issue_id

    def page(self, more: str = "") -> str:
        """The case page as text."""
        return str(self.client.get(f"/issues/{self.issue_id}{more}").text)

    def verbs(self) -> list[str]:
        """The forms that stand on the page, in their order."""
        return re.findall(r'id="act-([\w-]+)"', self.page())

    def send(
        self, verb: str, values: Mapping[str, object] | None = None, **more: Any
    ) -> httpx2.Response:
        """Send that form; the answer itself, not where it leads."""
        self.page()
        token = self.client.cookies["hutong_form"]
        data = {"form_token": token, "once": "form-1", **(values or {})}
        address = f"/issues/{self.issue_id}/acts/{verb}"
        return self.client.post(
            address,
            data=data,
            headers=OWN,
            follow_redirects=False,
            **more,
        )


@contextmanager
def visit(
    city: City, case: Case, role: str, *, by: str = "王敏", keys: bool = True, at: int = 2 * HOUR
) -> Iterator[Visit]:
    source = MemorySource(city).add(case.records)
    intake = FakeIntake()
    secrets = {principal: f"hk_{principal}" for principal in roles_of(city)} if keys else {}
    app = create_app(
        city,
        source,
        registry=CollectorRegistry(),
        now=lambda: NOW + at * MINUTE,
        writing=Writing(intake, secrets),
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        client.cookies.update({"hutong_role": quote(role, safe=""), "hutong_by": quote(by)})
        yield Visit(client, case, intake)


# -- who may do what ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "role", "first", "also", "never"),
    [
        (cases.queued, "desk", "dispatch", {"close", "merge", "transfer"}, {"accept", "reopen"}),
        (cases.returned, "desk", "decide-return", {"adjudicate"}, {"dispatch", "return"}),
        (cases.disputed, "desk", "adjudicate", {"reclassify"}, {"decide-return"}),
        (cases.extension, "desk", "decide-extension", {"suspend"}, {"resume"}),
        (cases.suspended, "desk", "resume", {"suspend"}, {"dispatch"}),
        (cases.resolved, "desk", "call", {"close", "reopen", "check-passed"}, {"suspend"}),
        (cases.dispatched, "dept:water-co", "accept", {"return", "note"}, {"resolve", "dispatch"}),
        (cases.accepted, "dept:water-co", "respond", {"resolve", "assign", "return"}, {"accept"}),
        (cases.dispatched, "dept:water", "assign", {"note"}, {"accept", "return", "respond"}),
        (cases.resolved, "channel:grid", "check-passed", {"check-failed"}, {"close"}),
    ],
)
def test_the_forms_are_the_acts_that_are_open_now(
    city: City,
    make: Callable[[], Case],
    role: str,
    first: str,
    also: set[str],
    never: set[str],
) -> None:
    with visit(city, make(), role) as visitor:
        verbs = visitor.verbs()

    assert verbs[0] == first
    assert also <= set(verbs)
    assert not never & set(verbs)


def test_a_department_that_has_nothing_to_do_with_it_gets_no_form(city: City) -> None:
    with visit(city, cases.accepted(), "dept:fire") as visitor:
        assert visitor.verbs() == []
        assert "现在没有可办的事项" in visitor.page()


def test_who_was_given_it_notes_progress_in_the_departments_name(city: City) -> None:
    with visit(city, cases.assigned(), "channel:grid", by="李巡") as visitor:
        verbs = visitor.verbs()
        answer = visitor.send("note", {"text": "已到现场"})
    with visit(city, cases.assigned(), "channel:grid", by="赵查") as other:
        others = other.verbs()

    assert (verbs, others) == (["note"], [])
    assert answer.status_code == 303
    assert visitor.intake.asked[0].secret == "hk_dept:water-co"
    assert visitor.intake.asked[0].body == {"text": "已到现场", "by": "李巡"}


def test_without_keys_the_pages_only_read(city: City) -> None:
    with visit(city, cases.queued(), "desk", keys=False) as visitor:
        page = visitor.page()
        answer = visitor.client.post(f"/issues/{visitor.issue_id}/acts/dispatch", headers=OWN)

    assert '<form action="/issues/' not in page
    assert "hutong_form" not in visitor.client.cookies
    assert answer.status_code in (403, 413)
    assert visitor.intake.asked == []


def test_a_role_without_a_key_is_nobody(city: City) -> None:
    with visit(city, cases.queued(), "dept:made-up") as visitor:
        assert "只看不办" in visitor.page()
        assert visitor.send("dispatch", {"item": "street-lamp"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
        {"sec-fetch-site": "same-origin", "origin": "http://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_a_form_of_another_site_is_not_taken(city: City, headers: dict[str, str]) -> None:
    with visit(city, cases.queued(), "desk") as visitor:
        visitor.page()
        token = visitor.client.cookies["hutong_form"]
        address = f"/issues/{visitor.issue_id}/acts/dispatch"
        data = {"form_token": token, "item": "street-lamp"}
        foreign = visitor.client.post(address, data=data, headers=headers)
        wrong = visitor.client.post(address, data={**data, "form_token": "x"}, headers=OWN)

    assert (foreign.status_code, wrong.status_code) == (403, 403)
    assert "表单不是从本页发出的" in foreign.text
    assert visitor.intake.asked == []


@pytest.mark.parametrize("length", ["x", str(49 * 1024 * 1024)])
def test_more_than_a_form_of_ours_holds_is_not_read(city: City, length: str) -> None:
    with visit(city, cases.queued(), "desk") as visitor:
        headers = {**OWN, "content-length": length}
        for address in (f"/issues/{visitor.issue_id}/acts/dispatch", "/acting", "/grid/reports"):
            answer = visitor.client.post(address, content=b"x", headers=headers)
            assert (answer.status_code, "提交的内容过大" in answer.text) == (413, True)


def test_the_role_is_chosen_on_the_page_and_kept(city: City) -> None:
    with visit(city, cases.queued(), "desk") as visitor:
        visitor.page()
        token = visitor.client.cookies["hutong_form"]
        data = {
            "form_token": token,
            "role": "channel:grid",
            "by": " 李巡\x07 ",
            "area": "west-bell-01",
        }
        elsewhere = {**data, "after": "//evil.example/"}
        answer = visitor.client.post(
            "/acting", data={**data, "after": "/grid"}, headers=OWN, follow_redirects=False
        )
        away = visitor.client.post("/acting", data=elsewhere, headers=OWN, follow_redirects=False)
        grid = visitor.client.get("/grid").text

    assert (answer.status_code, answer.headers["location"]) == (303, "/grid")
    assert away.headers["location"] == "/"
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert "李巡" in grid
    assert "钟楼社区第一网格" in grid


# -- what is sent ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "role", "verb", "values", "body"),
    [
        (
            cases.queued,
            "desk",
            "dispatch",
            {"item": "street-lamp"},
            {"item": "street-lamp", "lead": "urban-mgmt", "co_owners": ["power-co"]},
        ),
        (
            cases.queued,
            "desk",
            "dispatch",
            {"item": "noise-neighbour", "lead": "police", "co_owners": ["street-east", "police"]},
            {"item": "noise-neighbour", "lead": "police", "co_owners": ["street-east"]},
        ),
        (
            cases.returned,
            "desk",
            "decide-return",
            {"decision": "accepted-reassigned", "rule": "D15", "next_owner": "water"},
            {"decision": "accepted-reassigned", "rule": "D15", "next_owner": "water"},
        ),
        (
            cases.disputed,
            "desk",
            "adjudicate",
            {"ground": "D03", "text": "首接负责"},
            {"ground": "D03", "lead": "street-east", "text": "首接负责"},
        ),
        (
            cases.extension,
            "desk",
            "decide-extension",
            {"granted": "yes", "level": "desk", "minutes": "2880"},
            {"granted": True, "level": "desk", "minutes": 2880},
        ),
        (
            cases.extension,
            "desk",
            "decide-extension",
            {"granted": "no", "level": "desk", "minutes": "2880"},
            {"granted": False, "level": "desk"},
        ),
        (
            cases.accepted,
            "desk",
            "suspend",
            {"reason": "season", "condition": "入春", "review_at": "2026-06-09T17:00"},
            {"reason": "season", "condition": "入春", "review_at": "2026-06-09T17:00:00+08:00"},
        ),
        (
            cases.resolved,
            "desk",
            "call",
            {"reached": "reached", "contacted": "yes", "solved": "yes", "satisfied": "very"},
            {"reached": "reached", "contacted": True, "solved": "yes", "satisfied": "very"},
        ),
        (
            cases.queued,
            "desk",
            "transfer",
            {"reason": "to-119", "reference": "119-7"},
            {"reason": "to-119", "reference": "119-7", "target": "119"},
        ),
        (
            cases.dispatched,
            "dept:water-co",
            "accept",
            {"hop": "1", "handler": "王敏"},
            {"hop": 1, "handler": "王敏"},
        ),
        (
            cases.queued,
            "desk",
            "amend",
            {
                "subject": "路灯 不亮",
                "body": "",
                "address": "槐里路9号",
            },
            {"subject": "路灯 不亮", "place": {"address": "槐里路9号"}},
        ),
    ],
)
def test_a_form_becomes_what_intake_takes(
    city: City,
    make: Callable[[], Case],
    role: str,
    verb: str,
    values: dict[str, object],
    body: dict[str, object],
) -> None:
    with visit(city, make(), role) as visitor:
        answer = visitor.send(verb, values)

    assert answer.status_code == 303, answer.text
    [asked] = visitor.intake.asked
    assert (asked.verb, asked.secret, asked.key) == (verb, f"hk_{role}", "form-1")
    assert asked.body == {**body, "by": "王敏"}


def test_photos_are_kept_first_and_sent_by_their_hash(city: City) -> None:
    with visit(city, cases.accepted(), "dept:water-co") as visitor:
        files = [("photos", ("a.png", PNG, "image/png")), ("photos", ("b.png", PNG, "image/png"))]
        answer = visitor.send("resolve", {"hop": "1", "result": "fixed"}, files=files)

    assert answer.status_code == 303
    assert visitor.intake.asked[0].body["media"] == [f"{n:064x}" for n in (0, 1)]


# -- what goes wrong ---------------------------------------------------------------------------


def test_what_is_missing_is_marked_and_nothing_typed_is_lost(city: City) -> None:
    with visit(city, cases.accepted(), "desk") as visitor:
        answer = visitor.send("suspend", {"reason": "season", "condition": "入春", "review_at": ""})

    assert answer.status_code == 422
    assert "请填写此项。" in answer.text
    assert ">入春</textarea>" in answer.text
    assert 'value="season" selected' in answer.text
    assert 'id="act-suspend" open' in answer.text
    assert visitor.intake.asked == []


def test_when_intake_is_down_the_form_comes_back_whole_and_is_safe_to_send_again(
    city: City,
) -> None:
    with visit(city, cases.returned(), "desk") as visitor:
        visitor.intake.error = IntakeDownError("ConnectError")
        values = {"decision": "refused-duty-list", "rule": "D15", "text": "清单已定"}
        answer = visitor.send("decide-return", values)
        visitor.intake.error = None
        again = visitor.send("decide-return", values)

    assert answer.status_code == 503
    assert "接口暂时无法应答" in answer.text
    assert ">清单已定</textarea>" in answer.text
    assert 'name="once" value="form-1"' in answer.text
    assert again.status_code == 303
    assert visitor.intake.asked[0].key == "form-1"


def test_photos_that_were_kept_stay_in_a_form_that_comes_back(city: City) -> None:
    with visit(city, cases.accepted(), "dept:water-co") as visitor:
        files = {"photos": ("a.png", PNG, "image/png")}
        answer = visitor.send("return", {"hop": "1", "text": "不归我们"}, files=files)

    assert answer.status_code == 422
    assert f'name="media" value="{0:064x}"' in answer.text
    assert "已上传 1 张" in answer.text


def test_what_intake_says_stands_beside_its_field(city: City) -> None:
    fault = Fault("condition", "没有实际内容。", "It says nothing.")
    problem = ProblemError(400, "共有1处问题。", "1 problem.", (fault,))
    with visit(city, cases.accepted(), "desk") as visitor:
        visitor.intake.error = problem
        values = {"reason": "season", "condition": "。", "review_at": "2026-06-09T17:00"}
        answer = visitor.send("suspend", values)

    assert answer.status_code == 400
    assert "没有实际内容。" in answer.text
    assert "共有1处问题。" in answer.text


def test_an_act_that_closed_meanwhile_says_so_and_shows_what_was_typed(city: City) -> None:
    with visit(city, cases.queued(), "dept:water-co") as visitor:
        visitor.intake.error = ProblemError(404, "没有这件诉求。", "There is no such issue.")
        answer = visitor.send("resolve", {"hop": "1", "result": "fixed", "text": "已更换阀门"})

    assert answer.status_code == 404
    assert "没有这件诉求。" in answer.text
    assert "text: 已更换阀门" in answer.text


# -- what is said afterwards -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "says"),
    [
        (Effect("applied", "已生效", "it has its effect"), "将会生效。"),
        (Effect("refused", "本次派单已签收", "accepted before"), "将不予采纳：本次派单已签收"),
        (Effect("unknown", "暂时无法得知", "cannot be told"), "稍候显示是否生效。"),
    ],
)
def test_an_act_in_the_log_is_told_at_once_with_what_comes_of_it(
    city: City, effect: Effect, says: str
) -> None:
    with visit(city, cases.dispatched(), "dept:water-co") as visitor:
        visitor.intake.effect_of = effect
        answer = visitor.send("accept", {"hop": "1"})
        page = visitor.client.get(answer.headers["location"]).text
        event = re.search(r"event=([0-9a-f-]+)", answer.headers["location"])
        assert event is not None
        look = f"/fragments/acts/{visitor.issue_id}/{event[1]}"
        more = visitor.client.get(look).text
        last = visitor.client.get(f"{look}?looks=60").text

    assert "已写入日志。" in page
    assert says in page
    assert 'data-judged="no"' in page
    assert f'hx-get="{look}?looks=1"' in page
    assert f'hx-get="{look}?looks=1"' in more
    assert "hx-get" not in last
    assert "请稍后刷新查看" in last


def test_once_the_read_models_have_it_the_verdict_stands_and_asking_ends(city: City) -> None:
    case = cases.dispatched()
    case.at(90).does("IssueAccepted")
    event_id = case.records[-1].event_id
    with visit(city, case, "dept:water-co") as visitor:
        page = visitor.page(f"?event={event_id}")
        fragment = visitor.client.get(f"/fragments/acts/{visitor.issue_id}/{event_id}").text

    for text in (page, fragment):
        assert "签收已生效。" in text
        assert 'data-judged="yes"' in text
        assert "hx-get" not in text


def test_what_was_revealed_is_shown_once_and_not_kept(city: City) -> None:
    with visit(city, cases.accepted(), "dept:water-co") as visitor:
        visitor.intake.revealed = {"phone": "10012345678"}
        asked = visitor.page()
        shown = visitor.send("reveal", {"purpose": "call-back", "fields": ["phone", "home"]})
        [sent] = visitor.intake.asked
        later = visitor.page()

    assert '<option value="call-back" selected>' in asked
    assert sent.body["fields"] == ["phone", "home"]

    assert shown.status_code == 200
    assert "10012345678" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "10012345678" not in later


def test_nobody_looks_without_a_name(city: City) -> None:
    with visit(city, cases.accepted(), "desk", by="") as visitor:
        answer = visitor.send("reveal", {"purpose": "call-back", "fields": ["phone"]})

    assert answer.status_code == 422
    assert "查看须记名" in answer.text
    assert visitor.intake.asked == []


def test_only_the_lead_and_the_desk_may_know_who_reported(city: City) -> None:
    for role, may in (("dept:water-co", True), ("desk", True), ("dept:water", False)):
        with visit(city, cases.accepted(), role) as visitor:
            assert ("reveal" in visitor.verbs()) is may, role


# -- photos ------------------------------------------------------------------------------------


def test_photos_are_shown_with_the_key_of_whoever_looks(city: City) -> None:
    with visit(city, cases.accepted(), "dept:water-co") as visitor:
        sha256 = visitor.intake.keep_photo("", Photo(PNG, "image/png"))
        page = visitor.page()
        shown = visitor.client.get(f"/media/{sha256}")
        missing = visitor.client.get(f"/media/{'0' * 63}9")
        visitor.intake.photos[sha256] = Photo(b"<script>", "text/html")
        strange = visitor.client.get(f"/media/{sha256}")

    assert '<img src="/media/' in page
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert (missing.status_code, strange.status_code) == (404, 404)


def test_who_may_not_see_the_issue_is_offered_no_photo_of_it(city: City) -> None:
    with visit(city, cases.accepted(), "dept:fire") as visitor:
        assert "<img" not in visitor.page()
    with visit(city, cases.accepted(), "dept:water") as helper:
        assert '<img src="/media/' in helper.page()


def test_who_does_not_act_sees_that_there_are_photos_only(city: City) -> None:
    with visit(city, cases.accepted(), "dept:none", keys=False) as visitor:
        page = visitor.page()

    assert "<img" not in page
    assert "照片 1" in page


def test_a_simulated_photo_is_said_to_have_no_picture(city: City) -> None:
    case = cases.accepted()
    case.records = [replace(record, origin="simulated") for record in case.records]
    with visit(city, case, "dept:water-co") as visitor:
        page = visitor.page()

    assert "照片 1（模拟，无图像）" in page
    assert "<img" not in page


# -- the table ---------------------------------------------------------------------------------


def test_the_pages_offer_what_intake_takes() -> None:
    """Verbs, the events that they write, and the fields that may be sent."""
    assert len({verb.name for verb in VERBS}) == len(VERBS)
    for verb in VERBS:
        taken = intake_verbs.VERBS[verb.name]
        sent = {"place" if field.name == "address" else field.name for field in verb.inputs}
        written = {event.__name__ for event in taken.events}
        assert {verb.event, verb.or_event} - {""} <= written
        assert sent <= set(taken.model.model_fields)
