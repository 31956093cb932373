"""The services that have their port set here: alive, and able to take work."""

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Final

from hutong.checks.finding import Finding, fault, ok, warning
from hutong.variables import MODELS, PREFIX

_SECONDS: Final = 3.0
_MOST: Final = 400
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})


def service_findings(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Asks /healthz and /readyz of each."""
    for service in MODELS:
        port = environment.get(f"{PREFIX}{service.upper()}_PORT", "")
        if not port.isdecimal():
            continue
        host = environment.get(f"{PREFIX}{service.upper()}_HOST", "")
        yield from _service(service, "127.0.0.1" if host in _EVERYWHERE else host, int(port))


def _service(name: str, host: str, port: int) -> Iterator[Finding]:
    try:
        alive, why = _ask(host, port, "/healthz")
        ready, why_not = _ask(host, port, "/readyz")
    except (OSError, http.client.HTTPException) as error:
        yield fault(
            name, f"does not answer on {host}:{port} ({error})", "start it; see its log if it ends"
        )
        return
    if not alive:
        yield fault(name, f"is alive but does not work: {why}", "see its log; restart it")
    elif not ready:
        yield warning(name, f"takes no work now: {why_not}", "see its log")
    else:
        yield ok(name, f"answers on {host}:{port}")


def _ask(host: str, port: int, path: str) -> tuple[bool, str]:
    connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(_MOST).decode("utf-8", "replace")
    finally:
        connection.close()
    return answer.status == 200, _short(body)


def _short(body: str) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return body.strip()
    facts = {k: v for k, v in found.items() if k != "ok" and v} if isinstance(found, dict) else {}
    return ", ".join(f"{name} {value}" for name, value in facts.items()) or body.strip()
