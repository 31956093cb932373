"""`hutong contract`: the contract for other languages."""

from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from hutong.cli.ending import give_up
from hutong.settings import EXIT_FAILED, EXIT_USAGE, check_registry_url

#: All requests of one `publish` together: there are three a schema.
_PUBLISH_SECONDS = 120.0

#: By name, because the core imports no service.
_OPENAPI = "hutong_intake.api.document"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    contract = typer.Typer(no_args_is_help=True, help="The contract, for other languages.")
    contract.callback()(lambda: None)
    contract.command("export")(export)
    contract.command("publish")(publish)
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


def publish(
    registry: str = typer.Option(
        envvar="HUTONG_REGISTRY_URL", help="Address of its Confluent-compatible interface."
    ),
    check: bool = typer.Option(False, "--check", help="Compare only."),
) -> None:
    """Give the schemas to a registry, each under exactly the id that it has on the wire.

    What is there already stays as it is, so it can be run again. Where an id is another's, or the
    registry does not let ids be given, it says so and registers nothing more. With --check nothing
    is written: exit code 1 where anything is missing or differs.

    Example: hutong contract publish --registry http://127.0.0.1:8080/apis/ccompat/v7
    """
    from hutong.contract.registry.client import Registry, RegistryError
    from hutong.contract.registry.comparison import compare
    from hutong.contract.registry.publish import publish as give
    from hutong.events.schemas import load_schemas

    try:
        check_registry_url(registry)
    except ValueError as error:
        give_up(f"--registry {error}", EXIT_USAGE)
    schemas = load_schemas().by_id.values()
    with Registry(registry, seconds=_PUBLISH_SECONDS) as there:
        try:
            if not check:
                given = give(there, schemas)
                typer.echo(f"{there}: {len(given)} schemas given, {len(schemas)} in all")
                return
            found = compare(there, schemas)
        except RegistryError as error:
            give_up(str(error))
        lines = [f"{schema.label} ({schema.id}) is not there" for schema in found.missing]
        if lines or found.differences:
            give_up("\n".join([*map(str, found.differences), *lines]))
        typer.echo(f"{there}: {len(schemas)} schemas, each under its id")
