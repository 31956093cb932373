"""The web service's addresses. Everything here is read-only."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from hutong.city import City
from hutong.events.fields import is_uuid
from hutong.ops.metrics import WebMetrics
from hutong_web.assets import FOR_EVER, Assets
from hutong_web.board import ISSUES, build_board, weeks_to_show
from hutong_web.case import build_case
from hutong_web.city_names import CityNames
from hutong_web.data import NotMigratedError, Source, UnavailableError
from hutong_web.filters import BadFilterError, Filters
from hutong_web.first_steps import first_steps
from hutong_web.language import COOKIE, Language, pick_language
from hutong_web.navigation import navigation
from hutong_web.search import Fault, read_receipt
from hutong_web.security import SecureAnswers
from hutong_web.templating import Templates
from hutong_web.text import plain
from hutong_web.times import CityTime
from hutong_web.wording import Wording, wording
from hutong_web.work_wording import WorkWording, work_wording

_COOKIE_SECONDS = 365 * 86_400
_RETRY_SECONDS = 5

Now = Callable[[], int]


def wall_clock() -> int:
    """Milliseconds UTC."""
    return int(datetime.now(UTC).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page needs at hand."""

    city: City
    source: Source
    templates: Templates
    refresh_seconds: int
    intake_port: int
    now: Now


class Reader:
    """One request's language, names and times, and the answer in them."""

    def __init__(self, request: Request, desk: Desk) -> None:
        self.request = request
        self.desk = desk
        asked = request.query_params.get("lang")
        self.language = pick_language(asked, request.cookies.get(COOKIE))
        self._keep = asked == self.language.value
        self.words: Wording = wording(self.language)
        self.say: WorkWording = work_wording(self.language)
        self.names = CityNames(desk.city, self.language)
        self.clock = CityTime(desk.city.timezone, self.language)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """The template in this request's language."""
        switch = self.request.url.include_query_params(lang=self.language.other.value)
        content = self.desk.templates.render(
            template,
            language=self.language,
            t=self.words,
            say=self.say,
            city_name=self.names.city_name,
            switch_address=f"{switch.path}?{switch.query}",
            refresh_seconds=self.desk.refresh_seconds,
            navigation=navigation(self.request.url.path, self.language),
            **values,
        )
        headers = {"Cache-Control": "no-store", "Content-Language": self.language.tag}
        answer = Response(content, status, headers, "text/html; charset=utf-8")
        if self._keep:
            answer.set_cookie(
                COOKIE,
                self.language.value,
                max_age=_COOKIE_SECONDS,
                path="/",
                samesite="lax",
                httponly=True,
            )
        return answer

    def notice(
        self, status: int, title: str, body: str, *, command: str = "", typed: str = ""
    ) -> Response:
        """A page that says in plain words what is wrong and what to do."""
        answer = self.page(
            "notice.html", status, title=title, body=body, command=command, typed=typed
        )
        if status == 503:
            answer.headers["Retry-After"] = str(_RETRY_SECONDS)
        return answer


def create_app(
    city: City,
    source: Source,
    *,
    registry: CollectorRegistry,
    refresh_seconds: int = 5,
    intake_port: int = 18080,
    now: Now = wall_clock,
) -> FastAPI:
    """The application over a city and a source of rows."""
    assets = Assets.load()
    desk = Desk(city, source, Templates(assets), refresh_seconds, intake_port, now)
    app = FastAPI(title="Hutong", openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(SecureAnswers)
    _measure(app, WebMetrics(registry))
    _add_pages(app, desk)
    _add_errors(app, desk)
    _add_probes(app, source, registry)

    @app.get("/static/{path:path}")
    def static(path: str) -> Response:
        asset = assets.find(path)
        if asset is None:
            raise HTTPException(404)
        return Response(asset.content, 200, {"Cache-Control": FOR_EVER}, asset.media_type)

    return app


def _add_pages(app: FastAPI, desk: Desk) -> None:
    def board_values(reader: Reader, filters: Filters) -> dict[str, Any]:
        weeks = weeks_to_show(desk.now(), reader.clock)
        board = build_board(
            desk.source.board(filters, weeks, ISSUES),
            filters,
            weeks=weeks,
            names=reader.names,
            clock=reader.clock,
            words=reader.words,
        )
        steps = first_steps(desk.intake_port, desk.now(), reader.clock)
        return {"board": board, "mark": f"{board.mark}@{weeks[-1]}", "steps": steps}

    @app.get("/")
    def board(request: Request) -> Response:
        reader = Reader(request, desk)
        return reader.page(
            "board.html", **board_values(reader, Filters.parse(request.query_params))
        )

    @app.get("/fragments/board")
    def board_fragment(request: Request) -> Response:
        """The board's moving parts; 204 when nothing moved since ``mark``."""
        reader = Reader(request, desk)
        filters = Filters.parse(request.query_params)
        if seen := request.query_params.get("mark"):
            this_week = weeks_to_show(desk.now(), reader.clock)[-1]
            if seen == f"{desk.source.position().mark}@{this_week}":
                return Response(status_code=204)
        answer = reader.page("board_fragment.html", **board_values(reader, filters))
        if not seen:
            answer.headers["HX-Push-Url"] = filters.address()
        return answer

    @app.get("/issues/{issue_id}")
    def case(request: Request, issue_id: str) -> Response:
        reader = Reader(request, desk)
        data = desk.source.case(issue_id) if is_uuid(issue_id) else None
        if data is None:
            words = reader.words
            return reader.notice(404, words.issue_not_found_title, words.issue_not_found_body)
        built = build_case(
            data,
            names=reader.names,
            clock=reader.clock,
            words=reader.words,
            say=reader.say,
            now=desk.now(),
        )
        return reader.page("case.html", case=built)

    @app.get("/r/{typed}")
    def receipt(request: Request, typed: str) -> Response:
        return _find(Reader(request, desk), typed)

    @app.get("/search")
    def search(request: Request) -> Response:
        return _find(Reader(request, desk), request.query_params.get("q", ""))


def _find(reader: Reader, typed: str) -> Response:
    words, shown = reader.words, plain(typed)[:60]
    number = read_receipt(typed)
    if isinstance(number, Fault):
        text = words.receipt_bad_check if number is Fault.CHECK else words.receipt_bad_shape
        return reader.notice(400, words.receipt_bad_title, text.format(typed=shown), typed=shown)
    issue_id = reader.desk.source.find(number)
    if issue_id is None:
        title = words.receipt_not_found_title.format(receipt=number)
        return reader.notice(404, title, words.receipt_not_found_body, typed=number)
    return RedirectResponse(f"/issues/{issue_id}", 303)


def _add_errors(app: FastAPI, desk: Desk) -> None:
    @app.exception_handler(UnavailableError)
    def unavailable(request: Request, _error: Exception) -> Response:
        reader = Reader(request, desk)
        words = reader.words
        body = f"{words.error_database_body}\n{words.error_database_do}"
        return reader.notice(503, words.error_database_title, body)

    @app.exception_handler(NotMigratedError)
    def not_migrated(request: Request, _error: Exception) -> Response:
        reader = Reader(request, desk)
        words = reader.words
        return reader.notice(
            503,
            words.error_not_migrated_title,
            words.error_not_migrated_body,
            command="hutong migrate",
        )

    @app.exception_handler(BadFilterError)
    def bad_filter(request: Request, _error: Exception) -> Response:
        reader = Reader(request, desk)
        return reader.notice(400, reader.words.bad_filter_title, reader.words.bad_filter_body)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        reader = Reader(request, desk)
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


__all__ = ["Desk", "Language", "create_app", "wall_clock"]
