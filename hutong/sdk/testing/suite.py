"""What an intake must do for clients to lose and double nothing: one suite for every intake.

The intake in memory, the real one and a city's own gateway are held by the same checks:
`hutong sdk conformance --url …` runs them over the network.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from hutong.events.ids import new_id
from hutong.events.receipt import Receipt
from hutong.sdk.http import Api
from hutong.sdk.requests import NDJSON, Answer, Request, get_orders, get_report

_PROBLEM: Final = "urn:hutong:problem:"
_TEXT: Final = "一致性测试：路灯不亮，请忽略。Conformance test, please ignore."


class Sends(Protocol):
    """How requests of the suite travel."""

    def __call__(self, request: Request, *, with_key_: bool = True) -> Answer:
        """The answer; the API key is left out where the suite asks for that."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: its code, in words, and what holds an intake against it (AssertionError)."""

    code: str
    zh: str
    en: str
    run: Callable[[Sends], None]


def sends_of(with_key: Api, without: Api) -> Sends:
    """Sends by one or the other."""

    def send(request: Request, *, with_key_: bool = True) -> Answer:
        return (with_key if with_key_ else without).send(request)

    return send


def _report(**fields: Any) -> dict[str, Any]:
    return {
        "event_id": new_id(),
        "occurred_at": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "body": _TEXT,
        **fields,
    }


def _post(body: object, headers: Mapping[str, str] | None = None) -> Request:
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Request("POST", "/v1/reports", content, headers=headers or {})


def _batch(lines: list[object]) -> Request:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return Request("POST", "/v1/reports:batch", "\n".join(texts).encode(), NDJSON)


def _accepted(answer: Answer) -> dict[str, Any]:
    assert answer.status == 202, f"status {answer.status}, not 202: {answer.content[:300]!r}"
    found: dict[str, Any] = json.loads(answer.content)
    return found


def _problem(answer: Answer, status: int, *slugs: str) -> dict[str, Any]:
    assert answer.status == status, f"status {answer.status}, not {status}"
    media = answer.headers.get("content-type", "")
    assert media.startswith("application/problem+json"), f"content type {media!r}"
    found: dict[str, Any] = json.loads(answer.content)
    assert found["status"] == status, "the problem's status differs from the answer's"
    slug = str(found["type"]).removeprefix(_PROBLEM)
    assert not slugs or slug in slugs, f"problem {slug}, not {' or '.join(slugs)}"
    for name in ("title_zh", "title_en", "detail_zh", "detail_en", "request_id"):
        assert found.get(name), f"the problem has no {name}"
    return found


def _fields(problem: Mapping[str, Any]) -> set[str]:
    for fault in problem["errors"]:
        assert fault["message_zh"], "a fault has no Chinese text"
        assert fault["message_en"], "a fault has no English text"
    return {fault["field"] for fault in problem["errors"]}


def _takes_a_report(send: Sends) -> None:
    report = _report()
    found = _accepted(send(_post(report)))
    assert found["issue_id"] == report["event_id"], "issue_id is not the event_id that was sent"
    assert found["status"] == "accepted", f"status {found['status']!r}"
    Receipt.parse(found["receipt"])
    received = datetime.fromisoformat(found["received_at"])
    assert received.tzinfo is not None, "received_at has no zone"


def _repeats_by_id(send: Sends) -> None:
    report = _report()
    first = _accepted(send(_post(report)))
    again = _accepted(send(_post(report)))
    assert again["receipt"] == first["receipt"], "the same report again got another receipt"
    spaced = json.dumps(report, indent=2, sort_keys=True).encode()
    assert _accepted(send(_post(spaced)))["receipt"] == first["receipt"], "spacing made it another"
    other = _accepted(send(_post(_report())))
    assert other["receipt"] != first["receipt"], "another report got the same receipt"


def _repeats_by_key(send: Sends) -> None:
    report = _report()
    del report["event_id"]
    key = {"Idempotency-Key": new_id()}
    first, again = (_accepted(send(_post(report, key))) for _ in range(2))
    assert again["receipt"] == first["receipt"], "the same key again got another receipt"
    assert again["issue_id"] == first["issue_id"], "the same key again got another issue"
    other = _accepted(send(_post(report, {"Idempotency-Key": new_id()})))
    assert other["issue_id"] != first["issue_id"], "another key got the same issue"


def _refuses_another_body(send: Sends) -> None:
    report = _report()
    _accepted(send(_post(report)))
    _problem(send(_post({**report, "body": f"{_TEXT} 2"})), 422, "key-reused")


def _names_every_fault(send: Sends) -> None:
    bad = {"event_id": "1", "occurred_at": "2026-11-22T18:31:44+08:00", "area": 5}
    fields = _fields(_problem(send(_post(bad)), 400, "invalid-report"))
    assert {"body", "event_id", "area"} <= fields, f"only {sorted(fields)} are named"


def _wants_a_zone(send: Sends) -> None:
    bad = _report(occurred_at="2026-11-22T18:31:44")
    assert "occurred_at" in _fields(_problem(send(_post(bad)), 400, "invalid-report"))


def _wants_content(send: Sends) -> None:
    assert "body" in _fields(_problem(send(_post(_report(body=" \n"))), 400, "invalid-report"))


def _wants_no_longer_text(send: Sends) -> None:
    _accepted(send(_post(_report(body="长" * 10_000))))
    assert "body" in _fields(_problem(send(_post(_report(body="长" * 10_001))), 400))


def _wants_json(send: Sends) -> None:
    for content in (b"{", b"[]", b"", b"\xff\xfe"):
        _problem(send(_post(content)), 400, "unreadable")
    _problem(send(replace(_post(_report()), media="text/plain")), 415, "unsupported-media-type")


def _wants_a_key(send: Sends) -> None:
    _problem(send(_post(_report()), with_key_=False), 401, "unauthenticated")


def _tells_the_status(send: Sends) -> None:
    report = _report()
    number = _accepted(send(_post(report)))["receipt"]
    answer = send(get_report(number))
    assert answer.status == 200, f"status {answer.status} for a receipt just given"
    found = json.loads(answer.content)
    assert found["issue_id"] == report["event_id"], "another issue"
    assert found["status"], "no status"
    for text in (_TEXT, "reporter"):
        assert text not in answer.content.decode(), "a status read repeats what was said"


def _checks_receipts(send: Sends) -> None:
    number = _accepted(send(_post(_report())))["receipt"]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    _problem(send(get_report(wrong)), 400, "bad-receipt")
    _problem(send(get_report("x")), 400, "bad-receipt")
    far = Receipt.parse(number)
    unknown = str(Receipt(far.channel, far.partition, far.offset + 10**9))
    _problem(send(get_report(unknown)), 404, "not-found")


def _answers_each_line(send: Sends) -> None:
    good, other = _report(), _report()
    single = _accepted(send(_post(good)))["receipt"]
    answer = send(_batch([good, "{", _report(body=""), other]))
    assert answer.status == 200, f"status {answer.status}"
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [line["line"] for line in lines] == [1, 2, 3, 4], "not an answer for each line, in order"
    assert [line["status"] for line in lines] == [202, 400, 400, 202], "a bad line touched others"
    assert lines[0]["report"]["receipt"] == single, "a repeat in a batch got another receipt"
    assert lines[3]["report"]["issue_id"] == other["event_id"]
    assert lines[1]["problem"]["type"].startswith(_PROBLEM)


def _wants_lines(send: Sends) -> None:
    _problem(send(_batch(["", " "])), 400, "bad-request")


def _keeps_to_principals(send: Sends) -> None:
    path = f"/v1/issues/{new_id()}/actions/accept"
    _problem(send(Request("POST", path, b'{"hop": 1}')), 403)
    _problem(send(get_orders("water-co", "", wait=0, limit=1)), 403)


def _knows_its_addresses(send: Sends) -> None:
    _problem(send(Request("GET", "/v1/nothing")), 404, "not-found")


CHECKS: Final = (
    Check("report", "收下上报并给出受理号", "takes a report, gives a receipt", _takes_a_report),
    Check("repeat-id", "同一编号重发只算一件", "the same id again is one report", _repeats_by_id),
    Check("repeat-key", "同一幂等键重发只算一件", "the same key again is one", _repeats_by_key),
    Check(
        "other-body", "同一编号不同内容须拒绝", "one id, two bodies: refused", _refuses_another_body
    ),
    Check(
        "faults", "一次列出所有问题，中英文", "names all faults, both languages", _names_every_fault
    ),
    Check("zone", "时间须带时区", "a time needs its zone", _wants_a_zone),
    Check("content", "正文须有内容", "a report says something", _wants_content),
    Check(
        "length", "过长的正文拒绝而不截断", "too long is refused, never cut", _wants_no_longer_text
    ),
    Check("json", "只收合格的 JSON", "takes JSON and nothing else", _wants_json),
    Check("key", "没有密钥不得上报", "nobody reports without a key", _wants_a_key),
    Check(
        "status", "凭受理号可查、不泄露内容", "tells the status, not the text", _tells_the_status
    ),
    Check("receipt", "识别抄错的受理号", "sees a mistyped receipt", _checks_receipts),
    Check("batch", "批量逐行答复，互不影响", "answers each line of a batch", _answers_each_line),
    Check("empty-batch", "空批次须拒绝", "refuses an empty batch", _wants_lines),
    Check("principal", "渠道不得代承办单位", "a channel is no department", _keeps_to_principals),
    Check(
        "address", "未知地址给出规范的问题", "an unknown address is a problem", _knows_its_addresses
    ),
)


def run(send: Sends) -> Iterator[tuple[Check, str]]:
    """Each check with what is wrong, "" where nothing is. A check that fails ends no other."""
    for check in CHECKS:
        try:
            check.run(send)
        except AssertionError as error:
            yield check, str(error) or "not as required"
        except (ValueError, KeyError, TypeError) as error:
            yield check, f"an answer of another shape: {type(error).__name__}: {error}"
        else:
            yield check, ""
