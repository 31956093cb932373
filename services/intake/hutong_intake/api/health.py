"""Is it alive, can it take reports, what has it counted."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from hutong_intake.api.answers import json_answer
from hutong_intake.log import Log
from hutong_intake.status import StatusReader


@dataclass(frozen=True, slots=True)
class HealthApi:
    """``failure`` says why the process can never work again, and is empty while it can."""

    log: Log
    status: StatusReader
    registry: CollectorRegistry
    failure: Callable[[], str]

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/healthz", self.healthz, methods=["GET"])
        router.add_api_route("/readyz", self.readyz, methods=["GET"])
        router.add_api_route("/metrics", self.metrics, methods=["GET"])
        return router

    async def healthz(self) -> Response:
        """503 once the producer can never work again: restart it."""
        failure = self.failure()
        return json_answer(503 if failure else 200, {"ok": not failure, "why": failure})

    async def readyz(self) -> Response:
        """200 while Kafka can take reports. PostgreSQL is a fact, not a condition."""
        state = await self.log.state()
        why = self.failure() or state.why
        facts = {
            "ok": not why,
            "why": why,
            "kafka": state.why or "up",
            "postgresql": "up" if await self.status.is_up() else "down: no status reads",
        }
        return json_answer(503 if why else 200, facts)

    async def metrics(self) -> Response:
        """For Prometheus."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)
