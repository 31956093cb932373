"""Circular, scorecards, grid workers and returns over rows in memory."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from hutong_web.app import create_app
from hutong_web.filters import Filters
from hutong_web.language import Language
from hutong_web.reports.links import FACT_OF, issues_of
from hutong_web.reports.sheet import sheet
from hutong_web.reports.words import EN, ZH
from openpyxl import load_workbook
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from hutong.circular.issued import Issued
from hutong.circular.tables import Cell, Change, Column, Row, TableView, tables_of
from hutong.circular.words import Words
from hutong.city import City, load_city
from hutong.readmodels.issue_current.conditions import FACTS
from hutong.readmodels.periods import Period
from hutong.readmodels.return_reasons.queries import ReturnReason
from hutong.readmodels.worker_assessment.queries import Worker
from tests.unit.circular.editions import AT, WEEK, full, some
from tests.unit.web.report_rows import score
from tests.unit.web.rows import FakeSource, full_source

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def client_of(city: City, source: FakeSource) -> TestClient:
    app = create_app(city, source, registry=CollectorRegistry(), now=lambda: AT)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def source_of() -> FakeSource:
    worker = Worker("gw-0103", "live", 5, 3, 40, 12, 20, 15, 3, 2, 7, 1, 1)
    return FakeSource(
        edition=some(),
        scores=[score(hops=10, issues=9, resolve_on_time=6, resolve_late=2, dwell_ms=7_200_000)],
        busy=[worker],
        given_back=[
            ReturnReason("not-our-duty", "water-co", "live", 5, 3, 1, 1, 4),
            ReturnReason("wrong-area", "housing", "live", 2, 0, 2, 0, 0),
        ],
    )


@pytest.fixture
def client(city: City) -> Iterator[TestClient]:
    with client_of(city, source_of()) as client:
        yield client


def issued(number: int, reported: int) -> Issued:
    edition = some(reported=reported)
    return Issued(WEEK.name, number, AT, f"王主任{HOSTILE}", edition.digest, edition.to_text())


# -- the circular ------------------------------------------------------------------------------


def test_the_circular_gives_each_rate_with_its_parts(client: TestClient) -> None:
    page = client.get("/circular/2026-W23").text
    assert "和宁市槐里区 每周通报 2026-W23" in page
    [rate] = re.findall(r"headline-response is-rate.*?</li>", page, re.DOTALL)
    assert "75.0%" in rate
    assert "9 件 ÷ 12 件" in rate
    assert "逾期未办" in page
    assert "口径说明" in page
    assert some().digest in page


def test_the_circular_leads_to_the_newest_week(client: TestClient) -> None:
    answer = client.get("/circular", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/circular/2026-W23")


def test_every_figure_leads_to_its_issues(client: TestClient) -> None:
    page = client.get("/circular/2026-W23").text
    [row] = re.findall(r'<tr class="level-1" data-code="service">.*?</tr>', page, re.DOTALL)[1:2]
    addresses = [unescape(a) for a in re.findall(r'href="(/\?[^"]+)#list"', row)]
    assert "/?origin=live&kind=service&period=2026-W23" in addresses
    assert "/?origin=live&kind=service&period=2026-W23&fact=overdue" in addresses
    for address in addresses:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("origin", ["live", "imported"])
def test_every_link_of_a_full_circular_is_one_that_the_board_takes(city: City, origin: str) -> None:
    linked = 0
    for table in tables_of(full(), city, origin):
        for row in table.rows:
            for column in table.columns:
                address = issues_of(WEEK, origin, table.key, row.code, column.key)
                if address:
                    query = dict(pair.split("=") for pair in address.partition("?")[2].split("&"))
                    assert Filters.parse(query).address() == address
                    linked += 1
    assert linked > 1000


def test_every_fact_of_a_figure_is_one_that_the_list_knows() -> None:
    assert set(FACT_OF.values()) - {""} <= set(FACTS)


def test_an_issued_edition_stays_and_a_later_one_lists_its_corrections(city: City) -> None:
    source = source_of()
    source.issued = [issued(1, 12), issued(2, 14)]
    with client_of(city, source) as client:
        first = client.get("/circular/2026-W23?edition=1").text
        assert "王主任" in first
        assert "对第" not in first
        second = client.get("/circular/2026-W23?edition=2").text
        assert "对第 1 版的更正，共 1 项" in second
        assert "实时受理 · 总体情况 · 合计 · 上报 <b>14</b> <small>原为 12</small>" in second
        assert HOSTILE not in second
        assert client.get("/circular/2026-W23?edition=0").text == second.replace(
            "edition=2&amp;lang", "edition=0&amp;lang"
        )


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/circular/2026-W54", 400, "时段写作 2026-W47"),
        ("/circular/last", 400, "时段写作"),
        ("/departments?period=x", 400, "时段写作"),
        ("/circular/2026-W23?edition=9", 404, "没有签发过第 9 版"),
        ("/circular/2026-W23?edition=x", 404, "没有这一版"),
        ("/departments/nobody/scorecard", 404, "nobody"),
        ("/?period=2026-W54", 400, "筛选条件有误"),
        ("/?fact=nothing", 400, "筛选条件有误"),
    ],
)
def test_what_cannot_be_is_said(client: TestClient, address: str, status: int, says: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, says in answer.text) == (status, True)


def test_the_files_have_what_the_page_has(client: TestClient) -> None:
    answer = client.get("/circular/2026-W23.csv")
    assert answer.headers["content-disposition"].endswith('filename="circular-2026-W23.csv"')
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["上报（件）", "12", "9", "3"] in rows
    answer = client.get("/circular/2026-W23.xlsx?lang=en")
    book = load_workbook(io.BytesIO(answer.content))
    assert "Overall" in book.sheetnames


def test_a_period_without_reports_says_so(city: City) -> None:
    with client_of(city, FakeSource()) as client:
        page = client.get("/circular/2026-W22").text
        assert "2026-W22 没有上报。" in page
        for path in ("/departments", "/workers", "/returns", "/departments/water/scorecard"):
            assert "本时段没有记录。" in client.get(path).text


def test_weeks_months_and_quarters_lead_to_each_other(client: TestClient) -> None:
    page = client.get("/circular/2026-W23").text
    for name in ("2026-W22", "2026-W24", "2026-06", "2026-Q2"):
        assert f'href="/circular/{name}"' in page


# -- scorecards, grid workers, returns ---------------------------------------------------------


def test_departments_stand_in_the_order_of_their_rank(city: City) -> None:
    source = FakeSource(edition=full())
    with client_of(city, source) as client:
        page = client.get("/departments").text
    codes = re.findall(r'<tr class="level-1" data-code="([\w-]+)"', page)
    assert len(codes) == len(city.departments)
    assert 'href="/departments/agriculture/scorecard?period=2026-W23&amp;origin=live"' in page
    assert "不排名" in page


def test_a_scorecard_shows_its_weeks_the_newest_first(client: TestClient) -> None:
    page = client.get("/departments/water-co/scorecard").text
    assert "供水公司 承办考核" in page
    weeks = re.findall(r'data-code="(2026-W\d\d)"', page)
    assert weeks == [f"2026-W{week}" for week in range(23, 15, -1)]
    assert "60.0%" in page  # 6 of the 6 on time, 2 late and 2 overdue
    assert 'href="/?department=water-co&amp;origin=live&amp;turn=2026-W23&amp;fact=overdue' in page
    assert "非本单位职责" in page


def test_grid_workers_with_volume_promises_and_coverage(client: TestClient) -> None:
    page = client.get("/workers").text
    [row] = re.findall(r"<tr class=\"level-1\"><th scope=\"row\">gw-0103.*?</tr>", page, re.DOTALL)
    numbers = re.findall(r">([\d.%]+)(?: <small>[\d/]+</small>)?</td>", row)
    assert numbers == ["5", "3", "40", "12", "20", "83.3%", "3", "2", "8", "1", "1"]


NO_WORDS = Words("", "")


@pytest.mark.parametrize(
    ("value", "red"),
    [(0, False), (2, True), (Change(0), False), (Change(-1), False), (Change(1), True)],
)
def test_only_what_is_overdue_and_what_came_to_it_is_red(value: Cell, red: bool) -> None:
    table = TableView(
        "places",
        NO_WORDS,
        NO_WORDS,
        (Column("overdue", NO_WORDS, NO_WORDS),),
        (Row("a", NO_WORDS, 1, (value,)),),
    )

    assert sheet(table, Language.ZH, lambda *_: "").rows[0].cells[0].hot is red


def test_returns_by_reason_and_by_department(client: TestClient) -> None:
    page = client.get("/returns").text
    assert page.index("非本单位职责") < page.index("属地不符")
    assert "/departments/water-co/scorecard?period=2026-W23" in page


def test_the_origin_that_is_asked_for_is_shown(city: City) -> None:
    source = source_of()
    source.busy.append(Worker("sim-1", "simulated", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0))
    with client_of(city, source) as client:
        assert "sim-1" not in client.get("/workers").text
        page = client.get("/workers?origin=simulated").text
        assert "sim-1" in page
        assert "gw-0103" not in page


# -- words and frame ---------------------------------------------------------------------------


def test_every_report_page_is_in_the_navigation_and_speaks_english(client: TestClient) -> None:
    for path in ("/circular", "/departments", "/workers", "/returns"):
        page = client.get(f"{path}?lang=en").text
        for name in ("Circular", "Departments", "Workers", "Returns"):
            assert name in page
        assert 'aria-current="page"' in page


def test_both_languages_fill_in_the_same_words() -> None:
    for name in ZH.__slots__:
        zh, en = getattr(ZH, name), getattr(EN, name)
        assert zh
        assert en
        assert set(re.findall(r"{\w+}", zh)) == set(re.findall(r"{\w+}", en)), name


def test_no_page_of_reports_has_anything_inline(client: TestClient) -> None:
    for path in ("/circular/2026-W23", "/departments", "/workers", "/returns"):
        page = client.get(path).text
        assert "style=" not in page
        assert "<script>" not in page
        assert " onclick" not in page


def test_the_board_narrowed_by_a_figure_says_how_and_keeps_it(city: City) -> None:
    with client_of(city, full_source()) as client:
        page = client.get("/?period=2026-W23&fact=overdue&kind=service&origin=live").text
    assert "2026-W23 上报 · 便民惠企服务 · 逾期未办" in page
    for name, value in (("period", "2026-W23"), ("fact", "overdue"), ("kind", "service")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page


def test_filters_mean_instants_and_areas_of_the_city(city: City) -> None:
    scope = Filters(period="2026-W23", turn="2026-06", area="east-canal").scope(city, AT)
    assert scope.span == Period.parse("2026-W23").span("Asia/Shanghai")
    assert scope.turns == Period.parse("2026-06").span("Asia/Shanghai")
    assert "east-canal-01" in scope.areas
    assert "west-bell-01" not in scope.areas
    assert scope.at == AT
