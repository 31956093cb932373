"""Commands find the stack of the data folder by themselves."""

import json
import os
import shutil
import sys
from contextvars import ContextVar
from pathlib import Path

#: Commands that start things must not inherit the addresses of what runs already.
STARTERS = frozenset({"up", "down", "status", "logs", "demo", "serve"})

#: What `find_stack` has filled in for the command that runs.
_filled: ContextVar[frozenset[str]] = ContextVar("filled", default=frozenset())

_ADDRESSES = frozenset({"HUTONG_KAFKA", "HUTONG_DATABASE_URL"})


def find_stack(command: str | None) -> frozenset[str]:
    """Fill in HUTONG_* settings from ``stack.env`` of the data folder, where there is one.

    The folder is HUTONG_DATA or ``.hutong``. Settings that are in the environment win. Gives the
    names of those that were filled in.
    """
    _filled.set(frozenset())
    if command in STARTERS or "HUTONG_KAFKA" in os.environ:
        return frozenset()
    try:
        text = (_folder() / "stack.env").read_text("utf-8")
    except FileNotFoundError:
        return frozenset()
    pairs = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    missing = frozenset(pairs.keys() - os.environ.keys())
    os.environ.update({name: pairs[name] for name in missing})
    _filled.set(missing)
    return missing


def no_stack_hint(variable: str) -> str:
    """What to add where nothing answers at, or nobody named, the address in this variable.

    "" where somebody gave the address, or a stack runs in the data folder: it is not that then.
    """
    if (variable in os.environ and variable not in _filled.get()) or _runs():
        return ""
    return f"no stack runs in {_folder()}: hutong up"


def settings_hint(command: str | None, faults: list[str]) -> str:
    """The same for faults of settings: "" unless an address is missing for want of a stack."""
    names = {fault.partition(" ")[0] for fault in faults}
    if command in STARTERS or not _ADDRESSES & names or _ADDRESSES & os.environ.keys():
        return ""
    return no_stack_hint("HUTONG_KAFKA")


def command_in_use() -> str:
    """How to type this command again: `hutong` where the shell finds it, else its path."""
    started = Path(sys.argv[0])
    if started.name != "hutong":
        return "hutong"
    found = shutil.which("hutong")
    if found is not None and Path(found).resolve() == started.resolve():
        return "hutong"
    here, path = Path.cwd(), started.absolute()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _folder() -> Path:
    return Path(os.environ.get("HUTONG_DATA", ".hutong"))


def _runs() -> bool:
    """By what the supervisor wrote, and whether its process is there. Needs no extra."""
    try:
        written = json.loads((_folder() / "stack.json").read_text("utf-8"))
        if written["state"] == "stopped":
            return False
        os.kill(int(written["supervisor"]["pid"]), 0)
    except PermissionError:  # there is such a process, somebody else's
        return True
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True
