"""`hutong replay`: what can be had by reading the log again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from hutong.cli import (
    replay_as_of,
    replay_dump,
    replay_export,
    replay_history,
    replay_what_if,
)
from hutong.cli.ending import give_up
from hutong.cli.replay_copy import RESUME, WORKERS, making
from hutong.cli.replay_source import ARCHIVE
from hutong.settings import EXIT_FAILED, EXIT_OK, EXIT_USAGE

if TYPE_CHECKING:
    from hutong.replay.compare import Difference
    from hutong.replay.rebuild import RebuildReport


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    replay = typer.Typer(no_args_is_help=True, help="Read the log again.")
    replay.command("rebuild")(rebuild)
    replay.command("verify")(verify)
    replay_dump.register(replay)
    replay_history.register(replay)
    replay_as_of.register(replay)
    replay_what_if.register(replay)
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
    workers: int = WORKERS,
    resume: bool = RESUME,
    as_json: bool = typer.Option(False, "--json", help="The report as JSON."),
) -> None:
    """Make read models anew from the log, compare them with the live ones, and swap them in.

    Live projections go on meanwhile and stand still only for the last lap and the comparison.

    A rebuild is asked for when rules have changed, so differences are reported and the new rows are
    swapped in all the same, unless --only-if-equal says otherwise.

    Ctrl-C stops it and leaves live as it was; the same command with --resume goes on.

    Exit code 0: live was equal to what the log says. 1: it differed (or the rebuild failed). 2:
    refused, e.g. because the start of the log is gone. 130: stopped.
    """
    if everything == bool(models):
        give_up("name read models or say --all", EXIT_USAGE)
    _run(models, archive, workers, resume, dry_run, only_if_equal, as_json)


def verify(
    models: list[str] | None = typer.Argument(
        None, metavar="MODEL...", help="Read models by name; default: all, and the states."
    ),
    archive: str | None = ARCHIVE,
    workers: int = WORKERS,
    resume: bool = RESUME,
    as_json: bool = typer.Option(False, "--json", help="The report as JSON."),
) -> None:
    """Hold the live read models against what the log says, row by row. Changes nothing.

    They are made anew beside the live ones up to the offsets at which live stands, compared column
    by column, and thrown away. The first rows that differ are shown.

    Exit code 0: equal. 1: they differ, or it failed. 2: refused, e.g. because part of the log is
    gone. 130: stopped.
    """
    _run(models or None, archive, workers, resume, True, False, as_json)


def _run(
    models: list[str] | None,
    archive: str | None,
    workers: int,
    resume: bool,
    dry_run: bool,
    only_if_equal: bool,
    as_json: bool,
) -> NoReturn:
    from hutong.replay.rebuild import rebuild as run

    with making(archive, workers, resume) as (url, source, ground, how, cancel):
        report = run(
            url,
            source,
            ground,
            models=models,
            dry_run=dry_run,
            only_if_equal=only_if_equal,
            how=how,
            too_late=cancel.too_late,
        )
    if as_json:
        typer.echo(json.dumps({**asdict(report), "equal": report.is_equal}, ensure_ascii=False))
    else:
        _print(report, dry_run=dry_run)
    raise typer.Exit(EXIT_OK if report.is_equal else EXIT_FAILED)


def _print(report: "RebuildReport", *, dry_run: bool) -> None:
    rate = report.records / report.seconds if report.seconds else 0.0
    position = " ".join(f"{p}:{after}" for p, after in sorted(report.offsets.items()))
    typer.echo(f"{report.records:,} records in {report.seconds:.1f} s, {rate:,.0f} records/s")
    typer.echo(f"at issues {position or '(nothing projected yet)'}")
    for found in report.comparisons:
        verdict = "equal" if not found.differing else f"{found.differing:,} rows differ"
        typer.echo(f"  {found.table:20} live {found.live:,}, rebuilt {found.rebuilt:,}: {verdict}")
        for difference in found.first:
            _print_difference(difference)
    wrong = [found for found in report.comparisons if found.differing]
    rows = sum(found.differing for found in wrong)
    typer.echo(
        f"live was not what the log says: {rows:,} rows in {len(wrong)} tables"
        if wrong
        else "live was what the log says: no row differs"
    )
    if not dry_run:
        typer.echo("swapped in" if report.swapped else "nothing swapped")


def _print_difference(found: "Difference") -> None:
    key = " ".join(f"{name}={_text(value)}" for name, value in found.key.items())
    place = f", last record {found.place}" if found.place else ""
    typer.echo(f"    {key}{place}")
    if found.live is None or found.rebuilt is None:
        typer.echo(f"      live    {_row(found.live)}")
        typer.echo(f"      rebuilt {_row(found.rebuilt)}")
        return
    for name in found.columns:
        for part, live, rebuilt in _parts(name, found.live[name], found.rebuilt[name]):
            typer.echo(f"      {part}: live {_text(live)}")
            typer.echo(f"      {' ' * len(part)}  rebuilt {_text(rebuilt)}")


def _parts(name: str, live: object, rebuilt: object) -> Iterator[tuple[str, object, object]]:
    """The value of a column, or of an object in it those parts that differ; null where it lacks."""
    if not (isinstance(live, dict) and isinstance(rebuilt, dict)):
        yield name, live, rebuilt
        return
    for key in sorted(live.keys() | rebuilt.keys()):
        if not (key in live and key in rebuilt and live[key] == rebuilt[key]):
            yield from _parts(f"{name}.{key}", live.get(key), rebuilt.get(key))


def _row(row: Mapping[str, Any] | None) -> str:
    return "(no such row)" if row is None else _text(row)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
