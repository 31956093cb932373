"""The addresses of circular, scorecards, grid workers and returns."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from hutong.circular.export import to_csv, to_xlsx
from hutong.circular.words import ORIGINS
from hutong.readmodels.periods import BadPeriodError, Period
from hutong_web.board import as_of
from hutong_web.language import Language
from hutong_web.reader import Reader, Site
from hutong_web.reports.circular import build_circular
from hutong_web.reports.data import CircularData
from hutong_web.reports.people import return_lines, worker_lines
from hutong_web.reports.period_bar import period_bar
from hutong_web.reports.scorecard import (
    build_scorecard,
    departments_sheet,
    origins_of,
    rank_hint,
)
from hutong_web.reports.words import report_words

#: Periods on one department's scorecard.
_PERIODS: Final = 8
_CSV: Final = "text/csv; charset=utf-8"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_DIGITS: Final = 6


class _WrongError(Exception):
    """The address asks for what cannot be; the answer says so."""

    def __init__(self, answer: Response) -> None:
        super().__init__("wrong address")
        self.answer = answer


def add_reports(app: FastAPI, site: Site) -> None:
    """The pages that people report from."""

    @app.exception_handler(_WrongError)
    def wrong(_request: Request, error: Exception) -> Response:
        assert isinstance(error, _WrongError)
        return error.answer

    @app.get("/circular")
    def circular_now(request: Request) -> Response:
        newest = _newest(Reader(request, site)).name
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/circular/{newest}{query}", 303)

    @app.get("/circular/{name}")
    def circular(request: Request, name: str) -> Response:
        reader = Reader(request, site)
        for suffix in (".csv", ".xlsx"):
            if name.endswith(suffix):
                return _file(reader, name.removesuffix(suffix), suffix)
        data = _circular(reader, _period(reader, name))
        words = report_words(reader.language)
        view = build_circular(data, reader.names, reader.clock, words)
        bar = period_bar(data.edition.period, "/circular/", reader.language, words)
        return _page(reader, "circular.html", data, view=view, bar=bar)

    @app.get("/departments")
    def departments(request: Request) -> Response:
        reader = Reader(request, site)
        words = report_words(reader.language)
        data = _circular(reader, _asked_period(reader))
        origins = [o for o in ORIGINS if "department" in data.edition.figures.get(o, {})]
        origin = _origin(reader, origins)
        period = data.edition.period
        bar = period_bar(
            period,
            "/departments",
            reader.language,
            words,
            origin=origin,
            origins=tuple(origins),
        )
        sheet = departments_sheet(data, reader.names, origin)
        return _page(reader, "departments.html", data, sheet=sheet, bar=bar, hint=rank_hint(words))

    @app.get("/departments/{code}/scorecard")
    def scorecard(request: Request, code: str) -> Response:
        reader = Reader(request, site)
        words = report_words(reader.language)
        if code not in site.city.departments:
            say = reader.say
            body = say.no_department_body.format(code=code[:40])
            return reader.notice(404, say.no_department_title, body)
        periods = [_asked_period(reader)]
        while len(periods) < _PERIODS:
            periods.insert(0, periods[0].before)
        data = site.source.scorecard(site.city, code, periods, at=site.now())
        origins = [o for o in ORIGINS if o in origins_of(data)]
        origin = _origin(reader, origins)
        view = build_scorecard(data, code, origin, reader.names, words)
        bar = period_bar(
            periods[-1],
            f"/departments/{code}/scorecard",
            reader.language,
            words,
            origin=origin,
            origins=tuple(origins),
        )
        return _page(reader, "scorecard.html", data, view=view, bar=bar, count=_PERIODS)

    @app.get("/workers")
    def workers(request: Request) -> Response:
        reader = Reader(request, site)
        words = report_words(reader.language)
        period = _asked_period(reader)
        data = site.source.workers(period)
        origins = [o for o in ORIGINS if any(w.origin == o for w in data.workers)]
        origin = _origin(reader, origins)
        bar = period_bar(
            period, "/workers", reader.language, words, origin=origin, origins=tuple(origins)
        )
        lines = worker_lines(data.workers, origin)
        return _page(reader, "workers.html", data, lines=lines, bar=bar)

    @app.get("/returns")
    def returns(request: Request) -> Response:
        reader = Reader(request, site)
        words = report_words(reader.language)
        period = _asked_period(reader)
        data = site.source.returns(period)
        origins = [o for o in ORIGINS if any(r.origin == o for r in data.returns)]
        origin = _origin(reader, origins)
        bar = period_bar(
            period, "/returns", reader.language, words, origin=origin, origins=tuple(origins)
        )
        reasons, by_department = return_lines(data.returns, origin, reader.names, period.name)
        return _page(
            reader, "returns.html", data, reasons=reasons, departments=by_department, bar=bar
        )


def _page(reader: Reader, template: str, data: Any, **values: Any) -> Response:
    words = report_words(reader.language)
    shown = as_of(data.position, reader.names, reader.clock, reader.words)
    return reader.page(template, r=words, as_of=shown, **values)


def _file(reader: Reader, name: str, suffix: str) -> Response:
    data = _circular(reader, _period(reader, name))
    language = 0 if reader.language is Language.ZH else 1
    write, kind = (to_csv, _CSV) if suffix == ".csv" else (to_xlsx, _XLSX)
    content = write(data.edition, reader.site.city, language, data.corrections)
    number = "" if data.issued is None else f"-{data.issued.number}"
    disposition = f'attachment; filename="circular-{name}{number}{suffix}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, 200, headers, kind)


def _circular(reader: Reader, period: Period) -> CircularData:
    """As of now, or the edition that ``?edition=`` names."""
    site, words = reader.site, report_words(reader.language)
    typed = reader.request.query_params.get("edition", "")
    number = None
    if typed.isascii() and typed.isdigit() and len(typed) < _MOST_DIGITS:
        number = int(typed)
    data = None
    if number is not None or not typed:
        data = site.source.circular(site.city, period, number=number, at=site.now())
    if data is None:
        body = words.no_edition_body.format(period=period.name, number=typed[:_MOST_DIGITS])
        raise _WrongError(reader.notice(404, words.no_edition, body))
    return data


def _asked_period(reader: Reader) -> Period:
    typed = reader.request.query_params.get("period", "")
    return _period(reader, typed) if typed else _newest(reader)


def _newest(reader: Reader) -> Period:
    """The newest week with reports; this one where there is none."""
    found = reader.site.source.newest_week()
    today: date = reader.clock.at(reader.site.now()).date()
    return found or Period.week_of(today)


def _period(reader: Reader, typed: str) -> Period:
    words = report_words(reader.language)
    try:
        return Period.parse(typed)
    except BadPeriodError:
        answer = reader.notice(400, words.bad_period, words.bad_period_body)
        raise _WrongError(answer) from None


def _origin(reader: Reader, there_are: Iterable[str]) -> str:
    """The origin that was asked for, else the first that there is."""
    asked = reader.request.query_params.get("origin", "")
    return asked if asked in ORIGINS else next(iter(there_are), "live")
