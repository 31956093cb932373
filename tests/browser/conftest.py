"""A real PostgreSQL with a believable district, the real web service, headless Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from hutong.city import City, load_city
from hutong.local.ports import choose_ports
from hutong.readmodels import Ground, all_models
from hutong.readmodels.projection import Projection
from hutong.store import connect, migrate, move_offsets, read_offsets
from tests.browser.history import Log, hostile_issue, make_history
from tests.fixtures.database import database

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CHROMIUM = os.environ.get("HUTONG_TEST_CHROMIUM", "/usr/bin/chromium")
LIVE = 160
NOT_LIVE = 12


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@dataclass
class District:
    """The database, what was written to it, and how to write more."""

    url: str
    log: Log
    now: int
    hostile_id: str = ""
    queued_id: str = ""
    records: int = 0

    def write(self, *, live: int = 0, simulated: int = 0, imported: int = 0) -> None:
        """Add issues through the projection that the service's rows come from."""
        records = [
            record
            for count, origin in ((live, "live"), (simulated, "simulated"), (imported, "imported"))
            if count
            for record in make_history(self.log, count, self.now, origin=origin)
        ]
        if not self.hostile_id:
            hostile = list(hostile_issue(self.log, self.now))
            self.hostile_id = hostile[0].issue_id
            self.queued_id = [r for r in records if r.name == "IssueQueued"][-1].issue_id
            records += hostile
        with connect(self.url) as connection:
            before = read_offsets(connection)
            city = self.log.city
            projection = Projection(connection, all_models(), Ground.of(city))
            projection.apply(records)
            after = self.log.offsets()
            move_offsets(connection, {p: (before.get(p, 0), n) for p, n in after.items()})
        self.records += len(records)


@pytest.fixture(scope="session")
def city() -> City:
    return load_city()


@pytest.fixture(scope="session")
def district(postgres_server: str, city: City) -> Iterator[District]:
    with database(postgres_server, "hutong_browser") as url:
        migrate(url)
        made = District(url, Log(city, 1), int(time.time() * 1000))
        made.write(live=LIVE, simulated=NOT_LIVE, imported=NOT_LIVE)
        yield made


@contextmanager
def serving(url: str, *, refresh: int = 1) -> Iterator[str]:
    """`hutong serve web` as a process of its own; its address."""
    port = choose_ports(["web"], given={}, remembered={}, preferred={})["web"]
    environment = {
        **os.environ,
        "HUTONG_DATABASE_URL": url,
        "HUTONG_WEB_PORT": str(port),
        "HUTONG_WEB_REFRESH_SECONDS": str(refresh),
    }
    command = [sys.executable, "-m", "hutong_web.main"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{address}/healthz", trust_env=False)
                break
            except httpx.TransportError:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    why = process.communicate()[1].decode()
                    pytest.fail(f"the web service did not start:\n{why}")
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0, "the web service must end with 0 when it is told to stop"


@pytest.fixture(scope="session")
def web(district: District) -> Iterator[str]:
    with serving(district.url) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; no longer than a module, since Playwright keeps an event loop in this thread."""
    if not Path(CHROMIUM).exists():
        reason = (
            f"There is no Chromium at {CHROMIUM}.\n"
            "Remedy: apt-get install chromium fonts-noto-cjk, or set HUTONG_TEST_CHROMIUM."
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, and what it did that no page of ours may do."""

    page: Page
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    failing: bool = False

    def open(self, address: str, width: int = 1440, height: int = 900) -> Page:
        """Go there at this size of window."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(address)
        return self.page


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A fresh visitor. Afterwards: no console error, and no request left this machine."""
    context = browser.new_context(locale="zh-CN", timezone_id="UTC")
    context.set_default_timeout(15_000)
    seen = Watched(context.new_page())
    seen.page.on(
        "console",
        lambda message: seen.errors.append(message.text) if message.type == "error" else None,
    )
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on(
        "request",
        lambda request: (
            seen.strangers.append(request.url)
            if urlsplit(request.url).hostname != "127.0.0.1"
            else None
        ),
    )
    yield seen
    context.close()
    assert seen.strangers == []
    if not seen.failing:
        assert seen.errors == []


@pytest.fixture
def browser_without_script(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    yield context.new_page()
    context.close()
