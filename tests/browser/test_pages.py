"""What a person does on each page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from hutong.readmodels.issue_current import queries as issue_current
from hutong.store import connect, migrate
from tests.browser.checks import low_contrast, overflow, structure_faults
from tests.browser.conftest import District, Watched, serving
from tests.browser.history import SECRET_BOX, SECRET_CONTACT, SECRET_NAME
from tests.fixtures.database import database

#: The lists of work; without keys they only show.
WORK = ("/desk", "/departments/urban-mgmt", "/grid")


def figure(page: Page, name: str) -> int:
    text = page.locator(f".figure-{name} .figure-value").inner_text()
    return int(text.split()[0].replace(",", ""))


def counts(district: District) -> dict[str, int]:
    with connect(district.url) as connection:
        return issue_current.counts_by_status(connection)


def first_ids(page: Page) -> list[str]:
    rows = page.locator("#issues tr[data-id]")
    return [row.get_attribute("data-id") or "" for row in rows.all()]


# -- the board ---------------------------------------------------------------------------------


def test_the_board_shows_the_numbers_of_the_read_models(
    watched: Watched, web: str, district: District
) -> None:
    page = watched.open(web)
    stand = counts(district)

    assert figure(page, "all") == sum(stand.values())
    assert figure(page, "desk") == stand["queued"] + stand.get("returned", 0)
    assert figure(page, "closed") == stand["closed"]
    assert len(first_ids(page)) == 40
    expect(page.locator(".origin-bar p")).to_contain_text("导入 12 件、模拟 12 件")
    expect(page.locator(".panel canvas")).to_have_count(page.locator(".panel").count())
    page.locator(".as-table summary").click()
    table = [
        int(text.replace(",", ""))
        for text in page.locator(".as-table tbody td:last-child").all_inner_texts()
    ]
    assert sum(table) == sum(stand.values())


def test_a_filter_narrows_the_list_and_makes_an_address_to_share(
    watched: Watched, web: str
) -> None:
    page = watched.open(web)
    page.get_by_label("状态", exact=True).select_option("queued")
    expect(page).to_have_url(f"{web}/?status=queued")
    expect(page.locator("#issues .chip").first).to_have_attribute("data-status", "queued")
    assert {c.get_attribute("data-status") for c in page.locator("#issues .chip").all()} == {
        "queued"
    }

    page.get_by_label("街道", exact=True).select_option("west")
    expect(page).to_have_url(f"{web}/?status=queued&street=west")
    narrowed = first_ids(page)
    page.reload()
    assert first_ids(page) == narrowed
    expect(page.get_by_label("状态", exact=True)).to_have_value("queued")

    page.get_by_role("link", name="清除筛选").click()
    expect(page).to_have_url(f"{web}/")


def test_going_back_undoes_a_filter(watched: Watched, web: str) -> None:
    page = watched.open(web)
    before = first_ids(page)
    page.get_by_label("承办单位", exact=True).select_option("water")
    expect(page).to_have_url(f"{web}/?department=water")

    page.go_back()
    expect(page).to_have_url(f"{web}/")
    expect(page.get_by_label("承办单位", exact=True)).to_have_value("")
    assert first_ids(page) == before


def test_the_list_can_be_leafed_through(watched: Watched, web: str) -> None:
    page = watched.open(web)
    newest = first_ids(page)
    page.get_by_role("link", name="更早的").click()
    page.wait_for_url("**before=**")
    older = first_ids(page)

    assert older
    assert not set(older) & set(newest)
    page.get_by_role("link", name="回到最新").click()
    page.wait_for_url(f"{web}/#list")
    assert first_ids(page) == newest


def test_figures_and_departments_lead_to_their_issues(watched: Watched, web: str) -> None:
    page = watched.open(web)
    page.locator(".figure-desk a").click()
    page.wait_for_url("**status=desk**")
    statuses = {c.get_attribute("data-status") for c in page.locator("#issues .chip").all()}
    assert statuses <= {"queued", "returned"}
    assert statuses

    page.goto(web)
    name = page.locator(".loads th a").first.inner_text()
    page.locator(".loads th a").first.click()
    page.wait_for_url("**department=**")
    assert set(page.locator("#issues td.c-lead").all_inner_texts()) == {name}


def test_the_language_switch_keeps_the_filters(watched: Watched, web: str) -> None:
    page = watched.open(f"{web}/?status=queued")
    page.get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_label("Status", exact=True)).to_have_value("queued")
    expect(page.locator("#issues .chip").first).to_have_text("At the desk")
    page.goto(web)
    expect(page.get_by_role("heading", name="Latest issues")).to_be_visible()


@pytest.mark.parametrize("typed", ["{}", " {} ", "{bare}"])
def test_a_receipt_number_finds_its_issue(watched: Watched, web: str, typed: str) -> None:
    page = watched.open(web)
    receipt = page.locator("#issues td.c-receipt a").first.inner_text()
    page.get_by_label("按回执号查询", exact=True).fill(
        typed.format(receipt, bare=receipt.replace("-", ""))
    )
    page.keyboard.press("Enter")

    expect(page.locator(".case-receipt b")).to_have_text(receipt)


def test_a_mistyped_receipt_number_is_explained(watched: Watched, web: str) -> None:
    watched.failing = True  # Chromium logs every 4xx as an error
    page = watched.open(web)
    receipt = page.locator("#issues td.c-receipt a").first.inner_text()
    wrong = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    page.get_by_label("按回执号查询", exact=True).fill(wrong)
    page.get_by_role("button", name="查询").click()

    expect(page.locator(".notice")).to_contain_text("校验位不符")
    expect(page.get_by_label("按回执号查询", exact=True)).to_have_value(wrong)


# -- refreshing --------------------------------------------------------------------------------


def test_the_board_follows_the_log_unless_it_is_read_or_paused(
    watched: Watched, web: str, district: District
) -> None:
    page = watched.open(web)
    total = figure(page, "all")
    district.write(live=2)
    expect(page.locator(".figure-all .figure-value")).to_have_text(str(total + 2))
    expect(page.locator(".panel canvas")).to_have_count(page.locator(".panel").count())

    page.locator("#issues tbody tr").nth(2).hover()
    expect(page.locator("#refresh-state")).to_have_text("正在阅读，暂缓更新")
    district.write(live=1)
    page.wait_for_timeout(2_500)
    assert figure(page, "all") == total + 2

    page.mouse.move(5, 5)
    page.get_by_role("button", name="暂停").click()
    page.wait_for_timeout(8_000)
    assert figure(page, "all") == total + 2
    page.get_by_role("button", name="继续").click()
    expect(page.locator(".figure-all .figure-value")).to_have_text(str(total + 3))


def test_a_refresh_keeps_the_filters(watched: Watched, web: str, district: District) -> None:
    page = watched.open(f"{web}/?status=queued")
    mark = page.locator("#figures").get_attribute("data-mark")
    district.write(live=2)

    expect(page.locator("#figures")).not_to_have_attribute("data-mark", mark or "")
    assert {c.get_attribute("data-status") for c in page.locator("#issues .chip").all()} == {
        "queued"
    }
    expect(page).to_have_url(f"{web}/?status=queued")


def test_a_board_that_cannot_refresh_says_so_and_keeps_the_figures(
    watched: Watched, web: str
) -> None:
    watched.failing = True
    page = watched.open(web)
    total = figure(page, "all")
    page.route("**/fragments/board**", lambda route: route.fulfill(status=503, body="down"))

    expect(page.locator("#refresh-state")).to_have_text("无法更新，以下为上次读到的数据")
    assert figure(page, "all") == total
    page.unroute("**/fragments/board**")
    expect(page.locator("#refresh-state")).to_have_text("每 1 秒自动更新")


# -- the case ----------------------------------------------------------------------------------


def test_the_case_tells_what_happened_and_why(
    watched: Watched, web: str, district: District
) -> None:
    page = watched.open(f"{web}/issues/{district.hostile_id}")
    names = page.locator(".entry h3").all_inner_texts()

    assert [name.split()[0] for name in names] == [
        "上报",
        "派单",
        "签收",
        "签收",
        "办理进展",
        "首次响应",
    ]
    expect(page.locator(".outcome-refused .entry-verdict")).to_contain_text("提交方不是主办单位")
    expect(page.locator(".outcome-waiting .entry-verdict")).to_contain_text("尚未入库")
    for entry in page.locator(".entry").all():
        assert entry.locator(".times time").count() == 3
        assert re.search(r"issues/\d+/\d+", entry.locator(".log-places").inner_text())
    expect(page.locator(".written mark").first).to_have_text("路灯不亮")
    expect(page.locator(".why-facts")).to_contain_text("sha256:")


def test_row_19_hostile_text_runs_nothing_and_hides_nothing(
    watched: Watched, web: str, district: District
) -> None:
    """Such characters and a script, on the page of the issue.

    Gets: shown by code point (`U+202E`), in their place; nothing runs.
    Why: the copy that is searched is the folded text that the classifier reads (they are left out
    of it); what is kept and shown is what was sent.
    """
    spoken: list[str] = []

    def answer(dialog: Dialog) -> None:
        spoken.append(dialog.message)
        dialog.dismiss()

    watched.page.on("dialog", answer)
    page = watched.open(f"{web}/issues/{district.hostile_id}")

    expect(page.locator(".written")).to_contain_text("<script>alert(1)</script>")
    marks = page.locator(".written .hidden-char").all_inner_texts()
    assert marks == ["U+202E", "U+200B", "U+0007"]
    assert page.locator("main script, main img, main iframe").count() == 0
    assert spoken == []


def test_no_page_shows_who_reported(watched: Watched, web: str, district: District) -> None:
    issues = (f"/issues/{district.hostile_id}", f"/issues/{district.queued_id}")
    for path in ("/", *issues, *WORK):
        content = watched.open(web + path).content()
        for secret in (SECRET_NAME, SECRET_BOX, SECRET_CONTACT):
            assert secret not in content


def test_a_queued_issue_shows_why_the_router_was_unsure(
    watched: Watched, web: str, district: District
) -> None:
    page = watched.open(f"{web}/issues/{district.queued_id}?lang=en")

    expect(page.locator(".case-receipt .chip")).to_have_text("At the desk")
    expect(page.locator(".why-summary")).to_contain_text("left it to the desk")
    expect(page.locator(".facts")).to_contain_text("not yet")


# -- every page at every width -----------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 1024, 768, 390, 320])
def test_pages_fit_the_window(
    watched: Watched, web: str, district: District, width: int, language: str
) -> None:
    issues = (f"/issues/{district.hostile_id}", f"/issues/{district.queued_id}")
    for path in ("/", *issues, *WORK):
        page = watched.open(f"{web}{path}?lang={language}", width)
        assert overflow(page) <= 0, path


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_accessible(
    watched: Watched, web: str, district: District, width: int, language: str
) -> None:
    watched.failing = True  # one of the pages is a 400
    for path in ("/", f"/issues/{district.hostile_id}", "/search?q=1", *WORK):
        joint = "&" if "?" in path else "?"
        page = watched.open(f"{web}{path}{joint}lang={language}", width)
        assert structure_faults(page) == [], path
        assert low_contrast(page) == [], path


def test_the_keyboard_reaches_everything_in_order(watched: Watched, web: str) -> None:
    page = watched.open(web)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="暂停")).to_be_focused()


def test_a_page_without_script_still_filters(browser_without_script: Page, web: str) -> None:
    page = browser_without_script
    page.goto(web)
    page.get_by_label("状态", exact=True).select_option("queued")
    page.get_by_role("button", name="筛选").click()

    page.wait_for_url("**status=queued**")
    expect(page.locator("#issues .chip").first).to_have_attribute("data-status", "queued")


# -- empty and broken --------------------------------------------------------------------------


def test_an_empty_board_fills_by_itself(
    watched: Watched, postgres_server: str, district: District
) -> None:
    with database(postgres_server, "hutong_empty") as url:
        migrate(url)
        with serving(url) as address:
            page = watched.open(address)
            expect(page.locator(".empty h2")).to_have_text("还没有诉求")
            assert structure_faults(page) == []
            assert low_contrast(page) == []
            assert overflow(watched.open(address, 390)) <= 0

            other = District(url, type(district.log)(district.log.city, 2), district.now)
            other.write(live=40)
            expect(page.locator("#issues tr[data-id]").first).to_be_visible()
            expect(page.locator(".figure-all")).to_be_visible()
            page.goto("about:blank")  # or it would ask a service that has ended


def test_without_tables_or_database_the_page_says_what_to_do(
    watched: Watched, postgres_server: str
) -> None:
    watched.failing = True
    with database(postgres_server, "hutong_bare") as url, serving(url) as address:
        page = watched.open(address)
        expect(page.locator(".notice pre")).to_have_text("hutong migrate")
        assert low_contrast(page) == []
    with serving("postgresql://nobody@127.0.0.1:1/none") as address:
        page = watched.open(address)
        expect(page.locator(".notice h1")).to_have_text("暂时查不到数据")
        expect(page.locator(".notice")).to_contain_text("上报和派单不受影响")
