"""How a command ends: what its exit codes mean, and saying why it cannot do what was asked."""

from collections.abc import Mapping
from typing import Final, NoReturn

import typer

from hutong.settings import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_STOPPED,
    EXIT_USAGE,
)

#: Every exit code of every command and service. docs/exit-codes.md is written from it.
MEANINGS: Final[Mapping[int, str]] = {
    EXIT_OK: "Done, or it is as it was hoped to be.",
    EXIT_FAILED: (
        "It failed, or it is not as hoped: a check found a fault, rows differ, nothing was found, "
        "a server does not answer. Trying again may help."
    ),
    EXIT_USAGE: (
        "Refused before anything was changed: a wrong option or setting, a log that lacks its "
        "start, a folder that is there already or has no room. Trying again does not help."
    ),
    EXIT_STOPPED: (
        "A service stopped itself, for it could not go on without harm; its last line of log says "
        "why. Whatever runs it may start it again."
    ),
    EXIT_INTERRUPTED: "Stopped by Ctrl-C or SIGTERM before there was a result.",
}


def give_up(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say why on standard error, and end with that exit code."""
    typer.echo(f"hutong: {message}", err=True)
    raise typer.Exit(code)
