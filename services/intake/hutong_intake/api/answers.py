"""Answers as JSON bytes, and problems in the asker's language."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hutong.events.ids import new_id
from hutong_intake.problems import MEDIA_TYPE, NOT_ACCEPTABLE, ProblemError, language_of

JSON = "application/json"
NDJSON = "application/x-ndjson"


def to_json(value: object) -> bytes:
    """Compact UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_answer(
    status: int, value: object, headers: Mapping[str, str] | None = None, media: str = JSON
) -> Response:
    """A JSON answer. Nothing of ours may be cached: it is about one sender's reports."""
    return Response(
        to_json(value),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        media_type=media,
    )


def problem_answer(
    request: Request, problem: ProblemError, request_id: str | None = None
) -> Response:
    """The problem for whoever asked, with a request id by which it can be asked about."""
    language = language_of(request.headers.get("accept-language"))
    request_id = request_id or new_id()
    headers = {
        "Content-Language": "zh, en",
        "Vary": "Accept-Language",
        "X-Request-Id": request_id,
        **problem.headers,
    }
    body: dict[str, Any] = problem.body(language, request_id)
    return json_answer(problem.kind.status, body, headers, MEDIA_TYPE)


def require_acceptable(request: Request, media: str) -> None:
    """ProblemError when the asker cannot read ``media``."""
    accept = request.headers.get("accept")
    if accept is None:
        return
    ranges = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    kind = media.partition("/")[0]
    if not ranges & {"*/*", f"{kind}/*", media, JSON, MEDIA_TYPE, ""}:
        zh, en = f"只能答复 {media}。", f"The answer can only be {media}."
        raise ProblemError(NOT_ACCEPTABLE, zh, en)
