"""`hutong contract`: the contract for other languages."""

from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from hutong.settings import EXIT_FAILED

#: By name, because the core imports no service.
_OPENAPI = "hutong_intake.api.document"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    contract = typer.Typer(no_args_is_help=True, help="The contract, for other languages.")
    contract.callback()(lambda: None)
    contract.command("export")(export)
    app.add_typer(contract, name="contract")


def export(folder: Path = typer.Argument(metavar="DIR", help="Empty, or not there yet.")) -> None:
    """Write schemas, examples, AsyncAPI, OpenAPI and the data dictionary into a folder.

    Without the extra `intake` the OpenAPI document is left out, and said to be.

    Example: hutong contract export ./contract
    """
    from hutong.contract.export import ExportError
    from hutong.contract.export import export as write

    openapi: dict[str, Any] | None = None
    try:
        openapi = import_module(_OPENAPI).document()
    except ModuleNotFoundError as error:
        typer.echo(f"openapi.json is left out: it needs hutong[intake] ({error.name})", err=True)
    try:
        names = write(folder, openapi)
    except ExportError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    except OSError as error:
        typer.echo(f"hutong: {folder}: {error.strerror}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(f"{len(names)} files in {folder}")
