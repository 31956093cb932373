"""`hutong identity`: the keys that seal who reported."""

import sys
from datetime import date
from pathlib import Path

import typer

from hutong.settings import EXIT_FAILED

FILE = typer.Argument(help="The file that HUTONG_IDENTITY_KEYS_FILE names.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    identity = typer.Typer(no_args_is_help=True, help="Keys that seal who reported.")
    identity.callback()(_group)
    identity.command("new-key")(new_key)
    app.add_typer(identity, name="identity")


def _group() -> None:
    """Keys that seal who reported an issue."""


def new_key(
    file: Path = FILE,
    key_id: str = typer.Option("", "--id", help="Its name in the log; default: today's date."),
) -> None:
    """Make a key and let new reports be sealed with it. Intake takes it up when it starts anew.

    Older keys stay in the file: they open what was sealed with them. Keep a copy of the file in
    another place: without it no name in the log can ever be read again.

    Examples:

      hutong identity new-key /etc/hutong/identity-keys.toml

      hutong identity new-key /etc/hutong/identity-keys.toml --id 2027-01
    """
    from hutong.key_file import change_file
    from hutong.privacy.keys import IdentityKeysError, with_new_key

    name = key_id or f"{date.today():%Y-%m-%d}"  # noqa: DTZ011  a label for people here
    try:
        change_file(file, lambda text: with_new_key(text, name, str(file)))
    except IdentityKeysError as error:
        sys.stderr.write(f"hutong: {error}\n")
        raise typer.Exit(EXIT_FAILED) from None
    except OSError as error:
        sys.stderr.write(f"hutong: {file} cannot be written: {error.strerror}\n")
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(f"新密钥 {name} 已启用 new reports are sealed with key {name}")
