"""The limit of an address, before anything else is looked at."""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from hutong_intake.api.answers import problem_answer
from hutong_intake.limits import Limits
from hutong_intake.problems import ProblemError

#: A launcher that is told 429 would take a busy process for a dead one.
EXEMPT: Final = frozenset({"/healthz", "/readyz", "/metrics"})


class FloodGate:
    """Pure ASGI, so that it reads no body and changes no answer."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 429, or let the application answer."""
        if scope["type"] == "http" and scope["path"] not in EXEMPT:
            request = Request(scope)
            try:
                self._limits.of_address(request.client.host if request.client else None)
            except ProblemError as problem:
                # The body is unread, so the connection cannot carry another request.
                problem.headers["Connection"] = "close"
                await problem_answer(request, problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)
