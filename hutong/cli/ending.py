"""How a command ends that cannot do what was asked."""

from typing import NoReturn

import typer

from hutong.settings import EXIT_FAILED


def give_up(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say why on standard error, and end with that exit code."""
    typer.echo(f"hutong: {message}", err=True)
    raise typer.Exit(code)
