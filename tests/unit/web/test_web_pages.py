"""The pages over rows in memory: what they show, what they refuse, what goes along with them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hutong_web.app import create_app
from hutong_web.data import NotMigratedError, UnavailableError
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from hutong.city import City, load_city
from tests.unit.web.rows import (
    DISPATCH,
    ISSUE,
    NOW,
    PACK,
    RECEIPT,
    FakeSource,
    entry,
    full_source,
    history,
    issue,
)

HOSTILE = "<img src=x onerror=alert(1)>\u202e\u200b\x07'\"&"
PAGES = (
    "/",
    f"/issues/{ISSUE}",
    "/?lang=en",
    "/nowhere",
    "/search?q=1",
    "/?status=desk",
    "/desk",
    "/departments/water",
    "/grid",
    "/circular/2026-W23",
    "/departments",
    "/departments/water/scorecard",
    "/workers",
    "/returns",
)


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def client_of(city: City, source: FakeSource) -> TestClient:
    app = create_app(city, source, registry=CollectorRegistry(), now=lambda: NOW)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def client(city: City) -> Iterator[TestClient]:
    with client_of(city, full_source()) as client:
        yield client


class Tags(HTMLParser):
    """Every tag with its attributes, and what stands in scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside = ""
        self.inline = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in ("script", "style"):
            self.inline += data.strip()


# -- the board ---------------------------------------------------------------------------------


def test_the_board_adds_up(client: TestClient) -> None:
    page = client.get("/").text

    figures = re.findall(r'"figure figure-(\w+)".*?figure-value">([\d,]+)', page, re.DOTALL)
    assert figures == [
        ("all", "19"),
        ("sent", "16"),
        ("desk", "3"),
        ("open", "8"),
        ("closed", "10"),
        ("week", "4"),
    ]
    assert "较上周全周 −50%" in page
    assert "issues 第 171 条（2 个分区）" in page
    assert RECEIPT in page
    assert "市政设施 · </span>" in page


def test_the_board_says_which_moment_and_which_pack(client: TestClient, city: City) -> None:
    page = client.get("/").text

    assert "2026年6月1日 周一 07:59:59" in page
    assert city.hash in page


def test_filters_reach_the_source_and_stay_chosen(city: City) -> None:
    source = full_source()
    with client_of(city, source) as client:
        page = client.get("/?status=desk&department=water&street=west&category=housing").text

    asked = source.asked[-1]
    assert (asked.status, asked.department, asked.street) == ("desk", "water", "west")
    for value in ("desk", "water", "west", "housing"):
        assert f'<option value="{value}" selected>' in page


def test_the_fragment_is_silent_when_nothing_moved(client: TestClient) -> None:
    mark = re.search(r'data-mark="([^"]+)"', client.get("/").text)
    assert mark is not None

    assert client.get("/fragments/board", params={"mark": mark[1]}).status_code == 204
    moved = client.get("/fragments/board", params={"mark": "0-1@2026-W23"})
    assert moved.status_code == 200
    assert 'id="issues" hx-swap-oob="true"' in moved.text
    assert "HX-Push-Url" not in moved.headers


def test_a_filter_through_the_fragment_makes_an_address_to_share(client: TestClient) -> None:
    answer = client.get("/fragments/board?status=open&street=&department=")

    assert answer.headers["HX-Push-Url"] == "/?status=open"


def test_what_is_not_live_is_marked(city: City) -> None:
    source = full_source()
    counts = [*source.counts, type(source.counts[0])("simulated", "queued", 7, 0)]
    with client_of(city, FakeSource([issue(origin="simulated")], history(), counts)) as client:
        page = client.get("/").text
        live = client.get("/?origin=live").text
        case = client.get(f"/issues/{ISSUE}").text

    assert "本页含非实时数据：模拟 7 件" in page
    assert 'origin-simulated">模拟</span>' in page
    assert "本页含非实时数据" not in live
    assert "模拟件" in case


def test_an_empty_board_tells_what_to_do(city: City) -> None:
    with client_of(city, FakeSource()) as client:
        page = client.get("/").text

    assert "还没有诉求" in page
    assert "curl -i http://127.0.0.1:18080/v1/reports" in page
    assert "--from 2026-04-06 --to 2026-06-01" in page


# -- the case ----------------------------------------------------------------------------------


def test_the_case_says_why_and_what_happened(client: TestClient) -> None:
    page = client.get(f"/issues/{ISSUE}").text

    assert "<mark>路灯 不亮</mark>" in page
    assert "91.2%" in page
    assert PACK in page
    assert "城市管理局(综合执法局)" in page
    assert "槐里区 › 西街道 › 钟楼社区 › 钟楼社区第一网格" in page
    assert "不予采纳" in page
    assert "提交方不是主办单位" in page
    assert "issues/7/130" in page
    assert "reports-hotline/7/128431" in page
    assert "+5.0 秒" in page
    assert page.index("上报</h3>") < page.index("派单</h3>") < page.index("签收 <span")


def test_nothing_of_the_reporter_is_shown(client: TestClient) -> None:
    page = client.get(f"/issues/{ISSUE}").text

    assert "SECRET" not in page
    assert "worker:0417" in page


def test_a_queued_issue_shows_the_candidates(city: City) -> None:
    queued = {
        "reason": "close-candidates",
        "candidates": [
            {"item": "street-lamp", "category": "facilities", "department": "water", "score": 90},
            {"item": "no-longer", "category": "gone.x", "department": "old", "score": 45},
        ],
        "confidence": 480,
        "pack": PACK,
        "model": "duty-list/1",
        "text": "",
    }
    entries = [history()[0], entry("IssueQueued", DISPATCH, queued, offset=129)]
    source = full_source()
    source.issues = [issue(status="queued", lead=None, category=None, co_owners=[], hop=0)]
    source.entries = entries
    with client_of(city, source) as client:
        page = client.get(f"/issues/{ISSUE}").text

    assert "候选事项难分高下" in page
    assert "路灯不亮" in page
    assert "no-longer" in page
    assert "48.0%" in page


def test_an_issue_whose_report_is_missing_still_has_a_page(city: City) -> None:
    waiting = entry("ProgressNoted", DISPATCH, {"text": "到场"}, verdict="waiting")
    with client_of(city, FakeSource([], [waiting], full_source().counts)) as client:
        answer = client.get(f"/issues/{ISSUE}")

    assert answer.status_code == 200
    assert "尚未收到上报原文" in answer.text


def test_hostile_text_is_only_text_everywhere(city: City) -> None:
    entries = [
        entry("IssueReported", ISSUE, {"subject": HOSTILE, "body": HOSTILE, "reference": HOSTILE}),
        entry(
            HOSTILE,
            DISPATCH,
            {},
            principal=HOSTILE,
            verdict=HOSTILE,
            reason=HOSTILE,
            source=HOSTILE,
        ),
        entry("ProgressNoted", DISPATCH, {"text": HOSTILE}, principal="desk", actor=HOSTILE),
    ]
    hostile = issue(
        subject=HOSTILE, channel=HOSTILE, area=HOSTILE, lead=HOSTILE, category=HOSTILE,
        status=HOSTILE, address=HOSTILE, tier=HOSTILE, street=HOSTILE,
    )  # fmt: skip
    source = full_source()
    source.issues, source.entries = [hostile], entries
    with client_of(city, source) as client:
        pages = [client.get("/").text, client.get(f"/issues/{ISSUE}").text]

    for page in pages:
        assert "<img" not in page
        assert not any(name.startswith("on") for _, attrs in Tags(page).tags for name in attrs)
        assert "U+202E" in page


# -- finding -----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [RECEIPT, RECEIPT.replace("-", ""), "０２ 07 00128431 5"])
def test_a_receipt_number_leads_to_the_case(client: TestClient, typed: str) -> None:
    answer = client.get("/search", params={"q": typed}, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/issues/{ISSUE}")
    assert client.get(f"/r/{RECEIPT}").status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/search?q=02-07-00128431-4", 400, "校验位不符"),
        ("/search?q=hello", 400, "不是回执号"),
        ("/search?q=", 400, "不是回执号"),
        ("/search?q=02-07-00128432-3", 404, "没有查到回执号 02-07-00128432-3"),
        ("/r/02-07-00128431-4", 400, "校验位不符"),
        ("/issues/0197a6c2-4f00-7a11-9c55-1b2f00c0ffef", 404, "没有查到这件诉求"),
        ("/issues/..%2f..%2fetc", 404, "没有这个页面"),
        ("/?status=nonsense", 400, "筛选条件有误"),
        ("/nowhere", 404, "没有这个页面"),
        ("/static/css/page.0000000000000000.css", 404, "没有这个页面"),
        ("/static/../main.py", 404, "没有这个页面"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(
    client: TestClient, address: str, status: int, says: str
) -> None:
    answer = client.get(address)

    assert (answer.status_code, says in answer.text) == (status, True)


def test_the_pages_change_nothing(client: TestClient) -> None:
    assert client.post("/").status_code == 405
    assert client.delete(f"/issues/{ISSUE}").status_code == 405


# -- languages ---------------------------------------------------------------------------------


def test_the_language_is_switched_and_kept(client: TestClient) -> None:
    assert '<html lang="zh-Hans">' in client.get("/").text
    english = client.get("/?lang=en")
    kept = client.get(f"/issues/{ISSUE}")

    assert "hutong_lang=en" in english.headers["set-cookie"]
    assert '<html lang="en">' in kept.text
    assert "Urban Management and Enforcement" in kept.text
    assert "Mon 1 Jun 2026" in kept.text
    assert "set-cookie" not in kept.headers


def test_an_english_page_speaks_english(client: TestClient) -> None:
    page = client.get("/?lang=en").text
    words = re.sub(r"<option.*?</option>|<bdi>.*?</bdi>", "", page)

    assert re.findall(r"[\u4e00-\u9fff]+", words) == ["中文"]


# -- what goes along ---------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_every_page_forbids_what_it_does_not_need(client: TestClient, address: str) -> None:
    answer = client.get(address)
    policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", PAGES)
def test_no_page_needs_inline_code_or_another_host(client: TestClient, address: str) -> None:
    tags = Tags(client.get(address).text)

    assert tags.inline == ""
    for tag, attrs in tags.tags:
        assert "style" not in attrs, tag
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("src", "href", "action"):
            assert not re.match(r"(?i)\w+:|//", attrs.get(name) or ""), (tag, attrs)


@pytest.mark.parametrize("address", PAGES)
def test_every_asset_of_a_page_is_there_for_ever(client: TestClient, address: str) -> None:
    tags = Tags(client.get(address).text).tags
    used = [
        value
        for _, attrs in tags
        for value in (attrs.get("src"), attrs.get("href"))
        if value and value.startswith("/static/")
    ]

    assert used
    for asset in used:
        answer = client.get(asset)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost:x"])
def test_another_host_name_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421
    assert client.get("/readyz", headers={"host": host}).status_code == 200


def test_vendored_files_are_those_that_the_list_names() -> None:
    folder = files("hutong_web") / "static" / "vendor"
    table = (folder / "VENDOR.md").read_text()
    listed = dict(re.findall(r"^\| `([\w.]+)` .*`([0-9a-f]{64})` \|$", table, re.MULTILINE))
    found = {
        f.name: hashlib.sha256(f.read_bytes()).hexdigest()
        for f in folder.iterdir()
        if f.name.endswith(".js")
    }

    assert found == listed
    assert "://" not in table


# -- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", f"/issues/{ISSUE}", f"/r/{RECEIPT}", "/fragments/board"])
def test_without_the_database_a_page_says_so(city: City, address: str) -> None:
    with client_of(city, FakeSource(error=UnavailableError("down"))) as client:
        answer = client.get(address)
        ready = client.get("/readyz")
        healthy = client.get("/healthz")

    assert answer.status_code == 503
    assert "上报和派单不受影响" in answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert (ready.status_code, healthy.status_code) == (503, 200)


def test_a_database_without_tables_names_the_command(city: City) -> None:
    with client_of(city, FakeSource(error=NotMigratedError("no tables"))) as client:
        answer = client.get("/?lang=en")

    assert answer.status_code == 503
    assert "<code>hutong migrate</code>" in answer.text


def test_pages_are_counted_by_route_not_by_address(client: TestClient) -> None:
    client.get(f"/issues/{ISSUE}")
    text = client.get("/metrics").text

    assert 'page="/issues/{issue_id}",status="200"' in text
    assert ISSUE not in text
