"""POST /v1/reports and /v1/reports:batch."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hutong.keys import REPORTS_WRITE
from hutong.ops.metrics import IntakeMetrics
from hutong_intake.api.answers import (
    JSON,
    NDJSON,
    json_answer,
    problem_answer,
    require_acceptable,
    to_json,
)
from hutong_intake.api.auth import Caller, Gate
from hutong_intake.api.body import MAX_BATCH, MAX_REPORT, one_header, read_body, require_media
from hutong_intake.api.openapi import BATCH_DOC, REPORT_DOC
from hutong_intake.api.room import BodyRoom, Share
from hutong_intake.intake import RETRY_SECONDS, Intake, Pending
from hutong_intake.problems import (
    BAD_REQUEST,
    TOO_LARGE,
    Fault,
    ProblemError,
    invalid,
    language_of,
)
from hutong_intake.reading import read_object

MAX_LINES = 1_000
BATCH_MEDIA = (NDJSON, "application/ndjson", "application/jsonl", "application/jsonlines")

#: Lines, and bytes of them, checked before others get their turn: some 2 ms of work.
_LINES_AT_A_TIME = 20
_BYTES_AT_A_TIME = 16 * 1024
_TRACEPARENT = "traceparent"


class _Line(NamedTuple):
    number: int
    found: Pending | ProblemError


@dataclass(frozen=True, slots=True)
class ReportsApi:
    """The two ways to send reports."""

    intake: Intake
    gate: Gate
    metrics: IntakeMetrics
    room: BodyRoom
    body_seconds: float

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter()
        router.add_api_route("/v1/reports", self.post, methods=["POST"], **REPORT_DOC)
        router.add_api_route("/v1/reports:batch", self.post_batch, methods=["POST"], **BATCH_DOC)
        return router

    async def post(self, request: Request) -> Response:
        """One report; 202 once every in-sync copy has it."""
        started = time.perf_counter()
        caller = self.gate.admit(request, REPORTS_WRITE)
        channel = caller.channel
        try:
            with self.room.share(caller.key.id) as share:
                answer = await self._post(request, channel, share)
        except ProblemError as problem:
            self._count(channel, problem.kind.status)
            return problem_answer(request, problem)
        self._count(channel, answer.status_code)
        self.metrics.confirm_seconds.observe(time.perf_counter() - started)
        return answer

    async def _post(self, request: Request, channel: str, share: Share) -> Response:
        require_media(request, (JSON,))
        require_acceptable(request, JSON)
        data = await read_body(request, share, limit=MAX_REPORT, seconds=self.body_seconds)
        pending = await self.intake.submit(
            read_object(data),
            channel,
            key=one_header(request, "Idempotency-Key"),
            traceparent=request.headers.get(_TRACEPARENT),
        )
        receipt, answer = await self.intake.confirmed(pending)
        headers = {"Location": f"/v1/reports/{receipt}"}
        if pending.repeated:
            headers["Idempotent-Replayed"] = "true"
        return json_answer(202, answer, headers)

    async def post_batch(self, request: Request) -> Response:
        """A report a line; an answer a line, in the same order."""
        caller = self.gate.admit(request, REPORTS_WRITE)
        with self.room.share(caller.key.id) as share:
            return await self._post_batch(request, caller, share)

    async def _post_batch(self, request: Request, caller: Caller, share: Share) -> Response:
        channel = caller.channel
        require_media(request, BATCH_MEDIA)
        require_acceptable(request, NDJSON)
        if "idempotency-key" in request.headers:
            zh = "批量上报请在每行写 idempotency_key，不用请求头。"
            raise ProblemError(BAD_REQUEST, zh, "In a batch, each line has an idempotency_key.")
        data = await read_body(request, share, limit=MAX_BATCH, seconds=self.body_seconds)
        numbered = _lines(data)
        self.gate.charge(caller, len(numbered) - 1)
        traceparent = request.headers.get(_TRACEPARENT)
        found: list[_Line] = []
        lines = size = 0
        for number, line in numbered:
            found.append(_Line(number, await self._submit_line(line, channel, traceparent)))
            lines, size = lines + 1, size + len(line)
            if lines == _LINES_AT_A_TIME or size > _BYTES_AT_A_TIME:
                lines = size = 0
                await asyncio.sleep(0)
        language = language_of(request.headers.get("accept-language"))
        answers = [await self._answer_line(line, language) for line in found]
        for answer in answers:
            self._count(channel, answer["status"])
        # Where no line got further than "not now", the whole is that: a sender that looks at
        # nothing but the status must not take it for done.
        not_now = all(answer["status"] == 503 for answer in answers)
        body = b"".join(to_json(answer) + b"\n" for answer in answers)
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Language"}
        if not_now:
            headers["Retry-After"] = str(RETRY_SECONDS)
        return Response(body, 503 if not_now else 200, headers, media_type=NDJSON)

    async def _submit_line(
        self, line: bytes, channel: str, traceparent: str | None
    ) -> Pending | ProblemError:
        try:
            if len(line) > MAX_REPORT:
                size = f"{MAX_REPORT // 1024} KiB"
                raise ProblemError(TOO_LARGE, f"此行超过{size}。", f"The line is over {size}.")
            body = read_object(line)
            key = body.pop("idempotency_key", None)
            if not (key is None or isinstance(key, str)):
                zh, en = "须为文本。", "Must be text."
                raise invalid([Fault("idempotency_key", "not_text", zh, en)])
            return await self.intake.submit(body, channel, key=key, traceparent=traceparent)
        except ProblemError as problem:
            return problem

    async def _answer_line(self, line: _Line, language: str) -> dict[str, Any]:
        problem = line.found
        if isinstance(problem, Pending):
            try:
                _, answer = await self.intake.confirmed(problem)
            except ProblemError as error:
                problem = error
            else:
                return {"line": line.number, "status": 202, "report": answer}
        return {
            "line": line.number,
            "status": problem.kind.status,
            "problem": problem.body(language),
        }

    def _count(self, channel: str, status: int) -> None:
        self.metrics.reports.labels(channel, str(status)).inc()


def _lines(data: bytes) -> list[tuple[int, bytes]]:
    """The lines that hold something, by number; ProblemError for none or too many."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    lines = [(n, line) for n, line in enumerate(re.split(rb"\r?\n", data), 1) if line.strip()]
    if not lines:
        raise ProblemError(BAD_REQUEST, "没有任何一行。", "There is no line in it.")
    if len(lines) > MAX_LINES:
        zh = f"每批最多{MAX_LINES}行；未写入任何内容。"
        en = f"At most {MAX_LINES} lines in a batch; nothing was written."
        raise ProblemError(TOO_LARGE, zh, en)
    return lines
