"""The intake in memory passes the suite that the real one passes, and the suite would notice."""

from __future__ import annotations

import httpx
import pytest

from hutong.sdk.http import Api
from hutong.sdk.testing import MemoryIntake, suite
from tests.unit.sdk.conftest import SECRET, URL


@pytest.mark.parametrize("check", suite.CHECKS, ids=lambda check: check.code)
def test_each_check(check: suite.Check) -> None:
    intake = MemoryIntake({SECRET: "channel:app"})
    check.run(suite.sends_of(Api(URL, SECRET, intake), Api(URL, "hk_of-nobody", intake)))


def nothing_but_202(request: httpx.Request) -> httpx.Response:
    return httpx.Response(202, json={"receipt": "1", "issue_id": "x", "status": "accepted"})


def test_an_intake_that_takes_anything_fails_every_check() -> None:
    network = httpx.MockTransport(nothing_but_202)
    found = dict(suite.run(suite.sends_of(Api(URL, "k", network), Api(URL, "", network))))
    assert [check.code for check, why in found.items() if not why] == []
