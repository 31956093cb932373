"""GET /v1/issues/{issue_id}, and what became of one of its events."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hutong.events.fields import is_uuid
from hutong.issue.allowed import may_see
from hutong.keys import ISSUES_READ
from hutong_intake.act_problems import not_there
from hutong_intake.acts import Acts
from hutong_intake.api.answers import JSON, json_answer, require_acceptable
from hutong_intake.api.auth import Caller, Gate
from hutong_intake.api.openapi_issues import EVENT_DOC, ISSUE_DOC
from hutong_intake.effect import Effect
from hutong_intake.problems import STATUS_UNAVAILABLE, ProblemError
from hutong_intake.status import Look, StatusUnavailableError
from hutong_intake.views import IssueView


@dataclass(frozen=True, slots=True)
class IssuesApi:
    """What somebody may know of an issue that he has to do with; for all others it is not there."""

    acts: Acts
    gate: Gate
    view: IssueView

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter()
        router.add_api_route("/v1/issues/{issue_id}", self.get, methods=["GET"], **ISSUE_DOC)
        path = "/v1/issues/{issue_id}/events/{event_id}"
        router.add_api_route(path, self.get_event, methods=["GET"], **EVENT_DOC)
        return router

    async def get(self, request: Request, issue_id: str) -> Response:
        """Where it stands, and which verbs the caller may use now."""
        caller = self.gate.admit(request, ISSUES_READ)
        require_acceptable(request, JSON)
        look = await self._find(caller, issue_id)
        verbs = self.acts.verbs_of(caller.principal)
        return json_answer(200, self.view.of(look, caller.principal, verbs))

    async def get_event(self, request: Request, issue_id: str, event_id: str) -> Response:
        """The verdict on an event, or that there is none yet."""
        caller = self.gate.admit(request, ISSUES_READ)
        require_acceptable(request, JSON)
        if not is_uuid(event_id):
            raise not_there()
        look = await self._find(caller, issue_id, event_id)
        return json_answer(200, self._verdict(look, issue_id, event_id))

    async def _find(self, caller: Caller, issue_id: str, event_id: str = "") -> Look:
        try:
            return await self.acts.find(
                issue_id, event_id, lambda look: may_see(caller.principal, look.state)
            )
        except StatusUnavailableError:
            raise ProblemError(
                STATUS_UNAVAILABLE,
                "暂时无法查询办理情况；上报不受影响。",
                "Status cannot be read right now; reports are still taken.",
                headers={"Retry-After": "5"},
            ) from None

    def _verdict(self, look: Look, issue_id: str, event_id: str) -> dict[str, Any]:
        entry = look.entry
        if entry is None:
            return {
                "event_id": event_id,
                "issue_id": issue_id,
                "event": None,
                "effect": Effect("pending").body(),
            }
        return {
            "event_id": event_id,
            "issue_id": issue_id,
            "event": entry.name,
            "principal": entry.principal,
            "place": entry.source,
            "occurred_at": self.view.time(entry.occurred_at),
            "received_at": self.view.time(entry.received_at),
            "recorded_at": self.view.time(entry.recorded_at),
            "effect": Effect(entry.verdict, entry.reason, judged=True).body(),
        }
