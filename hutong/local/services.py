"""Hutong's own services and one-shot commands as children of the stack."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from hutong.kafka.acls import BREAK_GLASS, INTAKE, PROCESSES, PROJECTIONS, ROUTER
from hutong.local.ports import HOST
from hutong.local.process import ChildSpec

SERVICES = ("intake", "router", "projections", "processes", "web")
"""In order of start: nothing breaks when a later one is away."""

KAFKA_USER: Mapping[str, str | None] = {
    "topics": BREAK_GLASS,
    "migrate": None,
    "intake": INTAKE,
    "router": ROUTER,
    "projections": PROJECTIONS,
    "processes": PROCESSES,
    "web": None,
}
"""As whom each service and one-shot speaks to a secure Kafka; None: not at all."""

ONE_SHOTS: Mapping[str, tuple[str, ...]] = {
    "topics": ("topics", "create"),
    "migrate": ("migrate",),
}
"""What must have been done before any service starts, as arguments of `hutong`."""

_MOST_WHY = 200


def hutong_command(*arguments: str) -> list[str]:
    """Return how to run `hutong` with this very interpreter, installed or not on PATH."""
    return [sys.executable, "-m", "hutong.cli.main", *arguments]


def service_spec(
    name: str, port: int, environment: Mapping[str, str], cwd: Path, ready_seconds: float
) -> ChildSpec:
    """Describe `hutong serve <name>`; it is ready when `/readyz` answers 200."""
    return ChildSpec(
        name=name,
        command=hutong_command("serve", name),
        ready=http_ready(port),
        address=f"http://{HOST}:{port}",
        environment=environment,
        ready_seconds=ready_seconds,
        cwd=cwd,
    )


def one_shot_spec(name: str, environment: Mapping[str, str], cwd: Path) -> ChildSpec:
    """Describe a command that runs once before the services."""
    return ChildSpec(
        name=name, command=hutong_command(*ONE_SHOTS[name]), environment=environment, cwd=cwd
    )


def http_ready(port: int, path: str = "/readyz") -> Callable[[], str | None]:
    """Return a check that `path` answers 200, straight to loopback whatever proxies are set."""

    def ready() -> str | None:
        connection = http.client.HTTPConnection(HOST, port, timeout=2.0)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read(_MOST_WHY).decode("utf-8", "replace").strip()
        except (OSError, http.client.HTTPException) as error:
            return f"{path} does not answer ({error})"
        finally:
            connection.close()
        return None if answer.status == 200 else f"{path} answers {answer.status}: {body}"

    return ready


def main(arguments: list[str]) -> int:
    """Check the service on a port of this machine: what a container's health check runs."""
    if len(arguments) != 1 or not arguments[0].isdecimal():
        sys.stderr.write("usage: python -m hutong.local.services PORT\n")
        return 2
    why = http_ready(int(arguments[0]))()
    if why is not None:
        sys.stderr.write(why + "\n")
    return 0 if why is None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
