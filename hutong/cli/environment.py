"""Commands find the stack of the data folder by themselves."""

import os
from pathlib import Path

#: Commands that start things must not inherit the addresses of what runs already.
STARTERS = frozenset({"up", "down", "status", "logs", "demo", "serve"})


def find_stack(command: str | None) -> frozenset[str]:
    """Fill in HUTONG_* settings from ``stack.env`` of the data folder, where there is one.

    The folder is HUTONG_DATA or ``.hutong``. Settings that are in the environment win. Gives the
    names of those that were filled in.
    """
    if command in STARTERS or "HUTONG_KAFKA" in os.environ:
        return frozenset()
    file = Path(os.environ.get("HUTONG_DATA", ".hutong")) / "stack.env"
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return frozenset()
    pairs = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    missing = frozenset(pairs.keys() - os.environ.keys())
    os.environ.update({name: pairs[name] for name in missing})
    return missing
