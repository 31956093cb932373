"""GET /v1/departments/{code}/orders: a department reads its own inbox, by cursor."""

from __future__ import annotations

import time

import httpx
import pytest

from hutong.sdk.testing import example_order
from tests.fixtures.intake_api import IntakeApi, codes

WATER = "water-co"


def ask(api: IntakeApi, query: str = "", who: str = f"dept:{WATER}") -> httpx.Response:
    return api.request("GET", f"/v1/departments/{WATER}/orders{query}", channel=who)


def test_pages_follow_each_other(api: IntakeApi) -> None:
    orders = [example_order(WATER) for _ in range(5)]
    for order in orders:
        api.inboxes.add(order)
    first = ask(api, "?limit=3").json()
    assert [o["body"]["order_id"] for o in first["orders"]] == [o.order_id for o in orders[:3]]
    assert {o["event"] for o in first["orders"]} == {"hutong.orders.OrderIssued"}
    assert (first["next"], first["waiting"]) == (first["orders"][-1]["cursor"], 2)
    rest = ask(api, f"?after={first['next']}").json()
    assert [o["body"]["order_id"] for o in rest["orders"]] == [o.order_id for o in orders[3:]]
    assert (rest["next"], rest["waiting"]) == ("5", 0)


def test_it_waits_for_the_first(api: IntakeApi) -> None:
    started = time.monotonic()
    assert ask(api, "?wait=0.3").json() == {"orders": [], "next": "0", "waiting": 0}
    assert time.monotonic() - started >= 0.3
    api.inboxes.add(example_order(WATER))
    started = time.monotonic()
    assert len(ask(api, "?wait=10").json()["orders"]) == 1
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("who", ["desk", "app", "dept:housing"])
def test_an_inbox_is_for_its_department_alone(api: IntakeApi, who: str) -> None:
    assert ask(api, who=who).status_code in (401, 403)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?after=x", "after"),
        ("?after=-1", "after"),
        ("?after=7", "after"),
        ("?after=" + "9" * 30, "after"),
        ("?wait=soon", "wait"),
        ("?wait=-1", "wait"),
        ("?limit=0", "limit"),
        ("?limit=501", "limit"),
    ],
)
def test_what_is_wrong_is_named(api: IntakeApi, query: str, field: str) -> None:
    answer = ask(api, query)
    assert answer.status_code == 400
    assert codes(answer) == {field: "not_a_parameter"}


def test_a_log_that_is_away_is_told(api: IntakeApi) -> None:
    api.inboxes.down = True
    answer = ask(api)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
