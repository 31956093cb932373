"""The intake in memory and the real one pass the same suite."""

from __future__ import annotations

import time

import httpx
import pytest

from hutong.city import load_city
from hutong.sdk.http import Api
from hutong.sdk.testing import MemoryIntake, suite
from tests.fixtures.intake_api import IntakeApi
from tests.unit.sdk.conftest import SECRET, URL


class Bridge(httpx.BaseTransport):
    """The real application, without a socket."""

    def __init__(self, api: IntakeApi) -> None:
        self._api = api

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {n: v for n, v in request.headers.items() if n not in ("host", "content-length")}
        path = request.url.raw_path.decode()
        found = self._api.run(
            lambda c: c.request(request.method, path, content=request.read(), headers=headers)
        )
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)


def sends(kind: str) -> suite.Sends:
    if kind == "memory":
        intake: httpx.BaseTransport = MemoryIntake({SECRET: "channel:app"})
        key = SECRET
    else:
        api = IntakeApi(load_city())
        api.now = time.time_ns() // 1_000_000
        intake, key = Bridge(api), "hk_app"
    return suite.sends_of(Api(URL, key, intake), Api(URL, "hk_of-nobody", intake))


@pytest.mark.parametrize("check", suite.CHECKS, ids=lambda check: check.code)
@pytest.mark.parametrize("kind", ["memory", "real"])
def test_each_check(kind: str, check: suite.Check) -> None:
    check.run(sends(kind))


def nothing_but_202(request: httpx.Request) -> httpx.Response:
    return httpx.Response(202, json={"receipt": "1", "issue_id": "x", "status": "accepted"})


def test_an_intake_that_takes_anything_fails_every_check() -> None:
    network = httpx.MockTransport(nothing_but_202)
    found = dict(suite.run(suite.sends_of(Api(URL, "k", network), Api(URL, "", network))))
    assert [check.code for check, why in found.items() if not why] == []
