"""`hutong city` and `hutong classify`: check a city pack, show it, try a text on its duty list."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hutong.cli import city_calendar
from hutong.cli.city_promote import print_in_force, promote
from hutong.settings import EXIT_FAILED, EXIT_USAGE

if TYPE_CHECKING:
    from rich.table import Table

    from hutong.city import City
    from hutong.city.model import ClockLength
    from hutong.classify import Classification


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    city = typer.Typer(no_args_is_help=True, help="Check, show or promote a city pack.")
    city.command("check")(check)
    city.command("show")(show)
    city.command("promote")(promote)
    city_calendar.register(city)
    app.add_typer(city, name="city")
    app.command("classify")(classify)


def check(
    folder: Path | None = typer.Argument(
        None, envvar="HUTONG_CITY", help="City pack; default built in."
    ),
) -> None:
    """List every fault of a city pack with file and line; exit code 1 if there is one."""
    from hutong.city import CityError, load_city

    try:
        city = load_city(folder)
    except CityError as error:
        for fault in error.faults:
            where = folder / fault.file if folder else Path(fault.file)
            typer.echo(f"{where}:{fault.line}: {fault.message}")
        count = len(error.faults)
        typer.echo(f"{count} fault{'s' if count > 1 else ''}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(f"ok: {city.name_zh}, {_sizes(city)}")
    typer.echo(city.hash)


def show(
    folder: Path | None = typer.Argument(
        None, envvar="HUTONG_CITY", help="City pack; default built in."
    ),
    named: Path | None = typer.Option(None, "--city", help="The same, as other commands have it."),
    in_force: bool = typer.Option(
        False, "--in-force", help="What routers use now, from the topic `city`."
    ),
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """Show the duty list of a city: what leads where, and how fast.

    With --in-force, the promotions instead: which pack is in force, and which will be.
    """
    if in_force:
        print_in_force(as_json)
        return
    city = _load(named or folder)
    if as_json:
        typer.echo(json.dumps(_summary(city), ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"{city.name_zh} · {city.name_en}\n{city.hash}\n{_sizes(city)}", highlight=False)
    table = Table()
    for header in ("item", "事项", "category", "lead", "tier", "law"):
        table.add_column(header, overflow="fold", no_wrap=header == "item")
    for item in city.duty_list:
        law = _length(item.statutory, city)
        table.add_row(item.code, item.zh, item.category, item.lead, item.tier, law)
    console.print(table)


def classify(
    text: str = typer.Argument(help="What the citizen writes."),
    subject: str = typer.Option("", help="A subject, where the channel has one."),
    area: str | None = typer.Option(None, help="Area code; decides which street office leads."),
    channel: str = typer.Option("app", help="Channel code; decides the intent where words do not."),
    folder: Path | None = typer.Option(
        None, "--city", envvar="HUTONG_CITY", help="City pack; default built in."
    ),
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """Try a text on the duty list: item, lead, and the words that decided.

    For whoever edits the duty list: hutong classify '人行道上停满车' --area east-canal-01
    """
    from hutong.classify import Classifier

    city = _load(folder)
    if area is not None and area not in city.areas:
        typer.echo(f"area '{area}' is not in the city pack", err=True)
        raise typer.Exit(EXIT_USAGE)
    found = Classifier(city).classify(subject, text, channel=channel, area=area)
    if as_json:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console()
    for table in _tables(city, found):
        console.print(table)


def _as_json(found: "Classification") -> dict[str, object]:
    return {
        **found._asdict(),
        "candidates": [candidate._asdict() for candidate in found.candidates],
        "evidence": [
            {
                "keyword": word.keyword,
                "field": word.field,
                "weight": word.weight,
                "count": word.times,
            }
            for word in found.evidence
        ],
    }


def _load(folder: Path | None) -> "City":
    from hutong.city import CityError, load_city

    try:
        return load_city(folder)
    except CityError as error:
        typer.echo(f"{error}\nthe city pack cannot be used", err=True)
        raise typer.Exit(EXIT_USAGE) from None


def _length(length: "ClockLength | None", city: "City") -> str:
    """In days, as the duty list has it."""
    if length is None:
        return ""
    working = length.calendar == "working"
    days = length.minutes / (city.calendar.minutes_per_day if working else 24 * 60)
    return f"{days:g} {'working ' if working else ''}days"


def _sizes(city: "City") -> str:
    return (
        f"{len(city.departments)} departments, {len(city.categories)} categories, "
        f"{len(city.duty_list)} duty items, {len(city.areas)} areas"
    )


def _summary(city: "City") -> dict[str, object]:
    return {
        "hash": city.hash,
        "name": {"zh": city.name_zh, "en": city.name_en},
        "timezone": city.timezone,
        "gate": asdict(city.gate),
        "departments": [asdict(department) for department in city.departments.values()],
        "tiers": {
            tier.code: {clock: length._asdict() for clock, length in tier.clocks.items()}
            for tier in city.tiers.values()
        },
        "areas": [
            {"code": area.code, "level": area.level, "parent": area.parent, "zh": area.zh}
            for area in city.areas.values()
        ],
        "duty_list": [
            {
                "code": item.code,
                "zh": item.zh,
                "en": item.en,
                "category": item.category,
                "lead": item.lead,
                "co_owners": item.co_owners,
                "tier": item.tier,
                "statutory": item.statutory._asdict() if item.statutory else None,
            }
            for item in city.duty_list
        ],
    }


def _tables(city: "City", found: "Classification") -> "list[Table]":
    from rich.table import Table

    zh = {item.code: item.zh for item in city.duty_list}
    answer = Table(show_header=False, box=None)
    if found.confident:
        verdict = "dispatch 自动派单"
    else:
        verdict = f"to the desk 转人工 ({found.unsure_reason})"
    department = city.departments.get(found.lead or "")
    rows = [
        ("verdict", verdict),
        ("item", f"{found.item or '–'} {zh.get(found.item or '', '')}"),
        ("category", found.category or "–"),
        ("lead", f"{found.lead or '–'} {department.zh if department else ''}"),
        ("co-owners", " ".join(found.co_owners) or "–"),
        ("tier", f"{found.tier} {city.tiers[found.tier].zh}"),
        ("kind", f"{found.kind} {city.kinds[found.kind].zh}"),
        ("intent", f"{found.intent} {city.intents[found.intent].zh}"),
        ("confidence", f"{found.confidence} of 1000"),
        ("model, pack", f"{found.model}, {city.hash[:19]}"),
    ]
    for row in rows:
        answer.add_row(*row)
    evidence = Table("word", "in", "weight", "times", title="Words that decided")
    for word in found.evidence:
        evidence.add_row(word.keyword, word.field, str(word.weight), str(word.times))
    gate = f"gate: score {city.gate.min_score}, margin {city.gate.min_margin} per mille"
    candidates = Table("item", "事项", "lead", "score", title=f"Candidates ({gate})")
    for candidate in found.candidates:
        name = zh[candidate.item]
        candidates.add_row(candidate.item, name, candidate.lead, str(candidate.score))
    return [answer, evidence, candidates]
