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
    from rich.padding import Padding
    from rich.table import Table

    from hutong.readmodels.category_weekly.circular import Circular, Counts, Line, Section

_WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")

_NAMES_WIDTH = 26
"""Columns of names: with it and eight counts the English tables still have 80 columns."""

_POSITION_LINE = 6
"""Partitions of the log position in a line."""

_ENGLISH_HEADS = (
    "new: reported; sent: dispatched; desk: waits at the desk; taken: accepted; "
    "reply: responded to; done: resolved; unable: unresolvable; back: returned"
)

#: Chinese and English, by language index. The English names of counts are heads of columns too.
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
    "reported": ("上报", "new"),
    "dispatched": ("派单", "sent"),
    "queued": ("待派", "desk"),
    "accepted": ("签收", "taken"),
    "responded": ("响应", "reply"),
    "resolved": ("办结", "done"),
    "unresolvable": ("无法", "unable"),
    "closed": ("结案", "closed"),
    "open": ("在办", "open"),
    "returned": ("退单", "back"),
    "ended": ("了结", "ended"),
    "heads": ("待派：待人工派单；无法：无法办理；了结：已了结（不再在办）", _ENGLISH_HEADS),
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
        print_circular(edition, int(english))


def _plain(edition: "Circular") -> dict[str, object]:
    plain = asdict(edition)
    plain["first_day"] = edition.first_day.isoformat()
    plain["last_day"] = edition.last_day.isoformat()
    plain["departments"] = [
        {"zh": zh, "en": en, **asdict(load)} for zh, en, load in edition.departments
    ]
    return plain


def print_circular(edition: "Circular", language: int, console: "Console | None" = None) -> None:
    """Print an edition in Chinese (0) or English (1); it fits 80 columns."""
    from rich.console import Console

    console = console or Console(highlight=False)
    words = {name: pair[language] for name, pair in _WORDS.items()}
    days = f"{edition.first_day} – {edition.last_day}"
    console.print(f"[bold]{words['title']} {edition.week}[/]  {days}")
    for section in edition.sections:
        _print_section(console, section, words, language)
    if edition.departments:
        _print_departments(console, edition, words, language)
    console.print(f"\n[dim]{words['heads']}[/]")
    places = [f"{partition}:{after}" for partition, after in edition.position.items()]
    console.print(f"[dim]{words['position']} issues[/]")
    for start in range(0, len(places), _POSITION_LINE):
        console.print(f"[dim]  {'  '.join(places[start : start + _POSITION_LINE])}[/]")
    console.print(f"[dim]{words['pack']} {edition.pack}[/]", soft_wrap=True)


def _print_departments(
    console: "Console", edition: "Circular", words: dict[str, str], language: int
) -> None:
    console.print(f"\n[bold]{words['departments']}[/]")
    loads = [load for *_, load in edition.departments]
    shown = [name for name in _LOADS if any(getattr(load, name) for load in loads)]
    table = _table(shown, words)
    for origin in dict.fromkeys(load.origin for load in loads):
        table.add_row(f"[dim]{words[origin]}[/]")
        for *names, load in edition.departments:
            if load.origin == origin:
                table.add_row(
                    _indented(names[language], 2), *(str(getattr(load, n)) for n in shown)
                )
    console.print(table)


def _print_section(
    console: "Console", section: "Section", words: dict[str, str], language: int
) -> None:
    style = "bold" if section.origin == "live" else "bold yellow"
    console.print(f"\n[{style}]{words[section.origin]}[/]")
    shown = [name for name in _COUNTS if getattr(section.total, name)]
    table = _table(shown, words)

    def add(name: "str | Padding", counts: "Counts", *, style: str = "") -> None:
        table.add_row(name, *(str(getattr(counts, n)) for n in shown), style=style)

    add(words["total"], section.total, style="bold")
    for title, lines in (("kinds", section.kinds), ("streets", section.streets)):
        table.add_section()
        table.add_row(f"[dim]{words[title]}[/]")
        for line in lines:
            add(_indented(_name(line, language), 2), line.counts)
    table.add_section()
    table.add_row(f"[dim]{words['categories']}[/]")
    for category in section.categories:
        add(_indented(_name(category.total, language), 2), category.total.counts)
        for line in category.below:
            add(_indented(_name(line, language), 4), line.counts, style="dim")
    console.print(table)


def _table(counts: Sequence[str], words: dict[str, str]) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", min_width=_NAMES_WIDTH)  # a longer name goes on in the next line
    for name in counts:
        table.add_column(words[name], justify="right", no_wrap=True)
    return table


def _indented(name: object, columns: int) -> "Padding":
    from rich.padding import Padding

    return Padding(str(name), (0, 0, 0, columns))


def _name(line: "Line", language: int) -> str:
    return (line.zh, line.en)[language]
