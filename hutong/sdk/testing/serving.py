"""Answers over a socket of this machine, for clients that are no Python."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Protocol

_MOST_BYTES: Final = 5_000_000

Answered = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


class Asked(Protocol):
    """What is asked: `MemoryIntake` or `Exam`."""

    def answer(
        self, method: str, target: str, headers: dict[str, str], content: bytes
    ) -> Answered | None:
        """What to answer; None: cut the connection."""
        ...


def serve(asked: Asked, port: int) -> ThreadingHTTPServer:
    """Answers on a port of this machine (0: any free one); call `serve_forever`, `shutdown`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._handle()

        def do_POST(self) -> None:
            self._handle()

        def log_message(self, *_: object) -> None:
            """Say nothing: the verdict is what counts."""

        def _handle(self) -> None:
            length = self.headers.get("content-length", "0")
            size = int(length) if length.isdigit() else 0
            content = self.rfile.read(min(size, _MOST_BYTES))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found = asked.answer(self.command, self.path, headers, content)
            if found is None:
                self.close_connection = True
                return
            status, answered, body = found
            self.send_response(status)
            for name, value in answered.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
