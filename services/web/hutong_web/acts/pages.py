"""The addresses of the case and of acts on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from hutong.events.fields import is_uuid
from hutong.events.ids import new_id
from hutong.issue.allowed import may_see
from hutong_web.acts.acting import chosen
from hutong_web.acts.bodies import BodyFaultsError, body_of
from hutong_web.acts.choices import Setting
from hutong_web.acts.done import Done, done_of
from hutong_web.acts.forms import ONCE, Posted, build_forms, likely_values, principal_for
from hutong_web.acts.intake import IntakeDownError, Photo, ProblemError
from hutong_web.acts.posting import Sent, read_form
from hutong_web.acts.table import BY_NAME, Verb
from hutong_web.case import build_case
from hutong_web.data import CaseData
from hutong_web.names import name_of
from hutong_web.reader import Reader, Site
from hutong_web.search import Fault, read_receipt
from hutong_web.text import plain
from hutong_web.work_names import REVEALED

_PHOTO_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_COOKIE_SECONDS: Final = 30 * 86_400


def add_acts(app: FastAPI, site: Site) -> None:
    """The case page, its forms, what became of an act, photos, and the role switch."""

    @app.get("/issues/{issue_id}")
    def case(request: Request, issue_id: str) -> Response:
        return _case(
            Reader(request, site), issue_id, event_id=request.query_params.get("event", "")
        )

    @app.get("/issues/{issue_id}/acts/{verb}")
    def one_form(request: Request, issue_id: str, verb: str) -> Response:
        return _case(Reader(request, site), issue_id, opened=verb)

    @app.post("/issues/{issue_id}/acts/{verb}")
    async def act(request: Request, issue_id: str, verb: str) -> Response:
        sent = await read_form(request)
        return await run_in_threadpool(_act, Reader(request, site), issue_id, verb, sent)

    @app.get("/fragments/acts/{issue_id}/{event_id}")
    def became(request: Request, issue_id: str, event_id: str) -> Response:
        return _became(Reader(request, site), issue_id, event_id)

    @app.get("/media/{sha256}")
    def photo(request: Request, sha256: str) -> Response:
        return _photo(Reader(request, site), sha256)

    @app.post("/acting")
    async def acting(request: Request) -> Response:
        sent = await read_form(request)
        role = chosen(sent.one("role"), sent.one("by"), sent.one("area"), site.city)
        answer = RedirectResponse(_local(sent.one("after")), 303)
        for name, value in role.cookies():
            answer.set_cookie(
                name, value, max_age=_COOKIE_SECONDS, path="/", samesite="strict", httponly=True
            )
        return answer


def _local(path: str) -> str:
    """A path of ours to go on to; the board for anything else."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if fine else "/"


def _case(
    reader: Reader,
    issue_id: str,
    *,
    event_id: str = "",
    opened: str = "",
    posted: Posted | None = None,
    status: int = 200,
    revealed: Mapping[str, str] | None = None,
) -> Response:
    """The page of one issue. ``opened`` names a form to stand open, ``posted`` one that came back,
    ``event_id`` an act that was just written."""
    site, words = reader.site, reader.words
    data = site.source.case(issue_id) if is_uuid(issue_id) else None
    if data is None:
        return reader.notice(404, words.issue_not_found_title, words.issue_not_found_body)
    setting = _setting(reader, data)
    if setting is not None and posted is None and opened in BY_NAME:
        verb = BY_NAME[opened]
        posted = Posted(opened, likely_values(verb, setting), {}, "")
    done = _done(reader, data, issue_id, event_id, 0)
    quiet = done is not None and not done.judged
    forms = build_forms(setting, site.rules, posted, quiet=quiet) if setting is not None else ()
    # The issue moved on meanwhile, so the form is closed: what was typed must not be lost.
    moved_on = posted is not None and all(form.verb != posted.verb for form in forms)
    built = build_case(
        data,
        names=reader.names,
        clock=reader.clock,
        words=words,
        say=reader.say,
        now=site.now(),
        shows_photos=reader.secret is not None
        and data.state is not None
        and may_see(reader.acting.principal, data.state),
    )
    return reader.page(
        "case.html",
        status,
        case=built,
        forms=forms,
        once=new_id(),
        moved_on=posted if moved_on else None,
        done=done,
        revealed=[
            (name_of(REVEALED, field, reader.language), plain(value))
            for field, value in (revealed or {}).items()
        ],
        back=way_back(reader),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """A page to go back to."""

    address: str
    name: str


def way_back(reader: Reader) -> Way:
    """Where whoever acts came from: the list of what waits for them."""
    acting, say = reader.acting, reader.say
    if acting.is_desk:
        return Way("/desk", say.back_to_desk)
    if acting.department:
        return Way(f"/departments/{acting.department}", say.back_to_inbox)
    if acting.is_grid:
        return Way("/grid", say.back_to_grid)
    return Way("/", reader.words.back_to_board)


def _setting(reader: Reader, data: CaseData) -> Setting | None:
    """What forms are made from; None where the page only reads."""
    if reader.secret is None or data.state is None:
        return None
    return Setting(
        state=data.state,
        entries=data.entries,
        related=data.related,
        names=reader.names,
        say=reader.say,
        acting=reader.acting,
        now=reader.site.now(),
    )


def _done(reader: Reader, data: CaseData, issue_id: str, event_id: str, looks: int) -> Done | None:
    if not is_uuid(event_id):
        return None
    accepted = reader.site.writing.recent.find(event_id)
    return done_of(issue_id, event_id, data.entries, accepted, looks, reader.language, reader.say)


def _became(reader: Reader, issue_id: str, event_id: str) -> Response:
    data = reader.site.source.case(issue_id) if is_uuid(issue_id) else None
    typed = reader.request.query_params.get("looks", "0")
    looks = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    done = None if data is None else _done(reader, data, issue_id, event_id, looks)
    if done is None:
        return Response(status_code=204)
    return reader.page("done.html", done=done)


def _act(reader: Reader, issue_id: str, name: str, sent: Sent) -> Response:
    """Write an act: on to the case when it is in the log, else the form again with what was typed
    and why."""
    site, say = reader.site, reader.say
    data = site.source.case(issue_id) if is_uuid(issue_id) else None
    setting = None if data is None else _setting(reader, data)
    verb = BY_NAME.get(name)
    secret = None
    if setting is not None and verb is not None:
        secret = site.writing.secret_of(principal_for(verb, setting) or reader.acting.principal)
    if setting is None or verb is None or secret is None or site.writing.intake is None:
        return reader.notice(403, say.may_not_act_title, say.may_not_act_body)
    values = {field: list(found) for field, found in sent.values.items()}

    def again(status: int, faults: Mapping[str, str], message: str) -> Response:
        back = Posted(name, values, faults, message)
        return _case(reader, issue_id, posted=back, status=status)

    try:
        for photo in sent.photos:
            kept = site.writing.intake.keep_photo(secret, photo)
            values.setdefault("media", []).append(kept)
        body = body_of(verb, values, setting, lambda typed: _find(site, typed))
        once = sent.one(ONCE) or new_id()
        accepted = site.writing.intake.act(secret, issue_id, name, body, once)
    except BodyFaultsError as error:
        return again(422, error.faults, say.form_has_faults)
    except ProblemError as problem:
        chinese = reader.language.value == "zh"
        faults = {
            one.field.partition(".")[0]: one.zh if chinese else one.en for one in problem.faults
        }
        message = problem.zh if chinese else problem.en
        return again(problem.status, faults, _with_strange(message, faults, verb))
    except IntakeDownError:
        lost = say.photos_lost if sent.photos and not values.get("media") else ""
        return again(503, {}, say.intake_down + lost)
    site.writing.recent.keep(accepted)
    if accepted.values:
        return _case(reader, issue_id, event_id=accepted.event_id, revealed=accepted.values)
    return RedirectResponse(f"/issues/{issue_id}?event={accepted.event_id}#done", 303)


def _with_strange(message: str, faults: Mapping[str, str], verb: Verb) -> str:
    """The message, with faults of fields that the form does not show."""
    shown = {field.name for field in verb.inputs}
    strange = [f"{field}: {why}" for field, why in faults.items() if field not in shown]
    return "\n".join([message, *strange])


def _find(site: Site, typed: str) -> str | None:
    number = read_receipt(typed)
    return None if isinstance(number, Fault) else site.source.find(number)


def _photo(reader: Reader, sha256: str) -> Response:
    found: Photo | None = None
    intake = reader.site.writing.intake
    if reader.secret is not None and intake is not None and sha256.isalnum():
        try:
            found = intake.photo(reader.secret, sha256)
        except IntakeDownError:
            return Response(status_code=503)
        except ProblemError as problem:
            return Response(status_code=problem.status)
    if found is None or found.media_type not in _PHOTO_TYPES:
        return Response(status_code=404)
    headers = {"Cache-Control": "no-store"}
    return Response(found.content, 200, headers, found.media_type)
