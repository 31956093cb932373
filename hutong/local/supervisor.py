"""Starts children, watches them, starts dead ones again a limited number of times, stops all.

All work on children is done by one thread of the supervisor: it starts them (on Linux a child dies
with the thread that started it, so that thread lives until all are stopped), looks at each several
times a second, and stops them. Public methods hand it work and wait.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hutong.local.errors import ChildFailedError, LocalStackError
from hutong.local.process import (
    RUNNING_LOG_LIMIT,
    ChildSpec,
    bound_log,
    last_lines,
    spawn,
    terminate,
)
from hutong.local.signals import StopRequested
from hutong.local.state import ChildState, ChildStatus, Identity

T = TypeVar("T")

BACKOFF_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Waits before each restart in a row. After the last one a child that dies again has failed."""

STABLE_SECONDS = 60.0
"""A child that was up this long has its restarts in a row forgotten."""

CONFIGURATION_FAULT = 2
"""The exit code of a service that cannot run as it is configured: starting again cannot help."""

_LOOK_EVERY = 0.1
_LOG_LOOK_EVERY = 5.0
_READY_EVERY = 0.15


@dataclass
class _Child:
    spec: ChildSpec
    batch: int
    popen: subprocess.Popen[bytes] | None = None
    identity: Identity | None = None
    state: ChildState = "stopped"
    since: float = 0.0
    in_a_row: int = 0
    restarts: int = 0
    restart: bool = True
    was_up: bool = False
    not_before: float = 0.0
    last_exit: int | None = None
    note: str = ""
    asked: Future[str | None] | None = None


class Supervisor:
    """Keeps a set of children running.

    `changed` is called, from the supervisor's thread, with the state of every child after each
    change. `say` gets lines for a person (a death, a restart, a failure).
    """

    def __init__(
        self,
        logs: Path,
        *,
        changed: Callable[[list[ChildStatus]], None] = lambda _: None,
        say: Callable[[str], None] = lambda _: None,
        backoff: Sequence[float] = BACKOFF_SECONDS,
        log_limit: int = RUNNING_LOG_LIMIT,
        log_look_every: float = _LOG_LOOK_EVERY,
    ) -> None:
        self._logs = logs
        self._changed = changed
        self._say = say
        self._backoff = backoff
        self._log_limit = log_limit
        self._log_look_every = log_look_every
        self._bound_at = 0.0
        self._children: dict[str, _Child] = {}
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._askers = ThreadPoolExecutor(8, thread_name_prefix="ready")
        self._ended = threading.Event()
        self._fault: Exception | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    # -- what others call ------------------------------------------------------------------

    def start(self, specs: Sequence[ChildSpec]) -> None:
        """Start these together and wait until all are ready.

        Raises:
            ChildFailedError: one ended, or was not ready in time; the message has its last lines.
        """
        self._do(lambda: self._add(specs))
        for spec in specs:
            self.wait_ready(spec.name, spec.ready_seconds)

    def wait_ready(self, name: str, seconds: float = 60.0) -> None:
        """Wait until a child is up. One that dies before it was ever up has failed.

        Raises:
            ChildFailedError: it has failed, is stopped, or was not ready in time.
        """
        until = time.monotonic() + seconds
        child = self._child(name)
        while child.state != "up":
            self._check()
            if child.state in ("failed", "stopped"):
                raise ChildFailedError(f"{name} did not start: {child.note}", self._tail(name))
            if time.monotonic() > until:
                why = child.note or "no answer"
                raise ChildFailedError(
                    f"{name} was not ready after {seconds:.0f} s: {why}", self._tail(name)
                )
            time.sleep(0.02)

    def run_once(self, spec: ChildSpec, seconds: float = 120.0) -> None:
        """Run a command to its end.

        Raises:
            ChildFailedError: it ended with another code than 0, or took too long.
        """
        log = self._log(spec.name)
        popen = self._do(lambda: spawn(spec, log))
        try:
            code = popen.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise ChildFailedError(
                f"{spec.name} did not end within {seconds:.0f} s.", self._tail(spec.name)
            ) from error
        finally:
            terminate(popen.pid, lambda: popen.poll() is None, spec.stop_signals)
        if code != 0:
            raise ChildFailedError(f"{spec.name} {_ending(code)}.", self._tail(spec.name))

    def stop(self, name: str) -> None:
        """Stop one child and leave it stopped until `start_again`."""
        self._do(lambda: self._stop(self._child(name)))

    def start_again(self, name: str) -> None:
        """Start a child that is stopped or has failed, its restarts in a row forgotten."""

        def again() -> None:
            child = self._child(name)
            if child.popen is None or child.popen.poll() is not None:
                child.in_a_row = 0
                child.was_up = False
                self._begin(child)

        self._do(again)

    def send_signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a child (for fault tests: SIGKILL, SIGSTOP, SIGCONT)."""
        identity = self._child(name).identity
        if identity is None or not identity.is_alive():
            raise LocalStackError(f"{name} is not running.")
        os.kill(identity.pid, number)

    def allow_restart(self, name: str, allowed: bool) -> None:
        """Say whether a child that dies is started again (it is, at first)."""
        self._child(name).restart = allowed

    def status(self) -> list[ChildStatus]:
        """Return every child as it is now, in order of their start."""
        return [_status(child) for child in list(self._children.values())]

    def close(self) -> None:
        """Stop every child, the batch started last first, and end. Later calls do nothing."""
        self._closing.set()
        interruption: BaseException | None = None
        while self._thread.is_alive():
            try:
                self._thread.join()
            except (KeyboardInterrupt, StopRequested) as error:
                interruption = error  # later: the children first, their time is bounded
        self._askers.shutdown(wait=False, cancel_futures=True)
        if interruption is not None:
            raise interruption

    def wait(self, seconds: float) -> None:
        """Wait; raise what broke the supervisor itself, had anything done so."""
        self._ended.wait(seconds)
        self._check()

    # -- the supervisor's own thread -------------------------------------------------------

    def _do(self, work: Callable[[], T]) -> T:
        """Have the thread do `work` and return what it returned."""
        self._check()
        future: Future[T] = Future()

        def carry_out() -> None:
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001  handed on to the caller, who raises it
                future.set_exception(error)

        self._work.put(carry_out)
        while not future.done():
            wait([future], timeout=0.2)
            if not future.done():
                self._check()
        return future.result()

    def _check(self) -> None:
        if self._fault is not None:
            raise LocalStackError(f"The supervisor broke: {self._fault!r}") from self._fault
        if self._ended.is_set():
            raise LocalStackError("The stack has stopped.")

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._work.get(timeout=_LOOK_EVERY)()
                except queue.Empty:
                    for child in list(self._children.values()):
                        self._look(child)
                    self._bound_logs()
        except Exception as error:  # noqa: BLE001  a fault of ours stops everything and is said
            self._fault = error
        finally:
            self._stop_all()
            self._ended.set()

    def _stop_all(self) -> None:
        """Stop batch by batch, those of a batch together: each waits for the others to go."""
        children = list(self._children.values())
        for batch in sorted({child.batch for child in children}, reverse=True):
            members = [child for child in children if child.batch == batch]
            wait([self._askers.submit(_end, child) for child in members])
            for child in members:
                self._move(child, "stopped")

    def _add(self, specs: Sequence[ChildSpec]) -> None:
        batch = 1 + max((child.batch for child in self._children.values()), default=0)
        for spec in specs:
            self._children[spec.name] = child = _Child(spec, batch)
            self._begin(child)

    def _begin(self, child: _Child) -> None:
        child.popen = spawn(child.spec, self._log(child.spec.name))
        child.identity = Identity.of(child.popen.pid)
        child.asked = None
        child.note = ""
        self._move(child, "starting")

    def _look(self, child: _Child) -> None:
        if child.state in ("failed", "stopped"):
            return
        now = time.monotonic()
        if child.state == "restarting":
            if now >= child.not_before:
                child.restarts += 1
                self._begin(child)
            return
        assert child.popen is not None
        code = child.popen.poll()
        if code is not None:
            self._died(child, code)
        elif child.state == "starting":
            self._ask(child)
        elif child.in_a_row and now - child.since > STABLE_SECONDS:
            child.in_a_row = 0

    def _bound_logs(self) -> None:
        if time.monotonic() >= self._bound_at:
            for name in self._children:
                bound_log(self._log(name), self._log_limit)
            self._bound_at = time.monotonic() + self._log_look_every

    def _ask(self, child: _Child) -> None:
        """Ask `ready` in another thread, so that a slow answer does not blind us to the rest."""
        if child.asked is None:
            child.asked = self._askers.submit(child.spec.ready)
        elif child.asked.done():
            why = child.asked.result()
            child.asked = None
            if why is None:
                child.note = ""
                child.was_up = True
                self._move(child, "up")
            else:
                child.note = why
                child.asked = self._askers.submit(_later, child.spec.ready)

    def _died(self, child: _Child, code: int) -> None:
        name = child.spec.name
        child.last_exit = code
        child.asked = None
        child.note = _ending(code)
        if not child.restart:
            self._move(child, "stopped")
        elif not child.was_up:
            self._move(child, "failed")
        elif code == CONFIGURATION_FAULT or child.in_a_row >= len(self._backoff):
            tries = f" and was started again {child.in_a_row} times" if child.in_a_row else ""
            self._say(f"{name} has failed: it {child.note}{tries}.\n{self._tail(name)}")
            self._move(child, "failed")
        else:
            wait = self._backoff[child.in_a_row]
            child.in_a_row += 1
            child.not_before = time.monotonic() + wait
            self._say(f"{name} {child.note}; starting it again in {wait:g} s.")
            self._move(child, "restarting")

    def _stop(self, child: _Child) -> None:
        _end(child)
        self._move(child, "stopped")

    def _move(self, child: _Child, state: ChildState) -> None:
        child.state = state
        child.since = time.monotonic()
        self._changed(self.status())

    def _child(self, name: str) -> _Child:
        try:
            return self._children[name]
        except KeyError:
            known: Mapping[str, _Child] = self._children
            raise LocalStackError(
                f"No {name!r} in this stack.", f"It has: {', '.join(known) or 'nothing'}."
            ) from None

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _tail(self, name: str) -> str:
        return f"Last lines of {self._log(name)}:\n{last_lines(self._log(name))}"


def _end(child: _Child) -> None:
    popen = child.popen
    if popen is not None and popen.poll() is None:
        terminate(popen.pid, lambda: popen.poll() is None, child.spec.stop_signals)
        child.last_exit = popen.wait()


def _later(ready: Callable[[], str | None]) -> str | None:
    time.sleep(_READY_EVERY)
    return ready()


def _status(child: _Child) -> ChildStatus:
    return ChildStatus(
        name=child.spec.name,
        state=child.state,
        process=child.identity if child.state in ("starting", "up") else None,
        restarts=child.restarts,
        last_exit=child.last_exit,
        address=child.spec.address,
        note=child.note,
    )


def _ending(code: int) -> str:
    """Say how a process ended, for a person."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
