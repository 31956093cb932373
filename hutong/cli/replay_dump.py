"""`hutong replay dump`: states and read models as canonical files."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hutong.cli.ending import give_up
from hutong.cli.replay_copy import RESUME, WORKERS, making
from hutong.cli.replay_source import ARCHIVE
from hutong.settings import EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.replay.dump import Dumped


def register(replay: typer.Typer) -> None:
    """Add the command of this module to `hutong replay`."""
    replay.command("dump")(dump)


def dump(
    folder: Path = typer.Argument(metavar="DIR", help="A folder that is not there yet."),
    models: list[str] | None = typer.Argument(
        None, metavar="MODEL...", help="Read models by name; default: all. The states come along."
    ),
    rebuilt: bool = typer.Option(
        False, "--rebuilt", help="What the log gives, in place of the live rows."
    ),
    archive: str | None = ARCHIVE,
    to: str | None = typer.Option(
        None, "--to", metavar="OFFSETS", help="Stop before these, 0:120,1:98; default: its end now."
    ),
    workers: int = WORKERS,
    resume: bool = RESUME,
) -> None:
    """Write states and read models as sorted lines of JSON, and print their SHA-256.

    The same rows give the same bytes, whatever the time zone, the locale and the number of
    workers: a live dump equals one with --rebuilt (or --from-archive) --to the offsets that its
    manifest.json names. The format is docs/fold.md.

    Exit code 0: written. 1: the log or the database cannot be read. 2: refused, or there is no
    room; then nothing is left of it. 130: stopped.
    """
    from hutong.replay.dump import dump_log, parse_offsets

    from_log = rebuilt or archive is not None
    if not from_log and (to is not None or resume):
        give_up("--to and --resume are for a dump of the log: say --rebuilt too", EXIT_USAGE)
    try:
        if from_log:
            with making(archive, workers, resume) as (url, source, ground, how, _):
                ends = None if to is None else parse_offsets(to)
                found = dump_log(
                    url, source, ground, folder, models=models or None, to=ends, how=how
                )
        else:
            found = _live(folder, models or None)
    except OSError as error:
        give_up(f"{folder} cannot be written: {error.strerror}", EXIT_USAGE)
    position = " ".join(f"{p}:{after}" for p, after in sorted(found.offsets.items()))
    typer.echo(f"at issues {position or '(nothing)'}")
    for name, (rows, digest) in found.tables.items():
        typer.echo(f"{digest}  {name}.ndjson  {rows} rows")
    typer.echo(f"{found.digest}  manifest.json")


def _live(folder: Path, models: list[str] | None) -> "Dumped":
    from hutong.replay.dump import DumpRefusedError, dump_live
    from hutong.replay.staging import RebuildRefusedError
    from hutong.store import MigrationError, OperationalError
    from hutong.store.settings import StoreSettings

    url = read_settings(StoreSettings).database_url.get_secret_value()
    try:
        return dump_live(url, folder, models=models)
    except (DumpRefusedError, RebuildRefusedError, MigrationError) as error:
        give_up(str(error), EXIT_USAGE)
    except OperationalError as error:
        give_up(f"the database cannot be read: {error}")
