"""Work on the pages, over the whole stack: desk, departments and a grid worker in Chromium."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.checks import low_contrast, overflow, structure_faults
from tests.browser.conftest import Watched
from tests.fixtures.router_process import wait_until
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

DESK, WATER_CO, WATER, GRID = "指挥中心", "供水公司", "水务局", "网格员巡查"


def reported(
    whole: Whole,
    body: str,
    area: str = "east-canal-01",
    status: str = "queued",
    **more: object,
) -> str:
    """A report of somebody with the app, once the read models show it in that status."""
    now = datetime.now(UTC).isoformat()
    report = {"occurred_at": now, "area": area, "subject": body, "body": body, **more}
    issue_id = whole.accepted(report)
    whole.wait([issue_id])
    wait_until(lambda: whole.issue(issue_id).status == status, 30, lambda: "not routed")
    return issue_id


def act_as(page: Page, role: str, by: str, grid: str = "") -> None:
    """Choose a role in the head of the page."""
    page.locator(".seat summary").click()
    page.get_by_label("以何身份", exact=True).select_option(label=role)
    page.get_by_label("姓名或工号", exact=True).fill(by)
    if grid:
        page.get_by_label("所在网格", exact=True).select_option(grid)
    page.get_by_role("button", name="确定", exact=True).click()
    expect(page.locator(".seat summary b")).to_have_text(role)


def send(page: Page, verb: str, **values: str) -> None:
    """Fill in an act's form, send it, and wait until the read models have judged it."""
    form = page.locator(f"#act-{verb}")
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    for name, value in values.items():
        field = form.locator(f'[name="{name}"]')
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    before = page.url
    form.locator("button[type=submit]").click()
    expect(page).not_to_have_url(before)
    expect(page.locator('#done[data-judged="yes"]')).to_contain_text("已生效")
    event_id = parse_qs(urlsplit(page.url).query)["event"][0]
    expect(page.locator(f"#event-{event_id}")).to_be_attached()  # the page was shown anew


def stands(page: Page, status: str) -> None:
    expect(page.locator(".case-receipt .chip")).to_have_attribute("data-status", status)


def line_of(page: Page, issue_id: str) -> Page:
    """Go to an issue by its line in the list that is shown."""
    page.locator(f'.job[data-id="{issue_id}"] .job-what a').first.click()
    return page


def picture(colour: str) -> FilePayload:
    """A small photo, as a telephone would send it."""
    out = BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_an_issue_goes_from_the_desk_to_its_end(watched: Watched, whole: Whole) -> None:
    issue_id = reported(whole, "请帮忙看一下这个情况，谢谢")
    page = watched.open(f"{whole.stack.web_url}/desk?kind=queued", 1280)
    act_as(page, DESK, "王敏")

    line_of(page, issue_id)
    expect(page.locator("#act-dispatch")).to_have_attribute("open", "")
    send(page, "dispatch", item="water-supply", lead="water-co")
    stands(page, "dispatched")
    expect(page.locator(".entry h3").last).to_have_text("派单")

    act_as(page, WATER_CO, "抢修二班")
    page.goto(f"{whole.stack.web_url}/departments/water-co")
    expect(page.locator(f'#sign .job[data-id="{issue_id}"]')).to_be_visible()
    line_of(page, issue_id)
    send(page, "accept")
    stands(page, "accepted")
    send(page, "respond", means="call", text="已联系诉求人")
    send(page, "return", reason="needs-other-lead", proposed="water", text="属河道设施")
    stands(page, "returned")

    act_as(page, DESK, "王敏")
    page.goto(f"{whole.stack.web_url}/desk?kind=return")
    expect(page.locator(f'.job[data-id="{issue_id}"]')).to_contain_text("建议改派：水务局")
    line_of(page, issue_id)
    expect(page.locator('#act-decide-return [name="next_owner"]')).to_have_value("water")
    send(page, "decide-return", rule="D15")
    stands(page, "queued")
    expect(page.locator('#act-dispatch [name="lead"]')).to_have_value("water")
    send(page, "dispatch")
    expect(page.locator(".turns .present")).to_contain_text(WATER)

    act_as(page, WATER, "李工")
    send(page, "accept")
    send(page, "resolve", result="fixed", text="已修复")
    stands(page, "resolved")

    act_as(page, DESK, "王敏")
    send(page, "call", reached="reached", contacted="yes", solved="yes", satisfied="very")
    send(page, "close", ground="policy")
    stands(page, "closed")
    assert whole.issue(issue_id).status == "closed"
    names = [entry.name for entry in whole.timeline(issue_id)]
    assert names[-3:] == ["IssueResolved", "FollowUpCalled", "IssueClosed"]
    assert {entry.verdict for entry in whole.timeline(issue_id)} == {"applied"}


def test_a_grid_worker_reports_is_given_work_and_checks(watched: Watched, whole: Whole) -> None:
    page = watched.open(f"{whole.stack.web_url}/grid", 390, 844)
    act_as(page, GRID, "李巡", "east-canal-01")
    page.get_by_label("标题", exact=True).fill("水管爆裂")
    page.get_by_label("诉求原文").fill("槐荫路自来水管爆裂，停水")
    page.get_by_label("照片", exact=True).set_input_files([picture("navy")])
    page.get_by_role("button", name="上报", exact=True).click()
    receipt = page.locator("#done a").inner_text()
    expect(page.locator("#done")).to_contain_text("已上报")

    issue_id = reported(whole, "井巷自来水管爆裂，停水", status="dispatched")
    act_as(page, WATER_CO, "抢修二班")
    page.goto(f"{whole.stack.web_url}/issues/{issue_id}")
    send(page, "accept")
    send(page, "assign", assignee="李巡", level="grid")

    act_as(page, GRID, "李巡", "east-canal-01")
    page.goto(f"{whole.stack.web_url}/grid")
    expect(page.locator(f'.job[data-id="{issue_id}"]')).to_contain_text("供水公司")
    assert overflow(page) <= 0

    act_as(page, WATER_CO, "抢修二班")
    page.goto(f"{whole.stack.web_url}/issues/{issue_id}")
    send(page, "resolve", result="fixed")
    act_as(page, GRID, "李巡", "east-canal-01")
    page.goto(f"{whole.stack.web_url}/grid")
    expect(page.locator(f'.job[data-id="{issue_id}"]')).to_have_count(0)

    act_as(page, GRID, "赵查", "east-canal-01")
    page.goto(f"{whole.stack.web_url}/grid")
    line_of(page, issue_id)
    expect(page.locator('#act-check-passed [name="checker"]')).to_have_value("赵查")
    send(page, "check-passed")
    stands(page, "verified")
    page.goto(f"{whole.stack.web_url}/r/{receipt}")
    expect(page.locator(".case-receipt b")).to_have_text(receipt)
    expect(page.locator(".photos img")).to_have_js_property("naturalWidth", 320)


def test_photos_go_with_an_act_and_are_seen_by_those_of_the_issue(
    watched: Watched, whole: Whole
) -> None:
    issue_id = reported(whole, "桥头自来水管爆裂，停水", status="dispatched")
    page = watched.open(f"{whole.stack.web_url}/issues/{issue_id}", 1280)
    act_as(page, WATER_CO, "抢修二班")
    send(page, "accept")
    page.locator("#act-resolve summary").first.click()
    page.locator('#act-resolve [type="file"]').set_input_files([picture("navy"), picture("olive")])
    send(page, "resolve", result="fixed", text="已修复")

    seen = page.locator(".photos img")
    expect(seen).to_have_count(2)
    seen.first.scroll_into_view_if_needed()
    expect(seen.first).to_have_js_property("naturalWidth", 320)
    address = seen.first.get_attribute("src") or ""
    act_as(page, "消防救援大队", "路人")
    expect(page.locator(".photos")).to_contain_text("照片 1")
    expect(seen).to_have_count(0)
    answer = page.request.get(whole.stack.web_url + address)
    assert answer.status == 404


def test_who_reported_is_shown_once_and_that_it_was_is_in_the_history(
    watched: Watched, whole: Whole
) -> None:
    reporter = {"name": "王小明", "phone": "13912345678"}
    issue_id = reported(whole, "胡同口自来水管爆裂，停水", status="dispatched", reporter=reporter)
    page = watched.open(f"{whole.stack.web_url}/issues/{issue_id}", 1280)
    act_as(page, WATER_CO, "抢修二班")
    page.locator("#act-reveal summary").first.click()
    page.locator("#act-reveal [name=purpose]").select_option("call-back")
    page.locator("#act-reveal button[type=submit]").click()
    expect(page.locator(".revealed")).to_contain_text("13912345678")
    expect(page.locator(".revealed")).not_to_contain_text("王小明")

    page.goto(f"{whole.stack.web_url}/issues/{issue_id}")
    wait_until(
        lambda: whole.timeline(issue_id)[-1].name == "IdentityRevealed", 30, lambda: "not seen"
    )
    page.reload()
    expect(page.locator(".entry h3").last).to_have_text("查看诉求人身份")
    assert "13912345678" not in page.content()


def test_the_pages_work_without_script(browser_without_script: Page, whole: Whole) -> None:
    issue_id = reported(whole, "麻烦来人看一看")
    page = browser_without_script
    page.goto(f"{whole.stack.web_url}/issues/{issue_id}")
    act_as(page, DESK, "王敏")
    page.locator('#act-dispatch [name="item"]').select_option("water-supply")
    page.locator("#act-dispatch button[type=submit]").click()
    expect(page.locator("#done")).to_contain_text("已写入日志。")
    wait_until(lambda: whole.issue(issue_id).status == "dispatched", 30, lambda: "not dispatched")
    page.get_by_role("link", name="刷新查看").click()

    expect(page.locator("#done")).to_contain_text("已生效")
    stands(page, "dispatched")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_of_work_fit_and_are_accessible(
    watched: Watched, whole: Whole, width: int, language: str
) -> None:
    issue_id = reported(whole, "这里有点问题，请处理")
    page = watched.open(f"{whole.stack.web_url}/desk", width)
    act_as(page, DESK, "王敏")
    for path in ("/desk", "/departments/water-co", "/grid", f"/issues/{issue_id}"):
        page.goto(f"{whole.stack.web_url}{path}?lang={language}")
        for form in page.locator("details.act").all():
            form.evaluate("e => { e.removeAttribute('name'); e.open = true; }")
        assert overflow(page) <= 0, path
        assert structure_faults(page) == [], path
        assert low_contrast(page) == [], path
