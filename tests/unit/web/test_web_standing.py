"""What the case page says of clocks, turns and what lies over an issue."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hutong_web.app import create_app
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from hutong.city import City, load_city
from tests.fixtures.cases import DAY, HOUR, Case
from tests.fixtures.histories import MINUTE, START
from tests.unit.web import cases
from tests.unit.web.memory import MemorySource
from tests.unit.web.rows import NOW


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def page_of(city: City, *told: Case, at: int = 2 * HOUR, language: str = "zh") -> str:
    """The case page of the last of these issues, `at` minutes after the report; plain text."""
    source = MemorySource(city)
    for case in told:
        source.add(case.records)
    app = create_app(city, source, registry=CollectorRegistry(), now=lambda: NOW + at * MINUTE)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.get(f"/issues/{told[-1].is_.issue_id}?lang={language}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.mark.parametrize(
    ("make", "at", "says"),
    [
        (cases.accepted, 2 * HOUR, "响应 还剩 10 分 到期 6月1日 周一 10:10"),
        (cases.accepted, 3 * HOUR, "响应 已超 50 分"),
        (cases.accepted, 3 * HOUR, "签收 按时"),
        (cases.suspended, 2 * DAY, "办结 暂停，剩 22 小时 40 分"),
        (cases.suspended, 2 * DAY, "列入三季度施工计划"),
        (cases.assigned, 2 * HOUR, "供水公司 → 李巡（网格），6月1日 周一 13:00 前"),
        (cases.assigned, 2 * HOUR, "交办 · 供水公司 还剩 3 小时"),
        (cases.extension, 2 * HOUR, "申请延 2 天，检测鉴定中，待批"),
        (cases.disputed, 2 * HOUR, "退单 2 次：权属不符 · 在指挥中心 20 分，不计入"),
        (cases.reworked, 9 * HOUR, "第 1 轮 已解决"),
        (cases.reworked, 9 * HOUR, "6月1日 周一 14:40 重办"),
        (cases.resolved, 9 * HOUR, "办结 按时"),
    ],
)
def test_the_case_page_says_where_it_stands(
    city: City, make: Callable[[], Case], at: int, says: str
) -> None:
    assert says in page_of(city, make(), at=at)


def test_relatives_are_named_with_their_receipts(city: City) -> None:
    older, younger = cases.accepted(1), Case(2).at(5).reported(subject="同一处漏水").dispatched()
    near = {"metres": 12, "minutes": 5, "text_score": 90}
    suspect = {"issue_id": older.is_.issue_id, **near}
    younger.does("DuplicateSuspected", suspects=[suspect])
    page = page_of(city, older, younger)

    assert "疑似重复 03-03-00000001" in page
    assert "水管爆裂" in page


def test_a_family_is_shown_whole_and_a_child_names_the_result_it_is_answered_with(
    city: City,
) -> None:
    head = Case(1).reported(subject="井口漏水").dispatched().accepted().at(50).resolved()
    middle, last = (
        Case(n, start=START + n).reported(subject=f"漏水{n}").dispatched() for n in (2, 3)
    )
    told = [head, middle, last]
    for master, child in ((head, middle), (middle, last)):
        one, other = master.is_.issue_id, child.is_.issue_id
        master.does("IssueAbsorbed", child_id=other, child_reported_at=child.start)
        child.does("IssueMerged", master_id=one, master_reported_at=master.start)

    page = page_of(city, *told)
    assert "同一事项 03-03-00000001" in page
    assert "以主件结果答复 03-03-00000001" in page
    assert "已解决 · 6月1日 周一 08:50" in page
    assert "以主件结果答复" not in page_of(city, middle, last, head)


def test_the_standing_speaks_english_too(city: City) -> None:
    page = page_of(city, cases.assigned(), language="en")

    assert "Water Company → 李巡 (grid), by Mon 1 Jun 13:00" in page


def test_numbers_of_persons_in_the_state_are_masked(city: City) -> None:
    case = cases.accepted().at(90)
    case.does(
        "IssueSuspended",
        reason="season",
        condition="电话13912345678联系后恢复",
        review_at=case.ms(7 * DAY),
    )
    page = page_of(city, case)

    assert "13912345678" not in page
    assert "联系后恢复" in page
