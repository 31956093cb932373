"""`hutong replay as-of`: what was recorded at a time, of an issue, a department or a week."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from hutong.cli.ending import give_up
from hutong.cli.instant import instant_of
from hutong.cli.replay_history import issue_as_of
from hutong.cli.replay_progress import Shown
from hutong.cli.replay_source import ARCHIVE, reading
from hutong.settings import EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.readmodels.periods import Period
    from hutong.store import Connection


def register(replay: typer.Typer) -> None:
    """Add the command of this module to `hutong replay`."""
    replay.command("as-of")(as_of)


def as_of(
    time: str = typer.Argument(metavar="TIME", help="E.g. 2026-11-22T18:31, in the city's time."),
    which: str | None = typer.Option(
        None, "--issue", metavar="RECEIPT|ISSUE_ID", help="The issue, by its receipt or id."
    ),
    department: str | None = typer.Option(
        None, "--department", metavar="CODE", help="Its open issues, clocks and scorecard."
    ),
    week: str | None = typer.Option(
        None, "--week", metavar="YYYY-Wnn", help="The circular of that week."
    ),
    archive: str | None = ARCHIVE,
    english: bool = typer.Option(False, "--en", help="A department or week in English."),
    as_json: bool = typer.Option(False, "--json", help="As JSON; times in milliseconds UTC."),
) -> None:
    """Show what was recorded at a time: an issue, a department's desk, or a week's circular.

    As `hutong issue show` and `hutong circular` would have shown it then: what was recorded later
    is left out, however early it was received or claims to have happened.

    An issue needs the log alone. For a department or a week the log up to then is folded into
    tables beside the live ones, in the database that is set; they go when it is over.

    Exit code 0: found. 1: the log had nothing of it by then. 2: refused.

    Examples: hutong replay as-of 2026-11-22T18:31 --issue 02-07-00128431-5;
    hutong replay as-of 2026-11-30T09:00 --week 2026-W48 --from-archive kept
    """
    given = [option for option in (which, department, week) if option is not None]
    if len(given) != 1:
        give_up("say one of --issue, --department, --week", EXIT_USAGE)
    if which is not None:
        issue_as_of(time, which, archive, as_json=as_json)
    elif department is not None:
        _department(time, department, archive, language=int(english), as_json=as_json)
    else:
        assert week is not None
        _week(time, week, archive, language=int(english), as_json=as_json)


def _department(time: str, code: str, archive: str | None, *, language: int, as_json: bool) -> None:
    from rich.console import Console

    from hutong.cli.as_of_view import print_department
    from hutong.replay.as_of import department_then

    with _standing(time, archive) as (connection, city, instant):
        if code not in city.departments:
            known = ", ".join(sorted(city.departments))
            give_up(f"the pack of that time has no department {code}; it has {known}", EXIT_USAGE)
        then = department_then(connection, code)
    if as_json:
        shown = asdict(then)
        shown["scorecard"] = [{"week": week, **asdict(score)} for week, score in then.scorecard]
        typer.echo(json.dumps({"at": instant, **shown}, ensure_ascii=False))
    else:
        print_department(Console(highlight=False), then, city, instant, language)


def _week(time: str, week: str, archive: str | None, *, language: int, as_json: bool) -> None:
    from hutong.circular.making import make_edition
    from hutong.cli.circular import print_circular

    period = _period(week)
    with _standing(time, archive) as (connection, city, instant):
        edition = make_edition(connection, city, period, instant)
    if not any("total" in tables for tables in edition.figures.values()):
        give_up(f"by {time} nothing was known to be reported in {week}")
    if as_json:
        typer.echo(edition.to_text())
    else:
        print_circular(edition, city, language)


def _period(week: str) -> "Period":
    from hutong.readmodels.periods import BadPeriodError, Period

    try:
        period = Period.parse(week)
    except BadPeriodError as error:
        give_up(f"--week {error}", EXIT_USAGE)
    if period.column != "week":
        give_up(f"--week {week}: that is no week, but e.g. 2026-W47 is", EXIT_USAGE)
    return period


@contextmanager
def _standing(time: str, archive: str | None) -> "Iterator[tuple[Connection, City, int]]":
    """Tables as they stood at the time, the pack in force then, and the instant."""
    from hutong.readmodels import Ground
    from hutong.replay.as_of import AsOfRefusedError, standing_at
    from hutong.store import OperationalError
    from hutong.store.settings import StoreSettings

    shown = Shown()
    url = read_settings(StoreSettings).database_url.get_secret_value()
    with reading(archive) as (source, packs):
        zone = ZoneInfo(packs.known[-1].city.timezone)
        instant = instant_of(time, zone, "TIME")
        city = [pack.city for pack in packs.known if pack.since <= instant][-1]
        ground = Ground.over(packs.known)
        try:
            with standing_at(url, source, ground, instant, watch=shown.watch) as connection:
                shown.end()
                yield connection, city, instant
        except AsOfRefusedError as error:
            give_up(str(error), EXIT_USAGE)
        except OperationalError as error:
            give_up(f"the database does not answer: {str(error).partition(chr(10))[0]}")
