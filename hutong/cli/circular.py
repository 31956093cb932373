"""`hutong circular`: the weekly, monthly or quarterly circular (通报), and its editions."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from hutong.cli.database import city_in_force, opened
from hutong.cli.ending import give_up
from hutong.settings import EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from hutong.circular.edition import Correction, Edition
    from hutong.circular.issued import Issued
    from hutong.circular.tables import Cell, TableView
    from hutong.city import City
    from hutong.readmodels.periods import Period
    from hutong.store import Connection

_NAMES_WIDTH: Final = 26
"""Columns of names: with it and seven figures the English tables still have 80 columns."""

_SHORT: Final = {
    "reported": ("上报", "new"),
    "resolved": ("办结", "done"),
    "response": ("响应率", "replied"),
    "resolution": ("办结率", "kept"),
    "satisfaction": ("满意率", "content"),
    "net_satisfaction": ("净满意", "net"),
    "overdue": ("逾期", "late"),
    "returned": ("退单", "back"),
    "hops": ("接单", "orders"),
    "returns": ("退单", "returns"),
    "upheld": ("成立", "upheld"),
    "refused": ("驳回", "refused"),
    "open": ("待裁", "open"),
    "rank": ("名次", "rank"),
    "this": ("本期", "now"),
    "last": ("上期", "before"),
    "change": ("增减", "change"),
}
"""Heads that fit a terminal; a week is its own head."""

_LEFT_OUT: Final = {"department": ("rank", "satisfaction")}
"""Where there is no room; departments stand in the order of their rank."""

_WEEKS: Final = 5
"""Weeks that fit a terminal."""

_WORDS: Final = {
    "issued": ("第 {number} 版 · {by} 签发于 {at}", "Edition {number}, issued by {by} at {at}"),
    "draft": ("未签发：随日志变动", "Not issued: it changes as the log goes on"),
    "corrections": ("对上一版的更正（{count} 项）", "Corrections of the edition before ({count})"),
    "notes": ("口径见 --csv 或 --xlsx 的说明", "Definitions are in --csv and --xlsx"),
}

_WEEK = typer.Option(None, "--week", help="ISO week, e.g. 2026-W47; default: the newest.")
_MONTH = typer.Option(None, "--month", help="Month, e.g. 2026-11.")
_QUARTER = typer.Option(None, "--quarter", help="Quarter, e.g. 2026-Q4.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    circular = typer.Typer(invoke_without_command=True, help=show.__doc__)
    circular.callback()(show)
    circular.command("issue")(issue)
    circular.command("editions")(editions)
    app.add_typer(circular, name="circular")


def show(
    context: typer.Context,
    week: str | None = _WEEK,
    month: str | None = _MONTH,
    quarter: str | None = _QUARTER,
    number: int | None = typer.Option(
        None, "--edition", help="One that was issued; 0: the last. Default: as of now."
    ),
    as_json: bool = typer.Option(False, "--json", help="As canonical JSON."),
    csv: Path | None = typer.Option(None, "--csv", help="Into this file, for a spreadsheet."),
    xlsx: Path | None = typer.Option(None, "--xlsx", help="Into this file, as a workbook."),
    english: bool = typer.Option(False, "--en", help="In English."),
) -> None:
    """Print the circular: rates, kinds by week, categories and streets, places, departments.

    As of now, or as it was issued. An edition names the place in the log and the city pack that it
    was made from. What was imported or simulated is counted apart.
    """
    if context.invoked_subcommand is not None:
        return
    from hutong.circular.issued import issued_editions
    from hutong.store import one_moment
    from hutong.store.settings import StoreSettings

    settings = read_settings(StoreSettings)
    with opened(settings) as connection, one_moment(connection):
        city = city_in_force(connection, settings)
        period = _period(connection, week, month, quarter)
        issued = issued_editions(connection, period)
        if number is None:
            chosen, edition = None, _made(connection, city, period)
        else:
            chosen = _chosen(issued, period, number)
            edition = chosen.edition
    corrected = _corrections(issued, chosen, edition)
    if csv is not None or xlsx is not None:
        from hutong.circular.export import to_csv, to_xlsx

        for file, write in ((csv, to_csv), (xlsx, to_xlsx)):
            if file is not None:
                file.write_bytes(write(edition, city, int(english), corrected))
    elif as_json:
        typer.echo(edition.to_text())
    else:
        print_circular(edition, city, int(english), issued=chosen, corrected=corrected)


def issue(
    by: str = typer.Option(..., "--by", help="Who issues it."),
    week: str | None = _WEEK,
    month: str | None = _MONTH,
    quarter: str | None = _QUARTER,
) -> None:
    """Issue the circular as it stands now: it is kept as it is, under the next number.

    A later edition of the same period lists what it corrects.
    """
    from hutong.circular.issued import NothingNewError, issue_alone, issue_edition
    from hutong.store.settings import StoreSettings

    settings = read_settings(StoreSettings)
    with opened(settings) as connection:
        city = city_in_force(connection, settings)
        period = _period(connection, week, month, quarter)
        connection.rollback()
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            issue_alone(connection)
            edition = _made(connection, city, period)
            try:
                made = issue_edition(connection, edition, by=by, at=edition.at)
            except NothingNewError as error:
                give_up(f"{error}: nothing was issued")
    typer.echo(f"edition {made.number} of {made.period}, sha256:{made.digest}")


def editions(
    week: str | None = _WEEK,
    month: str | None = _MONTH,
    quarter: str | None = _QUARTER,
    as_json: bool = typer.Option(False, "--json", help="As JSON lines."),
) -> None:
    """List what was issued: period, number, when, by whom, digest."""
    from hutong.circular.issued import issued_editions
    from hutong.city import load_city
    from hutong.store.settings import StoreSettings

    settings = read_settings(StoreSettings)
    city = load_city(settings.city)
    with opened(settings) as connection:
        given = any((week, month, quarter))
        period = _period(connection, week, month, quarter) if given else None
        for each in issued_editions(connection, period):
            if as_json:
                shown = {
                    "period": each.period,
                    "number": each.number,
                    "issued_at": each.issued_at,
                    "issued_by": each.issued_by,
                    "digest": each.digest,
                }
                typer.echo(json.dumps(shown, ensure_ascii=False))
            else:
                at = _local(each.issued_at, city)
                typer.echo(f"{each.period}  {each.number}  {at}  {each.issued_by}  {each.digest}")


def _period(
    connection: "Connection", week: str | None, month: str | None, quarter: str | None
) -> "Period":
    from hutong.circular.making import newest_week
    from hutong.readmodels.periods import BadPeriodError, Period

    given = {"--week": week, "--month": month, "--quarter": quarter}
    named = {option: text for option, text in given.items() if text is not None}
    if len(named) > 1:
        typer.echo(f"hutong: {' and '.join(named)}: one of them", err=True)
        raise typer.Exit(EXIT_USAGE)
    for option, text in named.items():
        try:
            period = Period.parse(text)
        except BadPeriodError as error:
            typer.echo(f"hutong: {option} {error}", err=True)
            raise typer.Exit(EXIT_USAGE) from None
        kind = "week" if period.column == "week" else ("month", "quarter")[len(period.values) > 1]
        if option != f"--{kind}":
            typer.echo(f"hutong: {option} {text}: that is a {kind}, use --{kind}", err=True)
            raise typer.Exit(EXIT_USAGE)
        return period
    found = newest_week(connection)
    if found is None:
        give_up("nothing was reported in any week")
    return found


def _made(connection: "Connection", city: "City", period: "Period") -> "Edition":
    from hutong.circular.making import make_edition

    edition = make_edition(connection, city, period, time.time_ns() // 1_000_000)
    if not any("total" in tables for tables in edition.figures.values()):
        give_up(f"nothing was reported in {period.name}")
    return edition


def _chosen(issued: "Sequence[Issued]", period: "Period", number: int) -> "Issued":
    found = [each for each in issued if number in (0, each.number)]
    if not found:
        known = ", ".join(str(each.number) for each in issued) or "none"
        give_up(f"{period.name} has no edition {number or ''}; issued: {known}".replace("  ", " "))
    return found[-1]


def _corrections(
    issued: "Sequence[Issued]", chosen: "Issued | None", edition: "Edition"
) -> "tuple[Correction, ...]":
    """Against the edition before the chosen one; of what is not issued, against the last."""
    from hutong.circular.edition import corrections

    former = [each for each in issued if chosen is None or each.number < chosen.number]
    return corrections(former[-1].edition, edition) if former else ()


def _local(at: int, city: "City") -> str:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(city.timezone))
    return f"{moment:%Y-%m-%d %H:%M}"


def print_circular(
    edition: "Edition",
    city: "City",
    language: int,
    console: "Console | None" = None,
    *,
    issued: "Issued | None" = None,
    corrected: "Sequence[Correction]" = (),
) -> None:
    """Print an edition in Chinese (0) or English (1); it fits 80 columns."""
    from rich.console import Console

    from hutong.circular.export import correction_line
    from hutong.circular.tables import tables_of
    from hutong.circular.title import days_of, source_of, title_of
    from hutong.circular.words import ORIGINS

    console = console or Console(highlight=False)
    words = {name: pair[language] for name, pair in _WORDS.items()}
    console.print(f"[bold]{title_of(edition, city, language)}[/]  {days_of(edition, language)}")
    if issued is None:
        console.print(f"[dim]{words['draft']}[/]")
    else:
        at = _local(issued.issued_at, city)
        said = words["issued"].format(number=issued.number, by=issued.issued_by, at=at)
        console.print(said, markup=False)
    for origin in ORIGINS:
        if "total" not in edition.figures.get(origin, {}):
            continue
        style = "bold" if origin == "live" else "bold yellow"
        console.print(f"\n[{style}]{ORIGINS[origin][language]}[/]")
        for table in tables_of(edition, city, origin):
            _print_table(console, table, language)
    if corrected:
        console.print(f"\n[bold]{words['corrections'].format(count=len(corrected))}[/]")
        for correction in corrected:
            *names, before, after = correction_line(correction, city, language)
            line = " · ".join(map(str, names))
            console.print(f"  {line}: {before} → {after}", markup=False)
    console.print()
    for line in source_of(edition, city, language):
        console.print(f"[dim]{line}[/]", soft_wrap="sha256" in line)
    console.print(f"[dim]{words['notes']}[/]")


def _print_table(console: "Console", table: "TableView", language: int) -> None:
    from rich.padding import Padding
    from rich.table import Table

    weeks = [n for n, column in enumerate(table.columns) if "-W" in column.key][-_WEEKS:]
    left_out = _LEFT_OUT.get(table.key, ())
    shown = weeks or [
        n
        for n, column in enumerate(table.columns)
        if column.key in _SHORT and column.key not in left_out
    ]
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    # A longer name goes on in the next line.
    drawn.add_column(table.title[language], min_width=_NAMES_WIDTH)
    for n in shown:
        column = table.columns[n]
        head = _SHORT.get(column.key, (column.key, column.key))[language]
        drawn.add_column(head, justify="right", no_wrap=True)
    for row in table.rows:
        name = Padding(row.name[language], (0, 0, 0, 2 * row.level))
        style = ("bold", "", "dim")[row.level]
        drawn.add_row(name, *(_text(row.cells[n]) for n in shown), style=style)
    console.print()
    console.print(drawn)


def _text(cell: "Cell") -> str:
    from hutong.circular.tables import Change, Mean, Share

    match cell:
        case None:
            return "–"
        case Share():
            return "–" if cell.permille is None else f"{cell.permille / 10:.1f}%"
        case Mean():
            return "–" if cell.tenths_of_hours is None else f"{cell.tenths_of_hours / 10:.1f}"
        case Change():
            return f"{cell.by:+d}" if cell.by else "0"
        case int():
            return str(cell)
