"""One process: how to start it, and how to end it and what it started."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from hutong.local.identity import RunAs

LAUNCHER = Path(__file__).with_name("launch.py")

_LOG_LIMIT = 20_000_000
"""Bytes after which a log is put aside (one old one is kept) when its process starts."""

RUNNING_LOG_LIMIT = 50_000_000
"""The same while the process runs."""


@dataclass(frozen=True)
class ChildSpec:
    """What a child is.

    `ready` returns None when the child does its work, else why it does not yet; it is asked often
    and must answer within a second or two. `stop_signals` are sent one after the other, each with
    the seconds it is given, before SIGKILL. The first is also what the child gets should the
    supervisor be killed (Linux). `environment` is added to ours.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], str | None] = lambda: None
    address: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_seconds: float = 60.0
    stop_signals: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 10.0),)
    run_as: RunAs | None = None
    cwd: Path | None = None


def launch_command(
    command: Sequence[str], run_as: RunAs | None, death_signal: signal.Signals
) -> list[str]:
    """Return the command that becomes `command`, as `run_as`, tied to this process's life."""
    order = {
        "argv": list(command),
        "parent": os.getpid(),
        "death_signal": int(death_signal),
        "uid": run_as.uid if run_as else None,
        "gid": run_as.gid if run_as else None,
        "reach_paths": run_as.reach_paths if run_as else False,
    }
    return [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(order)]


def spawn(spec: ChildSpec, log: Path) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, its output added to `log`.

    On Linux it dies with the *thread* that calls this, so that thread must live as long as the
    child may.
    """
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))
    with log.open("ab") as output:
        output.write(f"--- {time.strftime('%Y-%m-%dT%H:%M:%S%z')} start {spec.name}\n".encode())
        output.flush()
        return subprocess.Popen(
            launch_command(spec.command, spec.run_as, spec.stop_signals[0][0]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **spec.environment},
            cwd=spec.cwd,
            start_new_session=True,
        )


def bound_log(log: Path, limit: int = RUNNING_LOG_LIMIT) -> bool:
    """Put the log of a running process aside when it is longer, and empty it; whether it was.

    The process goes on writing to the same file, at its new end, since it was opened to append.
    What it writes between copying and emptying is lost. Where the copy cannot be written (a full
    disk) the text is lost, not the room.
    """
    try:
        if log.stat().st_size <= limit:
            return False
    except FileNotFoundError:
        return False
    old = log.with_name(log.name + ".1")
    try:
        shutil.copyfile(log, old)
    except OSError:
        old.unlink(missing_ok=True)
    try:
        os.truncate(log, 0)
    except OSError:  # then it grows; the stack does not stop for a log
        return False
    return True


def terminate(
    pid: int, is_alive: Callable[[], bool], stop_signals: Sequence[tuple[signal.Signals, float]]
) -> None:
    """End a process politely, then not; and whatever it had started.

    `is_alive` answers for this very process, so that an id used again is never signalled.
    """
    family = _descendants(pid) if is_alive() else []
    for number, seconds in stop_signals:
        if not is_alive():
            break
        _signal(pid, signal.SIGCONT)  # one that was halted cannot heed a signal
        _signal(pid, number)
        until = time.monotonic() + seconds
        while is_alive() and time.monotonic() < until:
            time.sleep(0.02)
    if is_alive():
        _signal(pid, signal.SIGKILL)
    for left in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            left.kill()  # psutil compares start times first
    psutil.wait_procs(family, timeout=10)
    until = time.monotonic() + 10
    while is_alive() and time.monotonic() < until:
        time.sleep(0.02)


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log, indented, for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return "    (no log)"
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (empty)"
