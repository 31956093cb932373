"""uvicorn's HTTP protocol with the limits that it lacks.

uvicorn bounds neither how long a request head may take nor how large it may grow, answers what it
cannot parse as plain text, and drops a half-closed connection's answer. Application code runs only
once the head is complete, so these belong here; the body's time and size are `api.body`'s.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hutong_intake.problems import (
    BAD_REQUEST,
    HEADERS_TOO_LARGE,
    MEDIA_TYPE,
    TIMEOUT,
    ProblemError,
)

#: A request line and headers together; browsers and proxies keep to 8 to 32 KiB.
MAX_HEAD = 32 * 1024
#: What may still come of a body that was answered before its end: closing at once would reset the
#: connection and lose the answer, reading on for ever is what an attacker wants.
MAX_UNREAD = 1024 * 1024


class IntakeProtocol(HttpToolsProtocol):
    """One connection. ``head_seconds`` bounds the head of each request and the wait for it."""

    head_seconds = 30.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_size = 0
        self._unread = 0
        self._in_head = True
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock for the first head."""
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the head's bytes before they are kept."""
        if self.transport.is_closing():
            return
        if self._in_head:
            if self._deadline is None:
                self._start_deadline()
            self._head_size += len(data)
            # The piece that ends the head may hold the start of a body: allow one piece more.
            if self._head_size - len(data) > MAX_HEAD:
                self._refuse(
                    ProblemError(
                        HEADERS_TOO_LARGE,
                        f"请求头超过{MAX_HEAD // 1024} KiB。",
                        f"The request line and headers are over {MAX_HEAD // 1024} KiB.",
                    )
                )
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The head is in: its clock stops, the body has its own."""
        self._in_head = False
        self._head_size = 0
        self._stop_deadline()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Read no more than a bounded rest of a body that was answered already."""
        if self.cycle.response_complete:
            self._unread += len(body)
            if self._unread > MAX_UNREAD:
                self._stop_deadline()
                self.transport.close()
            elif self._deadline is None:
                self._deadline = self.loop.call_later(self.head_seconds, self.transport.close)
            return
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The next bytes are a new head."""
        if self.cycle.response_complete:
            self._stop_deadline()
        self._in_head, self._unread = True, 0
        super().on_message_complete()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """The sender sends no more, but may still read."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return None
        if not cycle.more_body:
            cycle.keep_alive = False
            return True  # all of it came: keep the connection until the answer is out
        if not cycle.response_started:
            cycle.disconnected = True
            cycle.message_event.set()
            self._refuse(
                ProblemError(
                    BAD_REQUEST,
                    "正文比 Content-Length 所说的短，或未传完；未写入任何内容。",
                    "The body ended before it was complete; nothing was written.",
                )
            )
        return None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answer what is no HTTP in our own form."""
        zh, en = "不是合格的 HTTP 请求。", "Not a well-formed HTTP request."
        self._refuse(ProblemError(BAD_REQUEST, zh, en))

    def _start_deadline(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self._on_deadline)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        if not self.transport.is_closing():
            zh, en = "请求头迟迟未传完。", "The request head did not arrive in time."
            self._refuse(ProblemError(TIMEOUT, zh, en))

    def _refuse(self, problem: ProblemError) -> None:
        self._stop_deadline()
        status = problem.kind.status
        body = json.dumps(problem.body("zh"), ensure_ascii=False).encode()
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def protocol_with(head_seconds: float) -> type[IntakeProtocol]:
    """The protocol with that time for each head."""
    return type("IntakeProtocol", (IntakeProtocol,), {"head_seconds": head_seconds})
