"""Ports of the stack: given, remembered from the last run, preferred, or any free one."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from hutong.local.errors import LocalStackError

HOST = "127.0.0.1"
"""Everything of the local stack listens here and nowhere else."""

PREFERRED: Mapping[str, int] = {
    "kafka-1": 19092,
    "kafka-2": 19192,
    "kafka-3": 19292,
    "postgres": 15432,
    "intake": 18080,
    "web": 18081,
    "router": 18082,
    "projections": 18083,
    "processes": 18084,
}
"""What `hutong up` tries first in a new data folder (below the range systems hand out)."""

ANY = range(20_000, 32_768)
"""Where free ports are looked for: below the range that Linux hands out to clients.

A port of that range is free when it is chosen and may be some client's a second later, before the
broker takes it; a client that keeps trying to reach a stopped broker can even get its very port.
"""

_TRIES = 200


def choose_ports(
    names: Iterable[str],
    *,
    given: Mapping[str, int],
    remembered: Mapping[str, int],
    preferred: Mapping[str, int],
) -> dict[str, int]:
    """Return a free port for each name.

    A given port must be free; a remembered or preferred one is taken when it is, else any other.

    Raises:
        LocalStackError: a given port is in use, or given twice.
    """
    chosen: dict[str, int] = {}
    with ExitStack() as held:  # all are held until all are chosen, so that none comes twice
        for name in sorted(names, key=lambda name: name not in given):
            if name in given:
                listener = _listen(given[name])
                if listener is None:
                    raise LocalStackError(
                        f"Port {given[name]} for {name} is in use.",
                        "Remedy: stop what uses it, or give another port.",
                    )
            else:
                listener = (
                    _listen(remembered.get(name)) or _listen(preferred.get(name)) or _listen_any()
                )
            if listener is None:
                raise LocalStackError("This machine has no free port left on 127.0.0.1.")
            held.enter_context(listener)
            chosen[name] = listener.getsockname()[1]
    return chosen


def _listen_any() -> socket.socket | None:
    """Listen on a free port of `ANY`; on whatever the system hands out when that is full."""
    for port in random.sample(ANY, _TRIES):
        if (listener := _listen(port)) is not None:
            return listener
    return _listen(0)


def _listen(port: int | None) -> socket.socket | None:
    if port is None:
        return None
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(1)
    except OSError:
        listener.close()
        return None
    return listener


def read_ports(path: Path) -> dict[str, int]:
    """Read the ports remembered at `path`; none when there is no such file."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {str(name): int(port) for name, port in found.items()}
