"""The data folder: proof that we made it, one supervisor at a time, wiping, whole-file writes."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

from hutong.local.errors import LocalStackError

MARKER = "hutong-data.json"
_FORMAT = 1


class DataFolder:
    """A folder that holds one local stack.

    `open` makes it, or takes it when it is ours or empty; `lock` keeps other supervisors out until
    the process ends or `unlock` is called.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: int | None = None

    def open(self) -> None:
        """Make the folder with its marker, or check the marker of the one that is there.

        Raises:
            LocalStackError: the folder holds files that are not ours, or is of a later format.
        """
        if not self.is_ours():
            if self.path.exists() and any(self.path.iterdir()):
                raise LocalStackError(
                    f"{self.path} holds files that Hutong did not make.",
                    "Remedy: give an empty or a new folder with --data.",
                )
            self.path.mkdir(parents=True, exist_ok=True)
            self._write_facts({"made_by": "hutong", "format": _FORMAT})
        if self.facts().get("format") != _FORMAT:
            raise LocalStackError(
                f"{self.path} was made by another version of Hutong.",
                "Remedy: use that version, or another folder with --data.",
            )
        self.logs.mkdir(exist_ok=True)

    @property
    def logs(self) -> Path:
        """Where the children's logs are."""
        return self.path / "logs"

    def is_ours(self) -> bool:
        """Tell whether Hutong made this folder."""
        try:
            return self.facts().get("made_by") == "hutong"
        except (OSError, ValueError):
            return False

    def facts(self) -> dict[str, Any]:
        """Return what was written down about the folder when it was made."""
        found: dict[str, Any] = json.loads((self.path / MARKER).read_text("utf-8"))
        return found

    def remember(self, name: str, value: str | int) -> str | int:
        """Write a fact down once; later calls return what was written first."""
        facts = self.facts()
        if name not in facts:
            facts[name] = value
            self._write_facts(facts)
        found: str | int = facts[name]
        return found

    def _write_facts(self, facts: dict[str, Any]) -> None:
        write_whole(self.path / MARKER, json.dumps(facts, indent=1) + "\n")

    def lock(self) -> None:
        """Keep every other supervisor out.

        Raises:
            LocalStackError: one is at work already; the message names its process id.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode().strip() or "unknown"
            os.close(descriptor)
            raise LocalStackError(
                f"A stack is already running in {self.path} (process {holder}).",
                "Remedy: stop it with `hutong down`, or use another folder with --data.",
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._lock = descriptor

    def holder(self) -> int | None:
        """Return the process id of the supervisor at work here, or None."""
        try:
            with (self.path / "lock").open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(file.read().strip() or 0) or None
        except FileNotFoundError:
            return None
        return None

    def unlock(self) -> None:
        """Let others in again."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def wipe(self) -> None:
        """Remove the folder and all in it.

        Raises:
            LocalStackError: Hutong did not make it, or a stack runs in it.
        """
        if not self.is_ours():
            raise LocalStackError(
                f"{self.path} was not made by Hutong (it has no {MARKER}): nothing was removed.",
                "Remedy: look into it and remove it by hand if you are sure.",
            )
        self.lock()
        try:
            for entry in self.path.iterdir():  # the marker last, so that a cut-off wipe can go on
                if entry.name not in (MARKER, "lock"):
                    if entry.is_dir() and not entry.is_symlink():
                        shutil.rmtree(entry)
                    else:
                        entry.unlink()
            shutil.rmtree(self.path)
        finally:
            self.unlock()


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that a reader sees the old text or the new one, never a part.

    Several threads and processes may write the same file at once: one of their texts stays.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
