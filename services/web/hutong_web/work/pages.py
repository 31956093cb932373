"""The addresses of desk, department and grid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from hutong.city import City
from hutong.events.ids import new_id
from hutong_web.acts.acting import GRID
from hutong_web.acts.forms import ONCE
from hutong_web.acts.intake import IntakeDownError, ProblemError
from hutong_web.acts.posting import Sent, read_form
from hutong_web.board import Option
from hutong_web.reader import Reader, Site
from hutong_web.search import Fault, read_receipt
from hutong_web.work.desk import LINES, BadDeskError, DeskFilter, build_desk
from hutong_web.work.grid import LINES as GRID_LINES
from hutong_web.work.grid import build_grid
from hutong_web.work.inbox import LINES as INBOX_LINES
from hutong_web.work.inbox import build_inbox

_SAID: Final = ("subject", "body", "address", "done", "result", "occurred_at")


@dataclass(frozen=True, slots=True)
class Typed:
    """A grid worker's report as it stands in the form, and why it came back."""

    values: Mapping[str, str] = field(default_factory=dict)
    photos: Sequence[str] = ()
    fault: str = ""
    once: str = ""


def add_work(app: FastAPI, site: Site) -> None:
    """The lists that people work through."""

    @app.get("/desk")
    def desk(request: Request) -> Response:
        reader = Reader(request, site)
        try:
            asked = DeskFilter.parse(request.query_params)
        except BadDeskError:
            words = reader.words
            return reader.notice(400, words.bad_filter_title, words.bad_filter_body)
        data = site.source.desk(
            asked.kind,
            now=site.now(),
            street=asked.street,
            origin=asked.origin,
            after=asked.after,
            limit=LINES,
        )
        view = build_desk(data, asked, **_common(reader))
        return reader.page("desk.html", desk=view)

    @app.get("/departments/{code}")
    def inbox(request: Request, code: str) -> Response:
        reader = Reader(request, site)
        say = reader.say
        if code not in site.city.departments:
            body = say.no_department_body.format(code=code[:40])
            return reader.notice(404, say.no_department_title, body)
        view = build_inbox(site.source.inbox(code, INBOX_LINES), code, **_common(reader))
        return reader.page("inbox.html", inbox=view)

    @app.get("/grid")
    def grid(request: Request) -> Response:
        receipt = read_receipt(request.query_params.get("receipt", ""))
        number = "" if isinstance(receipt, Fault) else receipt
        return _grid(Reader(request, site), Typed(), receipt=number)

    @app.post("/grid/reports")
    async def report(request: Request) -> Response:
        sent = await read_form(request)
        return await run_in_threadpool(_report, Reader(request, site), sent)


def _common(reader: Reader) -> dict[str, Any]:
    return {
        "names": reader.names,
        "clock": reader.clock,
        "words": reader.words,
        "say": reader.say,
        "now": reader.site.now(),
    }


def _grid(reader: Reader, typed: Typed, *, receipt: str = "", status: int = 200) -> Response:
    site, acting = reader.site, reader.acting
    areas = _areas_in(site.city, acting.area) if acting.area else ()
    data = site.source.grid(acting.by if acting.is_grid else "", areas, GRID_LINES)
    view = build_grid(data, acting, **_common(reader))
    values = {name: typed.values.get(name, "") for name in _SAID}
    if not values["occurred_at"]:
        now = datetime.fromtimestamp(site.now() / 1000, UTC)
        values["occurred_at"] = now.isoformat(timespec="seconds")
    results = [
        Option(code, reader.names.reason("result", code), code == values["result"])
        for code in site.city.reasons.get("result", {})
    ]
    return reader.page(
        "grid.html",
        status,
        grid=view,
        receipt=receipt,
        may_report=acting.principal == GRID,
        typed=values,
        photos=typed.photos,
        fault=typed.fault,
        results=results,
        once=typed.once or new_id(),
    )


def _areas_in(city: City, area: str) -> tuple[str, ...]:
    """An area and all below it."""
    return tuple(
        code for code in city.areas if any(one.code == area for one in city.area_path(code))
    )


def _report(reader: Reader, sent: Sent) -> Response:
    """Send a patrol's report: on to its receipt, or the form again with what was typed."""
    site, say, acting = reader.site, reader.say, reader.acting
    intake = site.writing.intake
    if reader.secret is None or intake is None or not acting.is_grid:
        return reader.notice(403, say.may_not_act_title, say.may_not_act_body)
    values = {name: sent.one(name) for name in _SAID}
    photos = list(sent.values.get("media", ()))
    try:
        for photo in sent.photos:  # one by one: what is kept stays in the form
            photos += [intake.keep_photo(reader.secret, photo)]
        body = _report_body(values, photos, acting.by, acting.area)
        receipt = intake.report(reader.secret, body, sent.one(ONCE) or new_id())
    except ProblemError as problem:
        chinese = reader.language.value == "zh"
        lines = [problem.zh if chinese else problem.en]
        lines += [f"{one.field}: {one.zh if chinese else one.en}" for one in problem.faults]
        typed = Typed(values, photos, "\n".join(lines), sent.one(ONCE))
        return _grid(reader, typed, status=problem.status)
    except IntakeDownError:
        lost = say.photos_lost if len(photos) < len(sent.photos) else ""
        typed = Typed(values, photos, say.intake_down + lost, sent.one(ONCE))
        return _grid(reader, typed, status=503)
    return RedirectResponse(f"/grid?receipt={receipt}#done", 303)


def _report_body(
    values: Mapping[str, str], photos: Sequence[str], worker: str, area: str
) -> dict[str, Any]:
    body: dict[str, Any] = {"occurred_at": values["occurred_at"], "body": values["body"]}
    if values["subject"].strip():
        body["subject"] = values["subject"].strip()
    if values["address"].strip():
        body["place"] = {"address": values["address"].strip()}
    if area:
        body["area"] = area
    if worker:
        body["actor"] = worker
    if photos:
        body["media"] = list(photos)
    if values["result"]:
        done = values["done"].strip() or values["body"].strip()
        body["handled_on_the_spot"] = {"result": values["result"], "text": done}
    return body
