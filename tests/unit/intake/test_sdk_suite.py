"""The real intake passes the suite that the SDK's intake in memory passes."""

from __future__ import annotations

import time

import httpx
import pytest

from hutong.sdk.http import Api
from hutong.sdk.testing import suite
from tests.fixtures.intake_api import IntakeApi

URL = "https://intake.example"


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


@pytest.mark.parametrize("check", suite.CHECKS, ids=lambda check: check.code)
def test_each_check(api: IntakeApi, check: suite.Check) -> None:
    api.now = time.time_ns() // 1_000_000
    network = Bridge(api)
    check.run(suite.sends_of(Api(URL, "hk_app", network), Api(URL, "hk_of-nobody", network)))
