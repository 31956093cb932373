"""`hutong replay`: what can be had by reading the log again."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn

import typer

from hutong.settings import EXIT_FAILED, EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.replay.rebuild import RebuildReport


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    replay = typer.Typer(no_args_is_help=True, help="Read the log again.")
    replay.callback()(_only)
    replay.command("rebuild")(rebuild)
    app.add_typer(replay, name="replay")


def _only() -> None:
    """A single command of a group stays a command with this."""


def rebuild(
    models: list[str] | None = typer.Argument(
        None, metavar="MODEL...", help="Read models by name."
    ),
    everything: bool = typer.Option(False, "--all", help="All read models and the states."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Compare only; swap nothing."),
    only_if_equal: bool = typer.Option(
        False, "--only-if-equal", help="Swap nothing when there are differences."
    ),
    as_json: bool = typer.Option(False, "--json", help="The report as JSON."),
) -> None:
    """Make read models anew from the log, compare them with the live ones, and swap them in.

    Live projections go on meanwhile and stand still only for the last lap and the comparison.

    A rebuild is asked for when rules have changed, so differences are reported and the new rows are
    swapped in all the same, unless --only-if-equal says otherwise.

    Exit code 0: live was equal to what the log says. 1: it differed (or the rebuild failed). 2:
    refused, e.g. because the start of the log is gone.
    """
    from confluent_kafka import KafkaException

    from hutong.events.codec import default_codec
    from hutong.kafka.issues import UnreadableError
    from hutong.promotions.log import CityLog, CityLogError
    from hutong.promotions.packs import read_packs
    from hutong.promotions.timeline import NoPackError
    from hutong.replay.ground import CityGround
    from hutong.replay.log import RangeMissingError, Replayer
    from hutong.replay.rebuild import RebuildRefusedError
    from hutong.replay.rebuild import rebuild as run
    from hutong.replay.settings import ReplaySettings
    from hutong.store import MigrationError, OperationalError

    if everything == bool(models):
        _end("name read models or say --all", EXIT_USAGE)
    settings = read_settings(ReplaySettings)
    access, codec = settings.access.quietly(), default_codec()
    replayer = Replayer(access, settings.projections_topic, codec)
    city = CityLog(access, topic=settings.projections_city)
    try:
        packs = read_packs(city, codec, lead_seconds=settings.city_lead_seconds)
        report = run(
            settings.database_url.get_secret_value(),
            replayer,
            CityGround(packs),
            models=None if everything else models,
            dry_run=dry_run,
            only_if_equal=only_if_equal,
            say=lambda line: typer.echo(line, err=True),
        )
    except (RebuildRefusedError, RangeMissingError, MigrationError, NoPackError) as error:
        _end(str(error), EXIT_USAGE)
    except (UnreadableError, CityLogError, KafkaException, OperationalError) as error:
        _end(f"the rebuild failed, live is as it was: {error}", EXIT_FAILED)
    finally:
        replayer.close()
        city.close()
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


def _end(message: str, code: int) -> NoReturn:
    typer.echo(f"hutong: {message}", err=True)
    raise typer.Exit(code)
