"""`hutong circular`: the weekly circular (通报)."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from hutong.cli.database import opened
from hutong.settings import EXIT_FAILED, EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from hutong.readmodels.category_weekly.circular import Circular, Counts, Line, Section

_WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")

#: Chinese and English, by language index.
_WORDS = {
    "title": ("每周通报", "Weekly circular"),
    "live": ("实时受理", "Live"),
    "imported": ("历史导入（单列，不计入实时）", "Imported (counted apart)"),
    "simulated": ("模拟数据（单列，不计入实时）", "Simulated (counted apart)"),
    "kinds": ("按类型", "By kind"),
    "categories": ("按类别", "By category"),
    "streets": ("按街道", "By street"),
    "departments": ("承办单位当前工作量", "Department load at this log position"),
    "total": ("合计", "Total"),
    "reported": ("上报", "reported"),
    "dispatched": ("已派单", "dispatched"),
    "queued": ("待人工派单", "at the desk"),
    "accepted": ("已签收", "accepted"),
    "responded": ("已响应", "responded"),
    "resolved": ("已办结", "resolved"),
    "unresolvable": ("无法办理", "unresolvable"),
    "closed": ("已结案", "closed"),
    "open": ("在办", "open"),
    "returned": ("退单", "returned"),
    "ended": ("已了结", "ended"),
    "origin": ("来源", "origin"),
    "position": ("日志位置", "log position"),
    "pack": ("城市包", "city pack"),
}
_COUNTS = (
    "reported",
    "dispatched",
    "queued",
    "accepted",
    "responded",
    "resolved",
    "unresolvable",
    "closed",
)
_LOADS = ("open", "dispatched", "accepted", "returned", "resolved", "unresolvable", "ended")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("circular")(circular)


def circular(
    week: str | None = typer.Option(None, help="ISO week, e.g. 2026-W47; default: the newest."),
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
    english: bool = typer.Option(False, "--en", help="In English."),
) -> None:
    """Print the weekly circular: totals, kinds, categories, streets, department load.

    An edition names the place in the log and the city pack that it was made from. What was
    imported or simulated is counted apart.
    """
    from hutong.city import load_city
    from hutong.readmodels.category_weekly import queries
    from hutong.readmodels.category_weekly.circular import compose
    from hutong.readmodels.department_load import queries as load_queries
    from hutong.store import one_moment, read_offsets
    from hutong.store.settings import StoreSettings

    if week is not None and not _WEEK.fullmatch(week):
        typer.echo(f"hutong: --week {week}: an ISO week looks like 2026-W47", err=True)
        raise typer.Exit(EXIT_USAGE)
    settings = read_settings(StoreSettings)
    city = load_city(settings.city)
    with opened(settings) as connection, one_moment(connection):
        weeks = [name for name, _ in queries.weeks(connection)]
        wanted = week or (weeks[0] if weeks else None)
        if wanted not in weeks:
            known = f"; there are {', '.join(weeks[:5])}" if weeks else ""
            typer.echo(f"hutong: nothing was reported in {wanted or 'any week'}{known}", err=True)
            raise typer.Exit(EXIT_FAILED)
        assert wanted is not None
        edition = compose(
            wanted,
            queries.week(connection, wanted),
            load_queries.all(connection),
            city,
            read_offsets(connection),
        )
    if as_json:
        typer.echo(json.dumps(_plain(edition), ensure_ascii=False, indent=2))
    else:
        _print(edition, int(english))


def _plain(edition: "Circular") -> dict[str, object]:
    plain = asdict(edition)
    plain["first_day"] = edition.first_day.isoformat()
    plain["last_day"] = edition.last_day.isoformat()
    plain["departments"] = [
        {"zh": zh, "en": en, **asdict(load)} for zh, en, load in edition.departments
    ]
    return plain


def _print(edition: "Circular", language: int) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    words = {name: pair[language] for name, pair in _WORDS.items()}
    days = f"{edition.first_day} – {edition.last_day}"
    console.print(f"[bold]{words['title']} {edition.week}[/]  {days}")
    for section in edition.sections:
        _print_section(console, section, words, language)
    if edition.departments:
        console.print(f"\n[bold]{words['departments']}[/]")
        table = _table(["", "origin", *_LOADS], words, texts=2)
        for *names, load in edition.departments:
            origin = words[load.origin].partition("（")[0].partition(" (")[0]
            table.add_row(str(names[language]), origin, *(str(getattr(load, n)) for n in _LOADS))
        console.print(table)
    position = " ".join(f"{partition}:{after}" for partition, after in edition.position.items())
    console.print(f"\n[dim]{words['position']} issues {position}[/]")
    console.print(f"[dim]{words['pack']} {edition.pack}[/]")


def _print_section(
    console: "Console", section: "Section", words: dict[str, str], language: int
) -> None:
    style = "bold" if section.origin == "live" else "bold yellow"
    console.print(f"\n[{style}]{words[section.origin]}[/]")
    table = _table(["", *_COUNTS], words)
    table.add_row(words["total"], *_numbers(section.total), style="bold")
    for title, lines in (("kinds", section.kinds), ("streets", section.streets)):
        table.add_section()
        table.add_row(f"[dim]{words[title]}[/]")
        for line in lines:
            table.add_row(f"  {_name(line, language)}", *_numbers(line.counts))
    table.add_section()
    table.add_row(f"[dim]{words['categories']}[/]")
    for category in section.categories:
        table.add_row(f"  {_name(category.total, language)}", *_numbers(category.total.counts))
        for line in category.below:
            numbers = _numbers(line.counts)
            table.add_row(f"    {_name(line, language)}", *numbers, style="dim")
    console.print(table)


def _table(columns: Sequence[str], words: dict[str, str], *, texts: int = 1) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(columns):
        table.add_column(words.get(name, name), justify="left" if number < texts else "right")
    return table


def _name(line: "Line", language: int) -> str:
    return (line.zh, line.en)[language]


def _numbers(counts: "Counts") -> list[str]:
    return [str(getattr(counts, name)) for name in _COUNTS]
