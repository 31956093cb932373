"""The FastAPI application, put together from its parts."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from hutong.events.ids import new_id
from hutong.events.topics import TopicCatalogue
from hutong.ops.log import get_logger
from hutong.ops.metrics import IntakeMetrics
from hutong_intake.acts import Acts
from hutong_intake.api.acts import ActsApi
from hutong_intake.api.answers import problem_answer
from hutong_intake.api.auth import Gate
from hutong_intake.api.docs import CONTENT_SECURITY_POLICY, page_of
from hutong_intake.api.flood import FloodGate
from hutong_intake.api.health import HealthApi
from hutong_intake.api.issues import IssuesApi
from hutong_intake.api.media import MediaApi
from hutong_intake.api.openapi import openapi_of
from hutong_intake.api.orders import OrdersApi
from hutong_intake.api.reports import ReportsApi
from hutong_intake.api.room import BodyRoom
from hutong_intake.api.status import StatusApi
from hutong_intake.evidence import Evidence
from hutong_intake.intake import Intake
from hutong_intake.limits import Limits
from hutong_intake.log import Log
from hutong_intake.orders import Inboxes
from hutong_intake.problems import BAD_REQUEST, INTERNAL, METHOD, NOT_FOUND, ProblemError
from hutong_intake.status import StatusReader
from hutong_intake.views import IssueView

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of."""

    intake: Intake
    acts: Acts
    view: IssueView
    evidence: Evidence
    gate: Gate
    limits: Limits
    log: Log
    topics: TopicCatalogue
    inboxes: Inboxes
    status: StatusReader
    metrics: IntakeMetrics
    registry: CollectorRegistry
    failure: Callable[[], str]
    body_seconds: float
    version: str


def build_app(parts: Parts) -> FastAPI:
    """The application. It starts and stops nothing: whoever made the parts does."""
    app = FastAPI(
        title="Hutong intake",
        version=parts.version,
        description="上报与办理接口。Reports and acts come in here; the log has them before you "
        "get an answer. All times are RFC 3339 with a zone; all texts UTF-8.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        # /v1/reports/ is no other name of /v1/reports: a redirect would lose the body.
        redirect_slashes=False,
    )
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]  # FastAPI's documented way
    room = BodyRoom()
    reports = ReportsApi(parts.intake, parts.gate, parts.metrics, room, parts.body_seconds)
    status = StatusApi(parts.intake, parts.gate, parts.log, parts.topics, parts.status)
    health = HealthApi(parts.log, parts.status, parts.registry, parts.failure)
    acts = ActsApi(parts.acts, parts.gate, parts.metrics, room, parts.body_seconds)
    issues = IssuesApi(parts.acts, parts.gate, parts.view)
    orders = OrdersApi(parts.gate, parts.topics, parts.inboxes)
    media = MediaApi(parts.evidence, parts.gate, parts.status, room, parts.body_seconds)
    for api in (reports, status, acts, issues, orders, media, health):
        app.include_router(api.router())
    _add_docs(app)
    _add_handlers(app)
    app.add_middleware(FloodGate, limits=parts.limits)
    return app


def _add_docs(app: FastAPI) -> None:
    async def docs() -> Response:
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        return HTMLResponse(page_of(openapi_of(app)), headers=headers)

    app.add_api_route("/docs", docs, methods=["GET"], include_in_schema=False)


def _add_handlers(app: FastAPI) -> None:
    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)
        return problem_answer(request, error)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_answer(request, _problem_of(error))

    async def on_disconnect(_request: Request, _error: Exception) -> Response:
        return Response(status_code=400)  # nobody reads it

    async def on_bug(request: Request, _error: Exception) -> Response:
        # The traceback is logged by uvicorn, to which the error goes on.
        request_id = new_id()
        get_logger().error("a fault of ours", request_id=request_id, path=request.url.path)
        zh, en = "服务内部错误，已记录。", "A fault of ours; it is in our log."
        return problem_answer(request, ProblemError(INTERNAL, zh, en), request_id)

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(ClientDisconnect, on_disconnect)
    app.add_exception_handler(Exception, on_bug)


def _problem_of(error: HTTPException) -> ProblemError:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return ProblemError(NOT_FOUND, "没有这个地址。", "There is nothing at this address.")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = dict(error.headers or {})
        return ProblemError(
            METHOD, "此地址不支持该方法。", "Not with this method.", headers=headers
        )
    return ProblemError(BAD_REQUEST, "请求有误。", "Bad request.")
