"""`hutong generate`: a made-up year of a district, as a file."""

import csv
import json
import os
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from hutong.cli.ending import give_up
from hutong.settings import EXIT_FAILED, EXIT_USAGE

if TYPE_CHECKING:
    from hutong.demo.report import GeneratedReport

COLUMNS = (
    "message_id",
    "submitted_at",
    "subject",
    "body",
    "channel",
    "area",
    "lon",
    "lat",
)
"""As `hutong import` reads them."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("generate")(generate)


def generate(
    count: int = typer.Option(..., min=1, help="How many reports."),
    seed: int = typer.Option(1, help="The same seed gives the same reports."),
    start: str = typer.Option("2025-01-01", "--from", help="First day, as YYYY-MM-DD."),
    end: str = typer.Option("2026-01-01", "--to", help="The day after the last, as YYYY-MM-DD."),
    out: str = typer.Option("-", help="FILE.csv, FILE.ndjson, or - for CSV on the output."),
) -> None:
    """Write made-up reports of the city, for demos and tests.

    A CSV file can go into `hutong import`. An NDJSON line holds `channel`, `request` (the body of
    POST /v1/reports) and `truth` (duty item, matter, vague), which is never sent.
    """
    from hutong.city import CityError, load_city
    from hutong.demo.generate import generate_reports

    if out != "-" and Path(out).suffix not in (".csv", ".ndjson"):
        give_up(f"--out {out}: the name must end in .csv or .ndjson, or be -", EXIT_USAGE)
    folder = os.environ.get("HUTONG_CITY")
    try:
        city = load_city(Path(folder) if folder else None)
    except CityError as error:
        give_up(f"the city pack cannot be used:\n{error}", EXIT_USAGE)
    zone = ZoneInfo(city.timezone)
    first, last = _day("--from", start, zone), _day("--to", end, zone)
    if first >= last:
        give_up(f"--from {start} must lie before --to {end}", EXIT_USAGE)
    reports = generate_reports(seed, count, first, last, city)
    try:
        with nullcontext(sys.stdout) if out == "-" else _open(Path(out)) as file:
            if Path(out).suffix == ".ndjson":
                _write_ndjson(file, reports, zone)
            else:
                _write_csv(file, reports, seed, zone)
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        typer.echo(f"hutong: {out}: cannot be written: {error.strerror}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    if out != "-":
        typer.echo(f"{count} reports written to {out}", err=True)


def _open(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", newline="")


def _write_csv(
    file: IO[str], reports: "Iterable[GeneratedReport]", seed: int, zone: ZoneInfo
) -> None:
    from hutong.demo.report import as_time

    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for report in reports:
        writer.writerow(
            (
                f"demo-{seed}-{report.number}",
                as_time(report.occurred_at, zone),
                report.subject,
                report.body,
                report.channel,
                report.area or "",
                "" if report.lon is None else report.lon,
                "" if report.lat is None else report.lat,
            )
        )
    file.flush()


def _write_ndjson(file: IO[str], reports: "Iterable[GeneratedReport]", zone: ZoneInfo) -> None:
    from hutong.demo.report import as_json

    for report in reports:
        truth = {"item": report.item, "matter": report.matter, "vague": report.vague}
        line = {"channel": report.channel, "request": as_json(report, zone), "truth": truth}
        file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _day(option: str, text: str, zone: ZoneInfo) -> int:
    """ms UTC of local midnight."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        give_up(f"{option} {text}: not a date such as 2025-01-01", EXIT_USAGE)
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000
