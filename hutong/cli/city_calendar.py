"""`hutong city calendar check`: what is strange about a pack's calendar."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from hutong.settings import EXIT_FAILED, EXIT_USAGE

if TYPE_CHECKING:
    from hutong.city.model import Fault


def register(city: typer.Typer) -> None:
    """Add the commands of this module to `hutong city`."""
    calendar = typer.Typer(no_args_is_help=True, help="The calendar of a city pack.")
    calendar.callback()(_only)
    calendar.command("check")(check)
    city.add_typer(calendar, name="calendar")


def _only() -> None:
    """A single command of a group stays a command with this."""


def check(
    folder: Path | None = typer.Argument(
        None, envvar="HUTONG_CITY", help="City pack; default built in."
    ),
) -> None:
    """List the years that were announced, and what is strange about them, with file and line.

    A make-up day that is a working day anyway and a missing year are faults (exit code 1). A next
    year that is not announced yet, and days that differ from what the law gives, are warnings.
    """
    from hutong.city import CityError, read_pack
    from hutong.city.calendar_check import FILE, check_calendar

    try:
        files = read_pack(folder)
    except CityError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    if FILE not in files:
        typer.echo(f"hutong: {folder} has no {FILE}", err=True)
        raise typer.Exit(EXIT_USAGE)
    # Which year it is where the notices are made; a city elsewhere differs by hours once a year.
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    report = check_calendar(files[FILE].decode("utf-8", "replace"), now.year)
    for year in report.years:
        typer.echo(
            f"{year.year}  {year.holidays} days off, {year.off} of them working days, "
            f"{year.make_up} make-up days"
        )

    def say(found: "Fault", mark: str = "") -> None:
        where = folder / FILE if folder else Path(FILE)
        typer.echo(f"{where}:{found.line}: {mark}{found.message}")

    for fault in report.faults:
        say(fault)
    for warning in report.warnings:
        say(warning, "warning: ")
    if report.faults:
        count = len(report.faults)
        typer.echo(f"{count} fault{'s' * (count != 1)}", err=True)
        raise typer.Exit(EXIT_FAILED)
