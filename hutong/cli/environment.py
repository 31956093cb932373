"""Commands find the stack of the data folder by themselves."""

import os
from pathlib import Path

#: Commands that start things must not inherit the addresses of what runs already.
STARTERS = frozenset({"up", "down", "status", "logs", "demo", "serve"})


def find_stack(command: str | None) -> None:
    """Fill in HUTONG_* settings from ``stack.env`` of the data folder, where there is one.

    The folder is HUTONG_DATA or ``.hutong``. Settings that are in the environment win.
    """
    if command in STARTERS or "HUTONG_KAFKA" in os.environ:
        return
    file = Path(os.environ.get("HUTONG_DATA", ".hutong")) / "stack.env"
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        name, found, value = line.partition("=")
        if found:
            os.environ.setdefault(name, value)
