"""`hutong bench`: the project's own measurements, by name."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

import typer

from hutong.cli.ending import give_up
from hutong.settings import EXIT_USAGE

#: The measurements are no part of the package: they need peers, compilers and the repository.
ROOT: Final = Path(__file__).parents[2]
#: Everything that is kept of them: bench/RESULTS.md.
_ALL: Final = "all"
#: Behind a part they are its own, so that click must not take them.
_HELP: Final = ("-h", "--help")


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        "bench",
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "help_option_names": [],
        },
    )(bench)


def bench(
    context: typer.Context,
    part: str = typer.Argument("", help="What to measure; without it: list what there is."),
) -> None:
    """Measure speed on a real broker; options after the part are its own (`--help` lists them).

    `hutong bench all` is `make bench`: the main parts beside their peers, kept in bench/RESULTS.md.
    """
    if part in _HELP:
        typer.echo(context.get_help())
        return
    parts = parts_of(ROOT / "bench")
    if not parts:
        give_up(
            "the measurements are in the source repository, not in the installed package: "
            "clone it, `make setup`, and run .venv/bin/hutong bench there",
            EXIT_USAGE,
        )
    if not part:
        width = max(map(len, parts))
        typer.echo(f"{_ALL:{width}}  The main parts, kept in bench/RESULTS.md; minutes.")
        for name, what in parts.items():
            typer.echo(f"{name:{width}}  {what}")
        return
    if part != _ALL and part not in parts:
        give_up(f"no part {part!r}; there are {_ALL}, {', '.join(parts)}", EXIT_USAGE)
    module = "bench" if part == _ALL else f"bench.{part}"
    done = subprocess.run([sys.executable, "-m", module, *context.args], cwd=ROOT, check=False)
    raise typer.Exit(done.returncode)


def parts_of(folder: Path) -> dict[str, str]:
    """Name of each measurement in a folder (a program: it has a ``main``), and the first line of
    what it says of itself.
    """
    parts = {}
    for file in sorted(folder.glob("[!_]*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        if any(isinstance(each, ast.FunctionDef) and each.name == "main" for each in tree.body):
            parts[file.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return parts
