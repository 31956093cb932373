"""The lists that people work through: desk, department, grid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hutong_web.acts.acting import roles_of
from hutong_web.acts.intake import Fault, ProblemError
from hutong_web.acts.writing import Writing
from hutong_web.app import create_app
from hutong_web.city_names import CityNames
from hutong_web.language import Language
from hutong_web.times import CityTime
from hutong_web.wording import wording
from hutong_web.work.desk import DeskFilter, build_desk
from hutong_web.work_wording import work_wording
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from hutong.city import City, load_city
from tests.fixtures.cases import HOUR
from tests.fixtures.histories import MINUTE
from tests.unit.web import cases
from tests.unit.web.fake_intake import FakeIntake
from tests.unit.web.memory import MemorySource
from tests.unit.web.rows import NOW

OWN = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()


@pytest.fixture
def client(city: City, intake: FakeIntake) -> Iterator[TestClient]:
    """A district with one issue at every place, ten hours after they were reported."""
    source = MemorySource(city)
    for case in cases.every_case():
        source.add(case.records)
    app = create_app(
        city,
        source,
        registry=CollectorRegistry(),
        now=lambda: NOW + 10 * HOUR * MINUTE,
        writing=Writing(intake, {role: f"hk_{role}" for role in roles_of(city)}),
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def act_as(client: TestClient, role: str, by: str, area: str = "") -> None:
    client.get("/desk")
    data = {"form_token": client.cookies["hutong_form"], "role": role, "by": by, "area": area}
    assert client.post("/acting", data=data, headers=OWN, follow_redirects=False).status_code == 303


def lines(page: str) -> list[str]:
    """Each line of the lists as plain text."""
    found = re.findall(r'<li class="job.*?</li>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in found]


# -- the desk ----------------------------------------------------------------------------------


def test_the_desk_lists_what_waits_the_most_urgent_first(client: TestClient) -> None:
    page = client.get("/desk").text
    found = lines(page)

    assert len(found) == 5
    assert found[0].startswith(
        "已超 9 小时 6月1日 周一 09:00 待派 路灯不亮 可能：路灯不亮 → 城市管理局"
    )
    assert any("退单 水管爆裂 供水公司 权属不符 建议改派：水务局" in line for line in found)
    assert any("延期 水管爆裂 供水公司 检测鉴定中 申请延 2 天" in line for line in found)
    assert found[-1].startswith("— 待结案")
    assert "全部 <b>5</b>" in page
    assert "另有 2 件尚未到办理时间。" in page


@pytest.mark.parametrize(
    ("kind", "count", "verb"),
    [
        ("queued", 1, "dispatch"),
        ("return", 1, "decide-return"),
        ("dispute", 1, "adjudicate"),
        ("extension", 1, "decide-extension"),
        ("review", 0, ""),
        ("close", 1, "close"),
    ],
)
def test_a_tab_shows_one_kind_and_leads_to_the_form_that_decides_it(
    client: TestClient, kind: str, count: int, verb: str
) -> None:
    page = client.get("/desk", params={"kind": kind}).text

    assert len(lines(page)) == count
    assert page.count(f"/acts/{verb}#act-{verb}") == count or not verb


def test_suspected_pairs_are_read_side_by_side_and_decided_on(city: City) -> None:
    older, younger = cases.suspected()
    source = MemorySource(city).add([*older.records, *younger.records])
    intake = FakeIntake()
    app = create_app(
        city,
        source,
        registry=CollectorRegistry(),
        now=lambda: NOW + HOUR * MINUTE,
        writing=Writing(intake, {"desk": "hk_desk"}),
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        act_as(client, "desk", "王敏")
        page = client.get("/desk?kind=suspects").text
        other = client.get("/desk").text
        address = f"/issues/{younger.is_.issue_id}/acts/dismiss-duplicate"
        case = client.get(address).text
        data = {
            "form_token": client.cookies["hutong_form"],
            "other_id": older.is_.issue_id,
            "ground": "两处",
        }
        answer = client.post(address, data=data, headers=OWN, follow_redirects=False)

    assert "疑似重复 <b>1</b>" in page
    assert "疑似重复 <b>1</b>" in other
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "文字相似 90%" in text
    assert "相距 12 米" in text
    assert "相隔 5 分" in text
    assert "井巷口水管爆裂" in text
    assert "井巷口漏水严重" in text
    assert "井巷口水管爆裂" not in other
    assert f'href="{address}#act-dismiss-duplicate"' in page
    assert f'<option value="{older.is_.issue_id}" selected>' in case
    assert answer.status_code == 303
    assert intake.asked[0].body == {"other_id": older.is_.issue_id, "ground": "两处", "by": "王敏"}


def test_pairs_that_were_not_all_counted_say_so(city: City) -> None:
    older, younger = cases.suspected()
    source = MemorySource(city).add([*older.records, *younger.records])
    data = replace(source.desk("", now=NOW, limit=5), has_more_pairs=True)
    names = CityNames(city, Language.ZH)
    clock = CityTime(city.timezone, Language.ZH)
    words, say = wording(Language.ZH), work_wording(Language.ZH)
    view = build_desk(data, DeskFilter(), names=names, clock=clock, words=words, say=say, now=NOW)

    assert [(tab.count, tab.or_more) for tab in view.tabs[-1:]] == [(1, True)]


@pytest.mark.parametrize(
    "query", ["kind=nonsense", "origin=made-up", "after=1_2", "after=x_y_z_w", "after=²_1_z_w"]
)
def test_a_list_that_cannot_be_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/desk?{query}").status_code == 400


def test_the_form_of_a_line_stands_open(client: TestClient) -> None:
    act_as(client, "desk", "王敏")
    page = client.get("/desk?kind=dispute").text
    address = re.search(r'href="(/issues/[^"#]+)#act-adjudicate"', page)
    assert address is not None
    case = client.get(address[1]).text

    assert 'id="act-adjudicate" open' in case
    assert "D15 水电气热" in case
    assert "返回派单台" in case


# -- the department ----------------------------------------------------------------------------


def test_an_inbox_shows_each_order_where_it_stands(client: TestClient) -> None:
    page = client.get("/departments/water-co").text
    counts = re.findall(r'<a href="#(\w+)">[^<]+<b>(\d+)</b>', page)
    found = lines(page)

    assert dict(counts) == {
        "sign": "1", "work": "4", "help": "0", "desk": "3", "check": "1", "done": "0",
    }  # fmt: skip
    assert found[0].startswith("签收 已超 8 小时 50 分")
    assert any("交办 李巡" in line for line in found)


def test_a_co_owner_sees_whom_it_helps(client: TestClient) -> None:
    page = client.get("/departments/water").text

    assert all("供水公司" in line for line in lines(page))
    assert len(lines(page)) == 9


def test_an_unknown_department_is_said_so(client: TestClient) -> None:
    answer = client.get("/departments/made-up")

    assert answer.status_code == 404
    assert "没有这个单位" in answer.text


# -- the grid ----------------------------------------------------------------------------------


def test_a_worker_sees_what_was_given_and_what_is_to_be_checked(client: TestClient) -> None:
    act_as(client, "channel:grid", "李巡", "east-canal-01")
    found = lines(client.get("/grid").text)

    assert len(found) == 2
    assert found[0].startswith("已超 5 小时 6月1日 周一 13:00 水管爆裂")
    assert "已办结" in found[1]


def test_nobody_is_offered_to_check_his_own_work(client: TestClient) -> None:
    act_as(client, "channel:grid", "dept:water-co:someone", "east-canal-01")

    assert not any("已办结" in line for line in lines(client.get("/grid").text))


def test_a_patrol_reports_what_it_handled_on_the_spot(
    client: TestClient, intake: FakeIntake
) -> None:
    act_as(client, "channel:grid", "李巡", "east-canal-01")
    page = client.get("/grid").text
    occurred = re.search(r'name="occurred_at" value="([^"]+)"', page)
    assert occurred is not None
    data = {
        "form_token": client.cookies["hutong_form"],
        "once": "form-2",
        "occurred_at": occurred[1],
        "subject": "垃圾堆放",
        "body": "楼前垃圾堆放",
        "address": "3号楼",
        "result": "fixed",
        "done": "已清理",
    }
    answer = client.post("/grid/reports", data=data, headers=OWN, follow_redirects=False)
    after = client.get(answer.headers["location"]).text

    assert answer.status_code == 303
    assert intake.reports == [
        {
            "occurred_at": "2026-06-01T10:00:00+00:00",
            "subject": "垃圾堆放",
            "body": "楼前垃圾堆放",
            "place": {"address": "3号楼"},
            "area": "east-canal-01",
            "actor": "李巡",
            "handled_on_the_spot": {"result": "fixed", "text": "已清理"},
            "secret": "hk_channel:grid",
            "key": "form-2",
        }
    ]
    assert "已上报。" in after
    assert "01-00-00000007" in after


def test_a_report_that_is_refused_comes_back_as_it_was_typed(
    client: TestClient, intake: FakeIntake
) -> None:
    act_as(client, "channel:grid", "李巡", "east-canal-01")
    fault = Fault("body", "没有实际内容。", "It says nothing.")
    intake.error = ProblemError(400, "共有1处问题。", "1 problem.", (fault,))
    data = {
        "form_token": client.cookies["hutong_form"],
        "once": "form-3",
        "body": "。",
        "subject": "水管",
    }
    answer = client.post("/grid/reports", data=data, headers=OWN)

    assert answer.status_code == 400
    assert "没有实际内容。" in answer.text
    assert 'value="水管"' in answer.text
    assert 'name="once" value="form-3"' in answer.text


def test_only_the_grid_reports_from_the_grid(client: TestClient, intake: FakeIntake) -> None:
    act_as(client, "desk", "王敏")
    data = {"form_token": client.cookies["hutong_form"], "body": "x"}

    assert 'action="/grid/reports"' not in client.get("/grid").text
    assert client.post("/grid/reports", data=data, headers=OWN).status_code == 403
    assert intake.reports == []
