"""`stack.json`: what runs, where, and how it is; written by the supervisor, read by anybody."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import psutil
from pydantic import BaseModel, ConfigDict

from hutong.local.folder import write_whole

STATE_FILE = "stack.json"

ChildState = Literal["starting", "up", "not ready", "restarting", "failed", "stopped"]
StackState = Literal["starting", "up", "stopping", "stopped"]


class Identity(BaseModel):
    """A process: its id, and its start (s UTC), because ids are used again."""

    model_config = ConfigDict(frozen=True)
    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """Return who `pid` is now, or None when there is no such process."""
        try:
            return cls(pid=pid, started=psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    def is_alive(self) -> bool:
        """Tell whether this very process runs still (a zombie does not)."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1.0
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


class ChildStatus(BaseModel):
    """One child as the supervisor last saw it.

    `last_exit` is the last exit code (negative: the signal that ended it). `note` says what is
    wrong, for a person.
    """

    name: str
    state: ChildState
    process: Identity | None = None
    restarts: int = 0
    last_exit: int | None = None
    address: str = ""
    note: str = ""


class StackStatus(BaseModel):
    """The whole stack as the supervisor last saw it. `addresses` holds no secret."""

    state: StackState
    supervisor: Identity | None = None
    brokers: int = 1
    addresses: dict[str, str] = {}
    children: list[ChildStatus] = []
    written: float = 0.0

    def is_running(self) -> bool:
        """Tell whether the supervisor that wrote this is alive."""
        return self.supervisor is not None and self.supervisor.is_alive()

    def is_up(self) -> bool:
        """Tell whether everything is up."""
        return (
            self.is_running()
            and self.state == "up"
            and all(child.state == "up" and _alive(child) for child in self.children)
        )


def _alive(child: ChildStatus) -> bool:
    return child.process is None or child.process.is_alive()


def read_state(data: Path) -> StackStatus | None:
    """Return what `data`'s supervisor last wrote, or None when none ever ran there."""
    try:
        return StackStatus.model_validate_json((data / STATE_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return None


def write_state(data: Path, status: StackStatus) -> None:
    """Write the state down, at once or not at all."""
    stamped = status.model_copy(update={"written": time.time()})
    write_whole(data / STATE_FILE, stamped.model_dump_json(indent=1) + "\n")
