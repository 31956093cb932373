"""POST /v1/issues/{issue_id}/actions/{verb}."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hutong.keys import ISSUES_ACT
from hutong.ops.metrics import IntakeMetrics
from hutong_intake.acts import Acts, Asked
from hutong_intake.api.answers import JSON, json_answer, problem_answer, require_acceptable
from hutong_intake.api.auth import Caller, Gate
from hutong_intake.api.body import MAX_REPORT, one_header, read_body, require_media
from hutong_intake.api.openapi_issues import UNKNOWN_VERB_DOC, act_doc
from hutong_intake.api.room import BodyRoom, Share
from hutong_intake.problems import ProblemError
from hutong_intake.reading import read_object
from hutong_intake.verbs import VERBS

#: Longest that a request waits for the verdict, whatever it prefers.
MOST_WAIT: Final = 10
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])")
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class ActsApi:
    """Every verb has an address of its own, so that the OpenAPI document says what each takes."""

    acts: Acts
    gate: Gate
    metrics: IntakeMetrics
    room: BodyRoom
    body_seconds: float

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter()
        for verb in VERBS.values():
            path = f"/v1/issues/{{issue_id}}/actions/{verb.name}"
            router.add_api_route(
                path,
                self._poster(verb.name),
                methods=["POST"],
                name=verb.name,
                **act_doc(verb),
            )
        router.add_api_route(
            "/v1/issues/{issue_id}/actions/{verb}",
            self.post_unknown,
            methods=["POST"],
            **UNKNOWN_VERB_DOC,
        )
        return router

    def _poster(self, verb: str) -> Callable[[Request, str], Awaitable[Response]]:
        async def post(request: Request, issue_id: str) -> Response:
            return await self.post(verb, request, issue_id)

        return post

    async def post_unknown(self, request: Request, issue_id: str, verb: str) -> Response:
        """A verb that there is not."""
        return await self.post(verb, request, issue_id)

    async def post(self, verb: str, request: Request, issue_id: str) -> Response:
        """One act; 202 once every in-sync copy has it."""
        started = time.perf_counter()
        caller = self.gate.admit(request, ISSUES_ACT)
        known = verb if verb in VERBS else _UNKNOWN
        try:
            with self.room.share(caller.key.id) as share:
                answer = await self._post(request, caller, issue_id, verb, share)
        except ProblemError as problem:
            self.metrics.acts.labels(known, str(problem.kind.status)).inc()
            return problem_answer(request, problem)
        self.metrics.acts.labels(known, str(answer.status_code)).inc()
        self.metrics.confirm_seconds.observe(time.perf_counter() - started)
        return answer

    async def _post(
        self, request: Request, caller: Caller, issue_id: str, verb: str, share: Share
    ) -> Response:
        require_media(request, (JSON,))
        require_acceptable(request, JSON)
        data = await read_body(request, share, limit=MAX_REPORT, seconds=self.body_seconds)
        done = await self.acts.act(
            Asked(
                principal=caller.principal,
                issue_id=issue_id,
                verb=verb,
                body=read_object(data),
                key=one_header(request, "Idempotency-Key"),
                traceparent=request.headers.get("traceparent"),
                wait=_wait_of(request),
            )
        )
        if done.body.get("revealed") is not None:
            self.metrics.identities_revealed.labels(caller.principal).inc()
        headers = {"Location": f"/v1/issues/{issue_id}/events/{done.body['event_id']}"}
        if done.repeated:
            headers["Idempotent-Replayed"] = "true"
        return json_answer(202, done.body, headers)


def _wait_of(request: Request) -> float:
    """Seconds of ``Prefer: wait=`` (RFC 7240); a preference that is none is passed over."""
    found = _WAIT.search(",".join(request.headers.getlist("prefer")).lower())
    return 0.0 if found is None else min(float(found[1]), MOST_WAIT)
