"""`hutong config`: which settings a service would get here and now, and from where."""

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from hutong.cli.serve import Service
from hutong.settings import EXIT_FAILED

if TYPE_CHECKING:
    from hutong.variables import Variable


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    config = typer.Typer(no_args_is_help=True, help="Show the settings of a service.")
    config.callback()(_group)
    config.command("show")(show)
    app.add_typer(config, name="config")


def _group() -> None:
    """Show the settings of a service."""


def show(
    context: typer.Context,
    service: Service = typer.Argument(help="Whose settings."),
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """List every setting of a service: its value, where it comes from, what it means.

    Secrets are hidden. Exit code 1 when the service would refuse to start with these settings.

    Examples:

      hutong config show intake

      hutong config show router --json
    """
    from hutong.variables import model_of, setting_faults, variables_of

    filled = context.obj if isinstance(context.obj, frozenset) else frozenset()
    found = variables_of(service.value, os.environ, filled)
    faults = setting_faults(model_of(service.value), os.environ)
    if as_json:
        settings = [asdict(variable) for variable in found]
        typer.echo(json.dumps({"settings": settings, "faults": faults}, indent=2))
    else:
        _print(found)
        for fault in faults:
            typer.echo(f"fault: {fault}", err=True)
    if faults:
        raise typer.Exit(EXIT_FAILED)


def _print(found: "list[Variable]") -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    for one in found:
        color = "red" if one.source == "missing" else "bold"
        console.print(
            f"[{color}]{one.name}[/] = {escape(one.value) or '–'}  [dim]({one.source})[/]"
        )
        console.print(f"    [dim]{escape(one.meaning)}[/]")
