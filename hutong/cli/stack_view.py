"""How the local stack and its logs are shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hutong.local.services import http_ready
from hutong.local.state import ChildStatus, StackStatus

_NOTE = 40
"""Characters of why a service is not ready."""

_COLOURS = {"up": "green", "failed": "red", "stopped": "red"}


def as_seen_now(found: StackStatus) -> StackStatus:
    """Return what the supervisor wrote, corrected by a look at the processes themselves."""
    if not found.is_running():
        stopped = [
            child.model_copy(update={"state": "stopped", "process": None})
            for child in found.children
            if child.process is None or not child.process.is_alive()
        ]
        left = [child for child in found.children if child.process and child.process.is_alive()]
        return found.model_copy(update={"state": "stopped", "children": [*stopped, *left]})
    return found.model_copy(update={"children": [_now(child) for child in found.children]})


def _now(child: ChildStatus) -> ChildStatus:
    if child.state != "up" or not child.address.startswith("http://"):
        return child
    why = http_ready(int(child.address.rsplit(":", 1)[1]))()
    if why is None:
        return child
    return child.model_copy(update={"state": "not ready", "note": why})


def status_json(found: StackStatus) -> str:
    """Return the state as JSON; `up` says whether all is up, times are in s."""
    children = [
        {
            "name": child.name,
            "state": child.state,
            "pid": child.process.pid if child.process else None,
            "uptime": round(time.time() - child.process.started, 1) if child.process else None,
            "restarts": child.restarts,
            "last_exit": child.last_exit,
            "address": child.address,
            "note": child.note,
        }
        for child in found.children
    ]
    whole = {
        "up": found.is_up(),
        "state": found.state,
        "supervisor": found.supervisor.pid if found.is_running() and found.supervisor else None,
        "brokers": found.brokers,
        "addresses": found.addresses,
        "children": children,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1)


def print_status(found: StackStatus) -> None:
    """Print the state as a table, and below it what is wrong; --json has all of that."""
    table = Table("name", "state", "pid", "up for", "restarts", "address", box=None, pad_edge=False)
    for child in found.children:
        state = child.state
        table.add_row(
            child.name,
            f"[{_COLOURS.get(state, 'yellow')}]{state}[/]",
            str(child.process.pid) if child.process else "",
            _span(time.time() - child.process.started) if child.process else "",
            str(child.restarts),
            child.address,
        )
    console = Console(highlight=False)
    console.print(table)
    for child in found.children:
        if child.note:
            console.print(f"{child.name}: {escape(_in_short(child))}")
    if not found.is_running():
        typer.echo("The stack is not running. Start it with `hutong up`.")


def _in_short(child: ChildStatus) -> str:
    """What a service answers can be long, and ours is JSON: its beginning says which it is."""
    if child.state != "not ready":
        return child.note
    note = " ".join(child.note.split())
    return note if len(note) <= _NOTE else note[: _NOTE - 1] + "…"


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
    )


def print_logs(files: Sequence[Path], lines: int) -> dict[Path, int]:
    """Print the last lines of each file; return where each was read up to."""
    places = {}
    for file in files:
        body = file.read_bytes()
        places[file] = len(body)
        for line in body.decode("utf-8", "replace").splitlines()[-lines:] if lines else ():
            _print_line(file, line, len(files) > 1)
    return places


def follow_logs(
    places: dict[Path, int], go_on: Callable[[], bool] = lambda: True, every: float = 0.3
) -> None:
    """Print what is added to the files while `go_on` says so (Ctrl-C ends it)."""
    while go_on():
        for file, place in places.items():
            with file.open("rb") as opened:
                if file.stat().st_size < place:  # a new file took its name
                    place = 0
                opened.seek(place)
                whole = opened.read().rpartition(b"\n")
            places[file] = place + len(whole[0]) + len(whole[1])
            for line in whole[0].decode("utf-8", "replace").splitlines():
                _print_line(file, line, len(places) > 1)
        time.sleep(every)


def _print_line(file: Path, line: str, named: bool) -> None:
    typer.echo(f"{file.stem:<12} {line}" if named else line)
