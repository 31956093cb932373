"""What a person who reports does: circular, scorecards, grid workers, returns."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from hutong.circular.issued import issue_edition
from hutong.circular.making import make_edition
from hutong.city import City
from hutong.readmodels import Ground, all_models
from hutong.readmodels.periods import Period
from hutong.readmodels.projection import Projection
from hutong.store import connect, migrate, move_offsets
from tests.browser.checks import low_contrast, overflow, structure_faults
from tests.browser.conftest import Watched, serving
from tests.fixtures.database import database
from tests.fixtures.district import district, records_of
from tests.fixtures.histories import MINUTE, START

WEEK = "2026-W24"
ISSUED_AT = START + 15 * 24 * 60 * MINUTE
PAGES = (
    f"/circular/{WEEK}",
    "/circular/2026-06",
    f"/circular/{WEEK}?edition=1",
    f"/departments?period={WEEK}",
    f"/departments/water-co/scorecard?period={WEEK}",
    "/workers?period=2026-06",
    f"/returns?period={WEEK}",
    "/circular/2020-W01",
)
#: Lines of the board's list.
LIST = 40


@pytest.fixture(scope="module")
def reporting(postgres_server: str, city: City) -> Iterator[str]:
    """The pages over three weeks of a district; the second week's circular was issued half way."""
    records = records_of(district(11, 400))
    half = len(records) // 2
    with database(postgres_server, "hutong_reports") as url:
        migrate(url)
        with connect(url) as connection:
            projection = Projection(connection, all_models(), Ground.of(city))
            projection.apply(records[:half])
            edition = make_edition(connection, city, Period.parse(WEEK), ISSUED_AT)
            issue_edition(connection, edition, by="王主任", at=ISSUED_AT)
            connection.commit()
            projection.apply(records[half:])
            move_offsets(connection, {0: (0, len(records))})
            connection.commit()
        with serving(url) as address:
            yield address


def number(cell: Locator) -> int:
    """The count in a cell."""
    return int(cell.inner_text().replace(",", ""))


@pytest.mark.parametrize(
    ("sheet", "row", "column"),
    [
        ("kind", "service", "逾期未办"),
        ("kind", "hazard", "被退单"),
        ("street", "west", "重办"),
        ("street", "east", "无法解决"),
        ("category_street", "utilities.water", "西街道"),
        ("grid", "east-canal-02", "上报"),
        ("kind_week", "opinion", "2026-W23"),
        ("department", "housing", "逾期未办"),
    ],
)
def test_a_figure_leads_to_exactly_its_issues(
    watched: Watched, reporting: str, sheet: str, row: str, column: str
) -> None:
    page = watched.open(f"{reporting}/circular/{WEEK}")
    table = page.locator(f".sheet-{sheet}")
    heads = [re.split(r"\s", head)[0] for head in table.locator("thead th").all_inner_texts()]
    cell = table.locator(f'tr[data-code="{row}"] > *').nth(heads.index(column))
    count = number(cell)
    assert 0 < count <= LIST
    cell.locator("a").click()

    expect(page.locator("#issues tr[data-id]")).to_have_count(count)


def test_a_rate_leads_to_those_that_missed_it(watched: Watched, reporting: str) -> None:
    page = watched.open(f"{reporting}/circular/{WEEK}")
    parts = page.locator(".headline-resolution .headline-parts").inner_text()
    kept, due = (int(n.replace(",", "")) for n in re.findall(r"[\d,]+", parts))
    page.locator(".headline-resolution a").click()
    expect(page.locator(".list-state b")).to_contain_text("未按时办结")
    expect(page.locator("#issues tr[data-id]")).to_have_count(min(due - kept, LIST))


def test_what_was_issued_stays_and_what_changed_is_listed(watched: Watched, reporting: str) -> None:
    page = watched.open(f"{reporting}/circular/{WEEK}?edition=1")
    expect(page.locator(".edition-note")).to_contain_text("王主任")
    before = page.locator(".headline-reported .headline-value").inner_text()
    page.get_by_role("link", name="当前").click()
    now = page.locator(".headline-reported .headline-value").inner_text()
    assert before != now
    first = page.locator(".corrections li").filter(has_text="总体情况 · 合计 · 上报").first
    expect(first).to_contain_text(f"{now} 原为 {before}")


def test_a_department_is_found_from_the_ranking(watched: Watched, reporting: str) -> None:
    page = watched.open(f"{reporting}/departments?period={WEEK}")
    row = page.locator('.sheet-department tr[data-code="water-co"]')
    rate = row.locator("td").nth(4).inner_text()
    row.get_by_role("link", name="供水公司").click()
    expect(page.locator("h1")).to_have_text("供水公司 承办考核")
    mine = page.locator(f'.sheet-scorecard tr[data-code="{WEEK}"]')
    assert rate in mine.locator("td").all_inner_texts()


def test_the_files_are_downloaded(watched: Watched, reporting: str) -> None:
    page = watched.open(f"{reporting}/circular/{WEEK}")
    for name, suffix in (("下载 Excel", "xlsx"), ("下载 CSV", "csv")):
        with page.expect_download() as started:
            page.get_by_role("link", name=name).click()
        assert started.value.suggested_filename == f"circular-{WEEK}.{suffix}"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 1024, 768, 390, 320])
def test_report_pages_fit_the_window(
    watched: Watched, reporting: str, width: int, language: str
) -> None:
    for path in PAGES:
        joint = "&" if "?" in path else "?"
        page = watched.open(f"{reporting}{path}{joint}lang={language}", width)
        assert overflow(page) <= 0, path


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_report_pages_are_accessible(
    watched: Watched, reporting: str, width: int, language: str
) -> None:
    for path in PAGES:
        joint = "&" if "?" in path else "?"
        page = watched.open(f"{reporting}{path}{joint}lang={language}", width)
        assert structure_faults(page) == [], path
        assert low_contrast(page) == [], path
