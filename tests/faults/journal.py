"""The load client's own account, on disk before anybody else is told anything.

A line per intent, durable before the first byte is sent, and a line per try, durable before the
next one. Many lines share one fsync.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.checker import place_of
from tests.faults.facts import Result, Sent


class Journal:
    """Writes; one event loop."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._numbers = 0

    def number(self) -> int:
        """The next intent's."""
        self._numbers += 1
        return self._numbers

    async def keep(self, line: Mapping[str, Any]) -> None:
        """Return when the line is on disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((json.dumps(line, ensure_ascii=False).encode() + b"\n", done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        await done

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await asyncio.to_thread(self._write, b"".join(line for line, _ in batch))
            for _, done in batch:
                done.set_result(None)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        os.fsync(self._file.fileno())


@dataclass(frozen=True, slots=True)
class Try:
    """One answer, or none: when (ms UTC), and what it was."""

    number: int
    at: int
    result: Result


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines; a torn last one was never acted on."""
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)


def tries(lines: Iterable[Mapping[str, Any]]) -> list[Try]:
    """Every try in order."""
    return [Try(line["n"], line["t"], line["what"]) for line in lines if line["what"] != "intent"]


def sent_of(lines: Iterable[Mapping[str, Any]], first: int = 0) -> list[Sent]:
    """What became of each intent, numbers counted on from ``first``."""
    intents: dict[int, Mapping[str, Any]] = {}
    results: dict[int, list[Mapping[str, Any]]] = {}
    for line in lines:
        if line["what"] == "intent":
            intents[line["n"]] = line
        else:
            results.setdefault(line["n"], []).append(line)
    return [
        _sent(first + number, intent, results.get(number, [])) for number, intent in intents.items()
    ]


def _sent(number: int, intent: Mapping[str, Any], results: list[Mapping[str, Any]]) -> Sent:
    answered = next((each for each in results if each["what"] == "ok"), None)
    result: Result = "unknown"
    if answered is not None:
        result = "ok"
    elif results and all(each["what"] == "refused" for each in results):
        result = "refused"
    return Sent(
        number,
        intent["sender"],
        intent["issue_id"],
        intent["event_id"],
        result,
        intent["mark"],
        None if answered is None else place_of(answered["place"]),
    )
