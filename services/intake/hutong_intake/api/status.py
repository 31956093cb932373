"""GET /v1/reports/{receipt}: what has become of a report, for the channel that sent it."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hutong.events.fields import is_uuid
from hutong.events.receipt import BadReceiptError, Receipt
from hutong.events.topics import TopicCatalogue, reports_topic
from hutong.keys import REPORTS_READ
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong_intake.api.answers import JSON, json_answer, require_acceptable
from hutong_intake.api.auth import Gate
from hutong_intake.api.openapi import STATUS_DOC
from hutong_intake.intake import Intake
from hutong_intake.log import Log, NotConfirmedError
from hutong_intake.problems import (
    BAD_RECEIPT,
    NOT_FOUND,
    STATUS_UNAVAILABLE,
    Fault,
    ProblemError,
)
from hutong_intake.status import StatusReader, StatusUnavailableError
from hutong_intake.times import format_time

_TIMES = (
    "reported_at",
    "dispatched_at",
    "accepted_at",
    "responded_at",
    "resolved_at",
    "closed_at",
)


@dataclass(frozen=True, slots=True)
class StatusApi:
    """Status reads. They never say who reported, and never that another channel's report exists."""

    intake: Intake
    gate: Gate
    log: Log
    topics: TopicCatalogue
    status: StatusReader

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter()
        router.add_api_route("/v1/reports/{receipt}", self.get, methods=["GET"], **STATUS_DOC)
        return router

    async def get(self, request: Request, receipt: str) -> Response:
        """The report with that receipt number."""
        channel = self.gate.admit(request, REPORTS_READ).channel
        require_acceptable(request, JSON)
        place = _parse(receipt)
        if self.topics.channel_of(place.channel) != channel:
            raise _not_found()
        try:
            answer = await self._find(place, channel)
        except (StatusUnavailableError, NotConfirmedError):
            raise ProblemError(
                STATUS_UNAVAILABLE,
                "暂时无法查询办理情况；上报不受影响。",
                "Status cannot be read right now; reports are still taken.",
                headers={"Retry-After": "5"},
            ) from None
        return json_answer(200, answer)

    async def _find(self, place: Receipt, channel: str) -> dict[str, Any]:
        receipt = str(place)
        issue = await self.status.by_receipt(receipt)
        if issue is None:
            # Not projected yet, or a repeat of a report that an earlier receipt stands for.
            key = await self._key_at(place, channel)
            issue = await self.status.by_id(key)
            if issue is None:
                return {"receipt": receipt, "issue_id": key, "status": "accepted"}
        if issue.channel != channel:
            raise _not_found()
        return self._answer(receipt, issue)

    async def _key_at(self, place: Receipt, channel: str) -> str:
        topic = self.topics[reports_topic(channel)]
        key = None
        if place.partition < topic.partitions and place.offset < 2**63:
            key = await self.log.key_at(topic.name, place.partition, place.offset)
        if key is None or not is_uuid(key):  # whoever wrote that, it was no report
            raise _not_found()
        return key

    def _answer(self, receipt: str, issue: IssueCurrent) -> dict[str, Any]:
        times = {name: getattr(issue, name) for name in _TIMES}
        return {
            "receipt": receipt,
            "issue_id": issue.issue_id,
            "status": issue.status,
            "category": issue.category,
            "department": issue.lead,
            **{
                name: None if millis is None else format_time(millis, self.intake.zone)
                for name, millis in times.items()
            },
        }


def _parse(text: str) -> Receipt:
    try:
        return Receipt.parse(text)
    except BadReceiptError as error:
        digits = "check digit" in str(error)
        zh = "校验位不符，可能看错或按错了一位。" if digits else "受理号形如 02-07-00128431-5。"
        fault = Fault("receipt", "bad_check_digit" if digits else "not_a_receipt", zh, str(error))
        raise ProblemError(BAD_RECEIPT, zh, f"{error}.", faults=[fault]) from None


def _not_found() -> ProblemError:
    return ProblemError(
        NOT_FOUND, "没有这个受理号的上报。", "There is no report with this receipt number."
    )
