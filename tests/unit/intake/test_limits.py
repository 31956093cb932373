"""Too many requests of one key or address: 429, when to come back, and nobody else affected."""

from __future__ import annotations

import json
import time

import httpx
import pytest
from hutong_intake.limits import Limits, Rates, site_of
from hutong_intake.problems import ProblemError

from tests.fixtures.intake_api import GOOD, IntakeApi

LINE = json.dumps(dict(GOOD)).encode()


class Clock:
    """The time that the library asks for."""

    def __init__(self) -> None:
        self.now = 1_795_343_460.0  # the start of a minute

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.fixture
def narrow(api: IntakeApi) -> IntakeApi:
    """Intake with limits that a test can reach."""
    api.rates = Rates(key=10, address=30, stranger=5)
    api.restart()
    return api


def wait_of(error: ProblemError) -> int:
    assert error.kind.status == 429
    return int(error.headers["Retry-After"])


class TestLimits:
    def test_one_more_than_the_limit_is_refused_until_it_was_told_to_come_back(
        self, clock: Clock
    ) -> None:
        limits = Limits(Rates(key=10, address=1, stranger=1))
        for _ in range(10):
            limits.of_key("app")
        with pytest.raises(ProblemError) as refused:
            limits.of_key("app")
        clock.now += wait_of(refused.value)
        limits.of_key("app")

    @pytest.mark.parametrize("cost", [1, 3, 10])
    @pytest.mark.parametrize("second", [0, 7, 59.5])
    @pytest.mark.parametrize("before", [0, 4, 10])
    def test_whoever_waits_as_long_as_it_was_told_gets_through_and_not_much_sooner(
        self, cost: int, second: float, before: int, clock: Clock
    ) -> None:
        limits = Limits(Rates(key=10, address=1, stranger=1))
        if before:
            limits.of_key("app", before)
        clock.now += 60 + second
        while True:
            try:
                limits.of_key("app")
            except ProblemError:
                break
        with pytest.raises(ProblemError) as refused:
            limits.of_key("app", cost)
        wait = wait_of(refused.value)
        assert 1 <= wait <= 121
        start = clock.now
        if wait > 2:
            clock.now = start + wait - 1.01
            with pytest.raises(ProblemError):
                limits.of_key("app", cost)
        clock.now = start + wait
        limits.of_key("app", cost)

    def test_a_minute_never_holds_much_more_than_the_limit_wherever_it_starts(
        self, clock: Clock
    ) -> None:
        limits = Limits(Rates(key=60, address=1, stranger=1))
        passed = []
        for _ in range(3 * 60 * 4):
            clock.now += 0.25
            try:
                limits.of_key("app")
            except ProblemError:
                continue
            passed.append(clock.now)
        most = max(sum(start <= t < start + 60 for t in passed) for start in passed)
        assert 60 <= most <= 75, "the library weighs the last window, it does not list its hits"

    def test_what_is_refused_does_not_count(self, clock: Clock) -> None:
        limits = Limits(Rates(key=2, address=1, stranger=1))
        limits.of_key("app", 2)
        for _ in range(1_000):
            with pytest.raises(ProblemError):
                limits.of_key("app")
        clock.now += 121
        limits.of_key("app", 2)

    def test_each_key_and_each_address_has_its_own(self, clock: Clock) -> None:
        limits = Limits(Rates(key=1, address=1, stranger=1))
        for key in ("app", "grid"):
            limits.of_key(key)
        for host in ("10.0.0.1", "10.0.0.2"):
            limits.of_address(host)
            limits.of_stranger(host)

    def test_it_tells_what_was_used_up(self, clock: Clock) -> None:
        told: list[str] = []
        limits = Limits(Rates(key=1, address=1, stranger=1), told.append)
        for count in (limits.of_address, limits.of_stranger, limits.of_key):
            count("1.2.3.4")
            with pytest.raises(ProblemError):
                count("1.2.3.4")
        assert told == ["address", "stranger", "key"]


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "-"),
        (None, "-"),
        ("no address", "-"),
    ],
)
def test_an_ipv6_site_is_one_address(host: str | None, site: str) -> None:
    assert site_of(host) == site


class TestApi:
    def test_a_key_above_its_limit_gets_429_in_both_languages_and_nothing_is_written(
        self, narrow: IntakeApi
    ) -> None:
        answers = [narrow.post(GOOD) for _ in range(12)]
        assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 2
        problem = answers[-1].json()
        assert problem["type"] == "urn:hutong:problem:too-many-requests"
        assert "请稍后" in problem["detail_zh"]
        assert "later" in problem["detail_en"]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 121
        assert len(narrow.log.records) == 10
        assert narrow.post(GOOD, channel="grid").status_code == 202

    def test_each_line_of_a_batch_counts_and_a_batch_is_taken_whole_or_not_at_all(
        self, narrow: IntakeApi
    ) -> None:
        assert narrow.post_batch([LINE] * 6).status_code == 200
        refused = narrow.post_batch([LINE] * 6)
        assert refused.status_code == 429
        assert len(narrow.log.records) == 6

    def test_strangers_are_refused_by_address_and_a_good_key_from_there_still_gets_in(
        self, narrow: IntakeApi
    ) -> None:
        bad = {"X-API-Key": "hk_wrong"}
        codes = [narrow.post(GOOD, bad).status_code for _ in range(7)]
        assert codes == [401] * 5 + [429] * 2
        assert narrow.post(GOOD).status_code == 202

    def test_an_address_is_refused_whatever_it_asks_for_but_never_by_the_probes(
        self, narrow: IntakeApi
    ) -> None:
        codes = [narrow.request("GET", "/docs").status_code for _ in range(31)]
        assert codes == [200] * 30 + [429]
        refused = narrow.post(GOOD)
        assert (refused.status_code, refused.headers["Connection"]) == (429, "close")
        for path in ("/healthz", "/readyz", "/metrics"):
            assert narrow.request("GET", path).status_code == 200

    def test_many_at_once_pass_up_to_the_limit(self, narrow: IntakeApi) -> None:
        import asyncio

        async def post_all(client: httpx.AsyncClient) -> list[int]:
            headers = {"X-API-Key": "hk_app", "Content-Type": "application/json"}
            posts = [client.post("/v1/reports", content=LINE, headers=headers) for _ in range(25)]
            return sorted(answer.status_code for answer in await asyncio.gather(*posts))

        assert narrow.run(post_all) == [202] * 10 + [429] * 15
