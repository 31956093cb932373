"""`hutong replay`: what can be had by reading the log again."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn

import typer

from hutong.cli import replay_export, replay_history
from hutong.cli.ending import give_up
from hutong.cli.replay_source import ARCHIVE
from hutong.settings import EXIT_FAILED, EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.replay.rebuild import RebuildReport


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    replay = typer.Typer(no_args_is_help=True, help="Read the log again.")
    replay.command("rebuild")(rebuild)
    replay.command("verify")(verify)
    replay_history.register(replay)
    replay_export.register(replay)
    app.add_typer(replay, name="replay")


def rebuild(
    models: list[str] | None = typer.Argument(
        None, metavar="MODEL...", help="Read models by name."
    ),
    everything: bool = typer.Option(False, "--all", help="All read models and the states."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Compare only; swap nothing."),
    only_if_equal: bool = typer.Option(
        False, "--only-if-equal", help="Swap nothing when there are differences."
    ),
    archive: str | None = ARCHIVE,
    as_json: bool = typer.Option(False, "--json", help="The report as JSON."),
) -> None:
    """Make read models anew from the log, compare them with the live ones, and swap them in.

    Live projections go on meanwhile and stand still only for the last lap and the comparison.

    A rebuild is asked for when rules have changed, so differences are reported and the new rows are
    swapped in all the same, unless --only-if-equal says otherwise.

    Exit code 0: live was equal to what the log says. 1: it differed (or the rebuild failed). 2:
    refused, e.g. because the start of the log is gone.
    """
    if everything == bool(models):
        give_up("name read models or say --all", EXIT_USAGE)
    _run(models, archive, dry_run=dry_run, only_if_equal=only_if_equal, as_json=as_json)


def verify(
    models: list[str] | None = typer.Argument(
        None, metavar="MODEL...", help="Read models by name; default: all, and the states."
    ),
    archive: str | None = ARCHIVE,
    as_json: bool = typer.Option(False, "--json", help="The report as JSON."),
) -> None:
    """Hold the live read models against what the log says, row by row. Changes nothing.

    They are made anew beside the live ones up to the offsets at which live stands, compared column
    by column, and thrown away. The first rows that differ are shown.

    Exit code 0: equal. 1: they differ, or it failed. 2: refused, e.g. because part of the log is
    gone.
    """
    _run(models or None, archive, dry_run=True, only_if_equal=False, as_json=as_json)


def _run(
    models: list[str] | None,
    archive: str | None,
    *,
    dry_run: bool,
    only_if_equal: bool,
    as_json: bool,
) -> NoReturn:
    from confluent_kafka import KafkaException

    from hutong.cli.replay_source import opened_source
    from hutong.kafka.issues import UnreadableError
    from hutong.promotions.log import CityLogError
    from hutong.promotions.timeline import NoPackError
    from hutong.replay.ground import CityGround
    from hutong.replay.manifest import ArchiveError
    from hutong.replay.rebuild import RebuildRefusedError
    from hutong.replay.rebuild import rebuild as run
    from hutong.replay.source import RangeMissingError
    from hutong.store import MigrationError, OperationalError
    from hutong.store.settings import StoreSettings

    url = read_settings(StoreSettings).database_url.get_secret_value()
    try:
        with opened_source(archive) as (source, packs):
            report = run(
                url,
                source,
                CityGround(packs),
                models=models,
                dry_run=dry_run,
                only_if_equal=only_if_equal,
                say=lambda line: typer.echo(line, err=True),
            )
    except (RebuildRefusedError, RangeMissingError, MigrationError, NoPackError) as error:
        give_up(str(error), EXIT_USAGE)
    except (UnreadableError, ArchiveError, CityLogError, KafkaException, OperationalError) as error:
        give_up(f"the rebuild failed, live is as it was: {error}")
    if as_json:
        typer.echo(json.dumps({**asdict(report), "equal": report.is_equal}, ensure_ascii=False))
    else:
        _print(report)
    raise typer.Exit(0 if report.is_equal else EXIT_FAILED)


def _print(report: "RebuildReport") -> None:
    rate = report.records / report.seconds if report.seconds else 0.0
    position = " ".join(f"{p}:{after}" for p, after in sorted(report.offsets.items()))
    typer.echo(f"{report.records} records in {report.seconds:.1f} s, {rate:.0f} records/s")
    typer.echo(f"at issues {position or '(nothing projected yet)'}")
    for found in report.comparisons:
        verdict = "equal" if not found.differing else f"{found.differing} rows differ"
        typer.echo(f"  {found.table:16} live {found.live}, rebuilt {found.rebuilt}: {verdict}")
        for difference in found.first:
            typer.echo(f"    live    {_row(difference.live)}")
            typer.echo(f"    rebuilt {_row(difference.rebuilt)}")
    typer.echo("swapped in" if report.swapped else "nothing swapped")


def _row(row: object) -> str:
    return "(no such row)" if row is None else json.dumps(row, ensure_ascii=False)
