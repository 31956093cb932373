"""A small HTTP server in a thread, for services that have no HTTP of their own.

``/healthz`` is 200 while the process does its work and 503 when it is alive but stuck (the launcher
restarts it); ``/readyz`` is 200 when it can take work; ``/metrics`` is for Prometheus.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from hutong.ops.listen import port_error


@dataclass(frozen=True, slots=True)
class Health:
    """What a probe answers: ``ok`` decides 200 or 503; the facts say why, for a person."""

    ok: bool
    facts: Mapping[str, object]


Probe = Callable[[], Health]


class HealthServer:
    """Serves the three addresses on ``host:port`` from `start` to `stop`.

    Raises PortError, which names ``setting``, when the port cannot be had.
    """

    def __init__(
        self,
        port: int,
        *,
        healthy: Probe,
        ready: Probe,
        registry: CollectorRegistry,
        host: str = "127.0.0.1",
        setting: str = "another port",
    ) -> None:
        probes = {"/healthz": healthy, "/readyz": ready}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path == "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
                elif (probe := probes.get(path)) is not None:
                    health = probe()
                    body = json.dumps({"ok": health.ok, **health.facts}).encode()
                    self._answer(200 if health.ok else 503, "application/json", body)
                else:
                    self._answer(404, "application/json", b'{"title": "not found"}')

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Probes are not worth a log line."""

        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            raise port_error(host, port, setting, error) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on (of use when 0 was asked for)."""
        return self._server.server_port

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
