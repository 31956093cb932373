"""An intake in memory, for tests of apps: the same requests, the same answers, no network.

It passes the same suite as the real one (`hutong.sdk.testing.suite`). It knows no city pack, so it
takes any code that reads like one.
"""

import hashlib
import json
import re
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from hutong.events.acts import ACTS, REPORT
from hutong.events.base import Event
from hutong.events.faults import FieldFault
from hutong.events.fields import is_uuid
from hutong.events.ids import derived_id, new_id
from hutong.events.receipt import BadReceiptError, Receipt
from hutong.events.topics import handling_topic, load_topics, reports_topic
from hutong.sdk.draft import Draft, draft_of, event_of
from hutong.sdk.errors import InvalidError

PARTITIONS: Final = 12
#: An empty inbox is answered after so long, however long the asker would wait.
_EMPTY_SECONDS: Final = 0.02
_KEY: Final = re.compile(r"[\x21\x23-\x7e]{1,200}")
_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"
_MOST_LINES: Final = 1_000

#: Slug -> status, titles. As in docs/http-api.md.
_KINDS: Final[Mapping[str, tuple[int, str, str]]] = {
    "bad-request": (400, "请求有误", "Bad request"),
    "unreadable": (400, "正文无法读取", "The body cannot be read"),
    "invalid-report": (400, "上报内容有误", "The report is not valid"),
    "invalid-act": (400, "操作内容有误", "The act is not valid"),
    "bad-receipt": (400, "受理号有误", "Not a receipt number"),
    "unauthenticated": (401, "未通过身份验证", "Not authenticated"),
    "forbidden": (403, "无权进行此操作", "Not allowed"),
    "not-found": (404, "没有找到", "Not found"),
    "id-of-another-channel": (409, "编号已被占用", "The id is in use"),
    "too-large": (413, "正文过大", "The body is too large"),
    "unsupported-media-type": (415, "不支持的格式", "Unsupported media type"),
    "key-reused": (422, "幂等键已用于别的内容", "The key was used for another body"),
    "not-confirmed": (503, "尚未确认收妥", "Not confirmed"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One record of the log in memory. The event's text is not shown."""

    topic: str
    partition: int
    offset: int
    received_at: int
    event: Event = field(repr=False)


class _ProblemError(Exception):
    def __init__(self, slug: str, zh: str, en: str, faults: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(slug)
        self.slug, self.zh, self.en, self.faults = slug, zh, en, faults

    def body(self) -> dict[str, Any]:
        status, title_zh, title_en = _KINDS[self.slug]
        request_id = new_id()
        body: dict[str, Any] = {
            "type": f"urn:hutong:problem:{self.slug}",
            "status": status,
            "title": title_zh,
            "title_zh": title_zh,
            "title_en": title_en,
            "detail": self.zh,
            "detail_zh": self.zh,
            "detail_en": self.en,
            "instance": f"urn:uuid:{request_id}",
            "request_id": request_id,
        }
        if self.faults:
            body["errors"] = [
                {"field": f.field, "code": f.code, "message_zh": f.zh, "message_en": f.en}
                for f in self.faults
            ]
        return body


class MemoryIntake(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Give it to `Api` or `AsyncApi` as their transport. Safe to use from several threads.

    Args:
        keys: secret -> principal (``channel:app``, ``dept:water-co``, ``desk``).
        clock: milliseconds UTC.
    """

    def __init__(
        self,
        keys: Mapping[str, str],
        *,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.keys = dict(keys)
        #: While True everything is answered 503, as by an intake that lost its brokers.
        self.down = False
        #: Everything that was appended, repeats included, in order.
        self.records: list[Kept] = []
        #: Event id -> who reported, as it came. The real intake seals it; events here have none.
        self.reporters: dict[str, Any] = {}
        #: Department -> its orders.
        self.orders: dict[str, list[Kept]] = {}
        #: While True orders are named as no version of ours names them.
        self.foreign_events = False
        self._clock = clock
        self._channels = load_topics(()).channels
        self._seen: dict[str, tuple[str, bytes, int, dict[str, Any]]] = {}
        self._routed = False
        self._lock = threading.RLock()

    # What tests look at:

    @property
    def effects(self) -> list[Event]:
        """The events that count: each id once."""
        first: dict[str, Event] = {}
        for kept in self.records:
            first.setdefault(kept.event.head.event_id, kept.event)
        return list(first.values())

    def issue_order(self, department: str, order: Event) -> None:
        """Put an order into a department's inbox."""
        with self._lock:
            inbox = self.orders.setdefault(department, [])
            at = self._clock()
            inbox.append(Kept(f"dept-{department}", 0, len(inbox), at, order))

    def route(self) -> None:
        """From now on status reads say that reports are dispatched."""
        self._routed = True

    # As httpx calls it:

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        request.read()
        return self._handle(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an async client."""
        await request.aread()
        return self._handle(request)

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a request, for servers of other kinds."""
        request = httpx.Request(
            method, f"http://intake{target}", headers=dict(headers), content=content
        )
        response = self._handle(request)
        return response.status_code, dict(response.headers), response.content

    def _handle(self, request: httpx.Request) -> httpx.Response:
        response = self._locked(request)
        if request.url.path.endswith("/orders") and response.json().get("orders") == []:
            time.sleep(min(float(request.url.params.get("wait") or 0), _EMPTY_SECONDS))
        return response

    def _locked(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            try:
                return self._answer(request)
            except _ProblemError as problem:
                status = _KINDS[problem.slug][0]
                headers = {"Content-Type": "application/problem+json"}
                if status == 503:
                    headers["Retry-After"] = "1"
                content = json.dumps(problem.body(), ensure_ascii=False).encode()
                return httpx.Response(status, headers=headers, content=content)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        principal = self._principal(request)
        if self.down:
            raise _ProblemError(
                "not-confirmed", "未确认，请稍后重发。", "Not confirmed: send it later."
            )
        parts = [part for part in request.url.path.split("/") if part]
        match request.method, parts:
            case "POST", ["v1", "reports"]:
                _require(request, _JSON)
                body = _object(request.content)
                key = request.headers.get("idempotency-key")
                answer, repeated = self._report(principal, body, key)
                headers = {"Location": f"/v1/reports/{answer['receipt']}"}
                if repeated:
                    headers["Idempotent-Replayed"] = "true"
                return httpx.Response(202, headers=headers, json=answer)
            case "POST", ["v1", "reports:batch"]:
                _require(request, _NDJSON)
                return self._batch(principal, request.content)
            case "GET", ["v1", "reports", number]:
                return httpx.Response(200, json=self._status(principal, number))
            case "POST", ["v1", "issues", issue_id, "actions", verb]:
                _require(request, _JSON)
                key = request.headers.get("idempotency-key")
                found = self._act(principal, issue_id, verb, _object(request.content), key)
                return httpx.Response(202, json=found)
            case "GET", ["v1", "issues", _, "events", event_id]:
                return httpx.Response(200, json=self._verdict(event_id))
            case "GET", ["v1", "departments", code, "orders"]:
                return httpx.Response(200, json=self._orders(principal, code, request.url.params))
        raise _ProblemError("not-found", "没有这个地址。", "There is nothing at this address.")

    def _principal(self, request: httpx.Request) -> str:
        authorization = request.headers.get("authorization", "")
        secret = request.headers.get("x-api-key") or authorization.removeprefix("Bearer ")
        principal = self.keys.get(secret)
        if principal is None:
            raise _ProblemError("unauthenticated", "没有有效的 API 密钥。", "No valid API key.")
        return principal

    def _report(
        self, principal: str, body: dict[str, Any], key: str | None
    ) -> tuple[dict[str, Any], bool]:
        kind, _, channel = principal.partition(":")
        if kind != "channel":
            raise _ProblemError("forbidden", "此密钥无权上报。", "This key may not report.")
        if key is not None:
            if not _KEY.fullmatch(key):
                fault = FieldFault("Idempotency-Key", "not_a_key", "幂等键不合格。", "Not a key.")
                raise _ProblemError("invalid-report", "幂等键不合格。", "Not a key.", (fault,))
            event_id = derived_id("report", channel, key)
        else:
            event_id = body.get("event_id") or new_id()
        event = _event(Draft(event_id, event_id, REPORT, ""), body, principal, "invalid-report")
        topic = reports_topic(channel)
        place, repeated = self._append(topic, principal, event, body)
        receipt = Receipt(self._channels[channel], place.partition, place.offset)
        return {
            "receipt": str(receipt),
            "issue_id": event_id,
            "status": "accepted",
            "received_at": _text(place.received_at),
            "copies": {"count": 1, "text_zh": "目前只有一份。", "text_en": "There is one copy."},
            "warnings": [],
        }, repeated

    def _batch(self, principal: str, content: bytes) -> httpx.Response:
        lines = [(n, line) for n, line in enumerate(content.splitlines(), 1) if line.strip()]
        if not lines:
            raise _ProblemError("bad-request", "没有任何一行。", "There is no line in it.")
        if len(lines) > _MOST_LINES:
            raise _ProblemError("too-large", "行数过多。", "Too many lines.")
        answers = []
        for number, line in lines:
            try:
                body = _object(line)
                key = body.pop("idempotency_key", None)
                answer, _ = self._report(principal, body, key)
                answers.append({"line": number, "status": 202, "report": answer})
            except _ProblemError as problem:
                status = _KINDS[problem.slug][0]
                answers.append({"line": number, "status": status, "problem": problem.body()})
        text = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
        return httpx.Response(200, headers={"Content-Type": _NDJSON}, content=text.encode())

    def _status(self, principal: str, number: str) -> dict[str, Any]:
        try:
            place = Receipt.parse(number)
        except BadReceiptError as error:
            fault = FieldFault("receipt", "not_a_receipt", "受理号有误。", str(error))
            raise _ProblemError("bad-receipt", "受理号有误。", str(error), (fault,)) from None
        channel = principal.partition(":")[2]
        topic = reports_topic(channel)
        for kept in self.records:
            where = kept.topic, kept.partition, kept.offset
            if where == (topic, place.partition, place.offset) and (
                self._channels.get(channel) == place.channel
            ):
                status = "dispatched" if self._routed else "accepted"
                issue_id = kept.event.head.issue_id
                return {"receipt": str(place), "issue_id": issue_id, "status": status}
        raise _ProblemError("not-found", "没有这个受理号的上报。", "No report has this number.")

    def _act(
        self, principal: str, issue_id: str, verb: str, body: dict[str, Any], key: str | None
    ) -> dict[str, Any]:
        kind = ACTS.get(verb)
        if kind is None or not is_uuid(issue_id):
            raise _ProblemError("not-found", "没有这个操作或诉求。", "No such act or issue.")
        code = principal.partition(":")[2]
        name = {"dept": handling_topic(code), "channel": reports_topic(code)}
        topic = load_topics((code,)).get(name.get(principal.partition(":")[0], "desk"))
        if topic is None or kind.avro_name not in topic.events:
            raise _ProblemError("forbidden", "此密钥无权进行此操作。", "This key may not do this.")
        event_id = derived_id("act", principal, issue_id, verb, key) if key else new_id()
        draft = Draft(event_id, issue_id, verb, "")
        filled = {"hop": 1, **body} if "hop" in kind.model_fields else body
        filled = {"answers": issue_id, "occurred_at": _text(self._clock()), **filled}
        event = _event(draft, filled, principal, "invalid-act")
        place, _ = self._append(topic.name, principal, event, body)
        return {
            "event_id": event_id,
            "issue_id": issue_id,
            "verb": verb,
            "event": kind.__name__,
            "place": f"{place.topic}/{place.partition}/{place.offset}",
            "received_at": _text(place.received_at),
            "effect": _effect("unknown", judged=False),
            "warnings": [],
        }

    def _verdict(self, event_id: str) -> dict[str, Any]:
        for kept in self.records:
            if kept.event.head.event_id == event_id:
                name = type(kept.event).__name__
                return {
                    "event_id": event_id,
                    "issue_id": kept.event.head.issue_id,
                    "event": name if self._routed else None,
                    "effect": _effect("applied" if self._routed else "pending", self._routed),
                }
        raise _ProblemError("not-found", "没有这个事件。", "There is no such event.")

    def _orders(self, principal: str, code: str, params: httpx.QueryParams) -> dict[str, Any]:
        if principal != f"dept:{code}":
            raise _ProblemError("forbidden", "此密钥无权进行此操作。", "This key may not do this.")
        after = int(params.get("after") or 0)
        found = self.orders.get(code, [])[after : after + int(params.get("limit", "100"))]
        return {
            "orders": [
                {
                    "cursor": str(kept.offset + 1),
                    "event": "example.Unknown" if self.foreign_events else kept.event.avro_name,
                    "at": kept.received_at,
                    "body": kept.event.to_body(),
                }
                for kept in found
            ],
            "next": str(found[-1].offset + 1 if found else after),
            "waiting": max(0, len(self.orders.get(code, [])) - after - len(found)),
        }

    def _append(
        self, topic: str, principal: str, event: Event, body: Mapping[str, Any]
    ) -> tuple[Kept, bool]:
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).digest()
        known = self._seen.get(event.head.event_id)
        if known is not None:
            if known[0] != principal:
                raise _ProblemError(
                    "id-of-another-channel", "此编号已被使用。", "This id is in use."
                )
            if known[1] != digest:
                zh, en = "同一编号已用于别的内容。", "The same id came with another body before."
                raise _ProblemError("key-reused", zh, en)
            return self.records[known[2]], True
        partition = zlib.crc32(event.head.issue_id.encode()) % PARTITIONS
        offset = sum(1 for k in self.records if (k.topic, k.partition) == (topic, partition))
        kept = Kept(topic, partition, offset, self._clock(), event)
        self._seen[event.head.event_id] = principal, digest, len(self.records), {}
        self.records.append(kept)
        if body.get("reporter") is not None:
            self.reporters[event.head.event_id] = body["reporter"]
        return kept, False


def _event(draft: Draft, body: dict[str, Any], principal: str, slug: str) -> Event:
    """The event of a body, checked as the SDK checks its own."""
    if not isinstance(body.get("occurred_at"), str) or not _has_zone(body["occurred_at"]):
        zh, en = "须为带时区的 RFC 3339 时间。", "Must be RFC 3339 text with a zone."
        fault = FieldFault("occurred_at", "not_a_time", zh, en)
        raise _ProblemError(slug, "内容有误。", "It is not valid.", (fault,))
    known = {name: value for name, value in body.items() if value is not None}
    known["event_id"] = draft.event_id
    try:
        checked = draft_of(draft.event_id, draft.issue_id, draft.verb, known)
        if "reporter" in known:
            sealed = {name: value for name, value in known.items() if name != "reporter"}
            checked = draft_of(draft.event_id, draft.issue_id, draft.verb, sealed)
        return event_of(checked, principal)
    except InvalidError as error:
        raise _ProblemError(slug, error.zh, error.en, error.faults) from None


def _effect(verdict: str, judged: bool) -> dict[str, Any]:
    zh, en = "由内存中的 intake 答复。", "Said by an intake in memory."
    return {"verdict": verdict, "reason": None, "zh": zh, "en": en, "judged": judged}


def _has_zone(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        fault = FieldFault("", "not_json", "不是合格的 JSON 对象。", "Not a JSON object.")
        raise _ProblemError("unreadable", "正文无法读取。", "The body cannot be read.", (fault,))
    return found


def _require(request: httpx.Request, media: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip() != media:
        raise _ProblemError("unsupported-media-type", f"须为 {media}。", f"Send {media}.")


def _text(millis: int) -> str:
    return datetime.fromtimestamp(millis / 1000, UTC).isoformat(timespec="milliseconds")
