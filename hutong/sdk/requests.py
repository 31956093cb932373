"""Requests to intake and what their answers mean. Pure: both clients and the sender use these."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from hutong.events.acts import REPORT
from hutong.events.faults import FieldFault
from hutong.sdk.errors import ApiError, Problem, RefusedError, UnavailableError
from hutong.sdk.outcome import Later, Message, Outcome, Refused, Taken
from hutong.sdk.retry import asked_for

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"

_PROBLEM: Final = "urn:hutong:problem:"
#: Refused because of who asks or when, not because of what was sent.
_NOT_NOW: Final = frozenset({401, 408, 425, 429})
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
#: Attempts, some ten minutes, after which an issue that is not there (or not the sender's) is none.
_PATIENCE: Final = 12


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``path`` starts with /v1."""

    method: str
    path: str
    content: bytes | None = field(default=None, repr=False)
    media: str = JSON
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers in lower case, bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def post(message: Message) -> Request:
    """The request that sends one message."""
    if message.verb == REPORT:
        return Request("POST", "/v1/reports", message.body.encode())
    body = json.loads(message.body)
    del body["event_id"]  # intake makes an act's id of who sends it and the key
    path = f"/v1/issues/{_quoted(message.issue_id)}/actions/{_quoted(message.verb)}"
    headers = {"Idempotency-Key": message.event_id}
    return Request("POST", path, json.dumps(body, ensure_ascii=False).encode(), headers=headers)


def post_batch(messages: Iterable[Message]) -> Request:
    """The request that sends several reports."""
    content = "".join(f"{message.body}\n" for message in messages).encode()
    return Request("POST", "/v1/reports:batch", content, NDJSON)


def get_report(number: str) -> Request:
    """Asks what became of the report with that receipt number."""
    return Request("GET", f"/v1/reports/{_quoted(number)}")


def get_issue(issue_id: str) -> Request:
    """Asks for an issue as its caller may see it."""
    return Request("GET", f"/v1/issues/{_quoted(issue_id)}")


def get_verdict(issue_id: str, event_id: str) -> Request:
    """Asks what the log's readers made of an act."""
    return Request("GET", f"/v1/issues/{_quoted(issue_id)}/events/{quote(event_id, safe='')}")


def get_orders(department: str, after: str, *, wait: float, limit: int) -> Request:
    """Asks for a department's orders after a cursor, waiting so many seconds for the first."""
    params = {"after": after, "wait": f"{wait:g}", "limit": str(limit)}
    return Request("GET", f"/v1/departments/{_quoted(department)}/orders", params=params)


def outcome_of(message: Message, answer: Answer, now: float) -> Outcome:
    """What an answer to `post` means for the message. ``now``: seconds since 1970."""
    after = asked_for(answer.headers.get("retry-after"), now)
    found = _object(answer)
    if 200 <= answer.status < 300:
        return _taken(message, found, answer.status)
    problem = _problem_of(answer, found)
    if answer.status in _NOT_NOW or answer.status >= 500 or problem is None:
        return Later(problem or _strange(answer.status), after, everyone=answer.status != 500)
    if answer.status == _NOT_FOUND and message.verb != REPORT and message.attempts < _PATIENCE:
        return Later(problem, after)  # the issue is in the log; what reads it may be behind
    if answer.status == _FORBIDDEN and message.verb == REPORT:
        # The key may not report at all: a fault of the set-up, of which no report should die.
        return Later(problem, after, everyone=True)
    return Refused(problem)


def outcomes_of(messages: list[Message], answer: Answer, now: float) -> list[Outcome] | None:
    """What an answer to `post_batch` means for each; None: send them one by one instead."""
    if answer.status in (200, 503) and answer.headers.get("content-type", "").startswith(NDJSON):
        after = asked_for(answer.headers.get("retry-after"), now)
        lines = _lines(answer.content, len(messages))
        if lines is None:
            return [Later(_strange(answer.status))] * len(messages)
        return [_line(m, line, after) for m, line in zip(messages, lines, strict=True)]
    if 400 <= answer.status <= 500 and answer.status not in (*_NOT_NOW, _FORBIDDEN):
        return None  # one of them may be to blame, and must not hold up the others
    return [outcome_of(message, answer, now) for message in messages]


def read_json(answer: Answer, now: float) -> dict[str, Any]:
    """The JSON object of an answer to a question; ApiError where it is none."""
    found = _object(answer)
    if 200 <= answer.status < 300 and found is not None:
        return found
    problem = _problem_of(answer, found)
    if problem is None or answer.status in _NOT_NOW or answer.status >= 500:
        after = asked_for(answer.headers.get("retry-after"), now)
        raise UnavailableError(problem or _strange(answer.status), after)
    raise RefusedError(problem)


def no_connection(why: str) -> Problem:
    """The problem of a request that got no answer; ``why`` names the kind of fault."""
    return Problem(
        "no-connection",
        f"连接不上服务（{why}）；连接恢复后会自动重发。",
        f"No connection ({why}); it is sent again by itself.",
    )


def unavailable(why: str) -> ApiError:
    """The error of a question that got no answer."""
    zh, en = f"连接不上服务（{why}），请稍后再试。", f"No connection ({why}); try again later."
    return UnavailableError(Problem("no-connection", zh, en))


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _taken(message: Message, found: dict[str, Any] | None, status: int) -> Outcome:
    # A hotspot's sign-in page answers 200 to anything: only an answer about this very message says
    # that the log has it.
    if found is None or found.get("issue_id") != message.issue_id:
        return Later(_strange(status))
    return Taken(found)


def _line(message: Message, line: dict[str, Any], after: float | None) -> Outcome:
    status = line.get("status")
    if not isinstance(status, int):
        return Later(_strange(200))
    if 200 <= status < 300:
        report = line.get("report")
        return _taken(message, report if isinstance(report, dict) else None, status)
    plain = line.get("problem")
    problem = _problem(status, plain) if isinstance(plain, dict) else None
    if problem is None or status in _NOT_NOW or status >= 500:
        return Later(problem or _strange(status), after)
    return Refused(problem)


def _lines(content: bytes, expected: int) -> list[dict[str, Any]] | None:
    try:
        found = [json.loads(line) for line in content.splitlines() if line.strip()]
    except ValueError:
        return None
    numbers = [line.get("line") for line in found if isinstance(line, dict)]
    return found if numbers == list(range(1, expected + 1)) else None


def _object(answer: Answer) -> dict[str, Any] | None:
    try:
        found = json.loads(answer.content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _problem_of(answer: Answer, found: dict[str, Any] | None) -> Problem | None:
    """Intake's problem; None where something else has answered, such as a proxy."""
    return None if found is None else _problem(answer.status, found)


def _problem(status: int, plain: Mapping[str, Any]) -> Problem | None:
    kind = plain.get("type")
    if not isinstance(kind, str) or not kind.startswith(_PROBLEM):
        return None
    request_id = plain.get("request_id")
    return Problem(
        code=kind.removeprefix(_PROBLEM),
        zh=str(plain.get("detail_zh", "")),
        en=str(plain.get("detail_en", "")),
        status=status,
        request_id=request_id if isinstance(request_id, str) else None,
        faults=tuple(_faults(plain.get("errors"))),
    )


def _faults(errors: object) -> Iterable[FieldFault]:
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            names = ("field", "code", "message_zh", "message_en")
            yield FieldFault(*(str(error.get(name, "")) for name in names))


def _strange(status: int) -> Problem:
    return Problem(
        "strange-answer",
        f"答复（{status}）不是本服务的，可能被网络拦截；请检查地址与网络，会自动重发。",
        f"The answer ({status}) is not intake's; something in between may have answered. Check "
        "address and network; it is sent again by itself.",
        status=status,
    )
