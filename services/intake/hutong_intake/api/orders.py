"""GET /v1/departments/{code}/orders: a department's inbox, for departments without Kafka."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hutong.events.topics import TopicCatalogue, department_topic
from hutong.keys import DEPARTMENT, ISSUES_READ
from hutong_intake.api.answers import JSON, json_answer, require_acceptable
from hutong_intake.api.auth import Gate
from hutong_intake.api.openapi_orders import ORDERS_DOC
from hutong_intake.log import NotConfirmedError
from hutong_intake.orders import Inboxes, Page
from hutong_intake.problems import (
    BAD_REQUEST,
    FORBIDDEN,
    STATUS_UNAVAILABLE,
    Fault,
    ProblemError,
)

MOST_WAIT: Final = 30.0
MOST_ORDERS: Final = 500
_LIMIT: Final = 100
#: An order is answered this much later at most than it could be.
_LOOK_EVERY: Final = 0.25
_CURSOR: Final = re.compile(r"[0-9]{1,18}")
_SECONDS: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
_COUNT: Final = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class _Asked:
    after: int
    wait: float
    limit: int


@dataclass(frozen=True, slots=True)
class OrdersApi:
    """Each department reads its own inbox and no other. Nothing is kept of who has read what."""

    gate: Gate
    topics: TopicCatalogue
    inboxes: Inboxes

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter()
        router.add_api_route(
            "/v1/departments/{code}/orders", self.get, methods=["GET"], **ORDERS_DOC
        )
        return router

    async def get(self, request: Request, code: str) -> Response:
        """Orders after a cursor, once there are any; none after the time to wait."""
        caller = self.gate.admit(request, ISSUES_READ)
        require_acceptable(request, JSON)
        topic = self.topics.get(department_topic(code))
        if topic is None or caller.principal != f"{DEPARTMENT}:{code}":
            zh, en = "此密钥不是该承办单位的。", "This key is not that department's."
            raise ProblemError(FORBIDDEN, zh, en)
        asked = _asked(request)
        try:
            page = await self._page(topic.name, asked, request)
        except NotConfirmedError:
            raise ProblemError(
                STATUS_UNAVAILABLE,
                "暂时读不到派单，请稍后再试；不会丢失。",
                "Orders cannot be read right now; none is lost. Try again later.",
                headers={"Retry-After": "5"},
            ) from None
        return json_answer(200, _answer(page, asked.after))

    async def _page(self, topic: str, asked: _Asked, request: Request) -> Page:
        until = asyncio.get_running_loop().time() + asked.wait
        while True:
            page = await self.inboxes.after(topic, asked.after, asked.limit)
            if asked.after > page.end:
                zh, en = "游标在收件箱末尾之后。", "The cursor is beyond the inbox's end."
                raise _bad("after", zh, en)
            left = until - asyncio.get_running_loop().time()
            if page.orders or left <= 0 or await request.is_disconnected():
                return page
            await asyncio.sleep(min(_LOOK_EVERY, left))


def _answer(page: Page, after: int) -> dict[str, Any]:
    orders = [
        {
            "cursor": str(order.offset + 1),
            "event": order.event,
            "at": order.at,
            "body": order.body,
        }
        for order in page.orders
    ]
    following = page.orders[-1].offset + 1 if page.orders else after
    return {"orders": orders, "next": str(following), "waiting": max(0, page.end - following)}


def _asked(request: Request) -> _Asked:
    parameters = request.query_params
    after = parameters.get("after") or "0"
    if not _CURSOR.fullmatch(after):
        zh, en = "须为上次答复的 next 或 cursor。", "Must be `next` or a `cursor` of an answer."
        raise _bad("after", zh, en)
    wait = parameters.get("wait") or "0"
    if not _SECONDS.fullmatch(wait):
        raise _bad("wait", "须为秒数。", "Must be a number of seconds.")
    limit = parameters.get("limit") or str(_LIMIT)
    if not _COUNT.fullmatch(limit) or not 1 <= int(limit) <= MOST_ORDERS:
        raise _bad("limit", f"须为1至{MOST_ORDERS}。", f"Must be 1 to {MOST_ORDERS}.")
    return _Asked(int(after), min(float(wait), MOST_WAIT), int(limit))


def _bad(name: str, zh: str, en: str) -> ProblemError:
    return ProblemError(
        BAD_REQUEST,
        f"{name}：{zh}",
        f"{name}: {en}",
        faults=[Fault(name, "not_a_parameter", zh, en)],
    )
