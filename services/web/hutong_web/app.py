"""The web service's addresses."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from hutong.city import City
from hutong.ops.metrics import WebMetrics
from hutong_web.acts.guard import ForeignFormError
from hutong_web.acts.pages import add_acts
from hutong_web.acts.posting import TooMuchError
from hutong_web.acts.writing import Writing
from hutong_web.assets import FOR_EVER, Assets
from hutong_web.board import ISSUES, build_board, weeks_to_show
from hutong_web.data import NotMigratedError, Source, UnavailableError
from hutong_web.filters import BadFilterError, Filters
from hutong_web.first_steps import first_steps
from hutong_web.in_force import InForce
from hutong_web.reader import Now, Reader, Site, wall_clock
from hutong_web.reports.pages import add_reports
from hutong_web.search import Fault, read_receipt
from hutong_web.security import SecureAnswers
from hutong_web.sources import AllSources
from hutong_web.templating import Templates
from hutong_web.text import plain
from hutong_web.work.pages import add_work


def create_app(
    city: City,
    source: AllSources,
    *,
    registry: CollectorRegistry,
    refresh_seconds: int = 5,
    intake_port: int = 18080,
    now: Now = wall_clock,
    writing: Writing | None = None,
) -> FastAPI:
    """The application over a city and a source of rows; without ``writing`` it only reads."""
    assets = Assets.load()
    site = Site(
        InForce(city, source, now),
        source,
        Templates(assets),
        refresh_seconds,
        intake_port,
        now,
        writing or Writing(),
    )
    app = FastAPI(title="Hutong", openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(SecureAnswers)
    _measure(app, WebMetrics(registry))
    _add_pages(app, site)
    add_acts(app, site)
    add_work(app, site)
    add_reports(app, site)
    _add_errors(app, site)
    _add_probes(app, source, registry)

    @app.get("/static/{path:path}")
    def static(path: str) -> Response:
        asset = assets.find(path)
        if asset is None:
            raise HTTPException(404)
        return Response(asset.content, 200, {"Cache-Control": FOR_EVER}, asset.media_type)

    return app


def _add_pages(app: FastAPI, site: Site) -> None:
    def board_values(reader: Reader, filters: Filters) -> dict[str, Any]:
        weeks = weeks_to_show(site.now(), reader.clock)
        board = build_board(
            site.source.board(filters, filters.scope(site.city, site.now()), weeks, ISSUES),
            filters,
            weeks=weeks,
            names=reader.names,
            clock=reader.clock,
            words=reader.words,
        )
        steps = first_steps(site.intake_port, site.now(), reader.clock)
        return {"board": board, "mark": f"{board.mark}@{weeks[-1]}", "steps": steps}

    @app.get("/")
    def board(request: Request) -> Response:
        reader = Reader(request, site)
        return reader.page(
            "board.html", **board_values(reader, Filters.parse(request.query_params))
        )

    @app.get("/fragments/board")
    def board_fragment(request: Request) -> Response:
        """The board's moving parts; 204 when nothing moved since ``mark``."""
        reader = Reader(request, site)
        filters = Filters.parse(request.query_params)
        if seen := request.query_params.get("mark"):
            this_week = weeks_to_show(site.now(), reader.clock)[-1]
            if seen == f"{site.source.position().mark}@{this_week}":
                return Response(status_code=204)
        answer = reader.page("board_fragment.html", **board_values(reader, filters))
        if not seen:
            answer.headers["HX-Push-Url"] = filters.address()
        return answer

    @app.get("/r/{typed}")
    def receipt(request: Request, typed: str) -> Response:
        return _find(Reader(request, site), typed)

    @app.get("/search")
    def search(request: Request) -> Response:
        return _find(Reader(request, site), request.query_params.get("q", ""))


def _find(reader: Reader, typed: str) -> Response:
    words, shown = reader.words, plain(typed)[:60]
    number = read_receipt(typed)
    if isinstance(number, Fault):
        text = words.receipt_bad_check if number is Fault.CHECK else words.receipt_bad_shape
        return reader.notice(400, words.receipt_bad_title, text.format(typed=shown), typed=shown)
    issue_id = reader.site.source.find(number)
    if issue_id is None:
        title = words.receipt_not_found_title.format(receipt=number)
        return reader.notice(404, title, words.receipt_not_found_body, typed=number)
    return RedirectResponse(f"/issues/{issue_id}", 303)


def _add_errors(app: FastAPI, site: Site) -> None:
    @app.exception_handler(UnavailableError)
    def unavailable(request: Request, _error: Exception) -> Response:
        reader = Reader(request, site)
        words = reader.words
        body = f"{words.error_database_body}\n{words.error_database_do}"
        return reader.notice(503, words.error_database_title, body)

    @app.exception_handler(NotMigratedError)
    def not_migrated(request: Request, _error: Exception) -> Response:
        reader = Reader(request, site)
        words = reader.words
        return reader.notice(
            503,
            words.error_not_migrated_title,
            words.error_not_migrated_body,
            command="hutong migrate",
        )

    @app.exception_handler(BadFilterError)
    def bad_filter(request: Request, _error: Exception) -> Response:
        reader = Reader(request, site)
        return reader.notice(400, reader.words.bad_filter_title, reader.words.bad_filter_body)

    @app.exception_handler(ForeignFormError)
    def foreign_form(request: Request, _error: Exception) -> Response:
        reader = Reader(request, site)
        return reader.notice(403, reader.say.foreign_form_title, reader.say.foreign_form_body)

    @app.exception_handler(TooMuchError)
    def too_much(request: Request, _error: Exception) -> Response:
        reader = Reader(request, site)
        return reader.notice(413, reader.say.too_much_title, reader.say.too_much_body)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        reader = Reader(request, site)
        words = reader.words
        if status == 404:
            return reader.notice(404, words.not_found_title, words.not_found_body)
        return JSONResponse({"title": "not possible here"}, status)


def _add_probes(app: FastAPI, source: Source, registry: CollectorRegistry) -> None:
    @app.get("/healthz")
    def healthz() -> Mapping[str, object]:
        return {"ok": True}

    @app.get("/readyz")
    def readyz() -> Response:
        try:
            source.check()
        except (UnavailableError, NotMigratedError) as error:
            return JSONResponse({"ok": False, "why": str(error)}, 503)
        return JSONResponse({"ok": True})

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _measure(app: FastAPI, metrics: WebMetrics) -> None:
    @app.middleware("http")
    async def measure(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        start = time.perf_counter()
        response = await answer(request)
        page = getattr(request.scope.get("route"), "path", "none")
        metrics.page_seconds.labels(page, str(response.status_code)).observe(
            time.perf_counter() - start
        )
        return response
