"""`hutong topics`: the topic catalogue of this city, and its topics on the broker."""

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import typer

from hutong.cli.ending import give_up
from hutong.cli.kafka import kafka_reached
from hutong.kafka.acls import BREAK_GLASS, MONITOR
from hutong.settings import EXIT_FAILED, EXIT_USAGE, Settings, read_settings

if TYPE_CHECKING:
    from hutong.events.topics import Topic, TopicCatalogue
    from hutong.kafka.rights import RightsReport

_Row = tuple[str, ...]

CITY = typer.Option(None, envvar="HUTONG_CITY", help="City pack; default built in.")

_RECEIVED = {
    "append": "append: the time of its append to this topic",
    "header": "header: the time that its writer brings",
}


class OperatorSettings(Settings):
    """For making topics and rights."""

    speaks_as: ClassVar[str] = BREAK_GLASS


class WatchSettings(Settings):
    """For looking."""

    speaks_as: ClassVar[str] = MONITOR


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    topics = typer.Typer(
        invoke_without_command=True, help="Show or create the topics of this city."
    )
    topics.callback()(overview)
    topics.command("show")(show)
    topics.command("create")(create)
    topics.command("acls")(acls)
    app.add_typer(topics, name="topics")


def overview(
    context: typer.Context,
    city: Path | None = CITY,
    as_json: bool = typer.Option(False, "--json", help="As JSON, with the events."),
    every: bool = typer.Option(False, "--all", help="A row for each department."),
) -> None:
    """Who writes what and who reads it. `hutong topics show NAME` tells what may be on it."""
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Table

    from hutong.city import load_city
    from hutong.events.topics import load_topics

    departments = load_city(city).departments
    catalogue = list(load_topics(departments))
    if as_json:
        typer.echo(json.dumps([_plain(t) for t in catalogue], ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("topic", "parts", "writer", "readers", "received"):
        whole = name in ("topic", "writer")
        table.add_column(
            name,
            justify="right" if name == "parts" else "left",
            no_wrap=whole,
            overflow="fold",
        )
    rows = [
        (t.name, str(t.partitions), t.writer, ", ".join(t.readers), t.received) for t in catalogue
    ]
    for row in rows if every else _families(rows, list(departments)):
        table.add_row(*row)
    Console(highlight=False).print(table)
    if not every and len(departments) > 1:
        typer.echo(f"<dept>: each of {len(departments)} departments; --all has them one by one")


def _families(rows: Sequence[_Row], departments: Sequence[str]) -> list[_Row]:
    """Rows that differ only in the department as one row."""
    found: dict[_Row, None] = {}
    for row in rows:
        kind, dash, code = row[0].partition("-")
        if dash and code in departments and kind in ("handling", "dept"):
            name = re.compile(rf"(?<=[-:]){re.escape(code)}(?=$|,)")
            found[tuple(name.sub("<dept>", cell) for cell in row)] = None
        else:
            found[row] = None
    return list(found)


def show(
    name: str = typer.Argument(help="Such as reports-app, issues, dept-water."),
    city: Path | None = CITY,
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """One topic: who writes and reads it, and which events may be on it.

    Example: `hutong topics show reports-app`
    """
    from hutong.city import load_city
    from hutong.events.topics import load_topics

    catalogue = load_topics(load_city(city).departments)
    topic = catalogue.get(name)
    if topic is None:
        near = difflib.get_close_matches(name, [t.name for t in catalogue], 1)
        remedy = f"did you mean {near[0]}?" if near else "`hutong topics --all` lists them"
        typer.echo(f"hutong: there is no topic {name}: {remedy}", err=True)
        raise typer.Exit(EXIT_USAGE)
    if as_json:
        typer.echo(json.dumps(_plain(topic), ensure_ascii=False, indent=2))
        return
    facts = {
        "key": topic.key,
        "partitions": str(topic.partitions),
        "writer": topic.writer,
        "readers": ", ".join(topic.readers),
        "received": _RECEIVED[topic.received],
        "origin": "as each record says" if topic.origin == "header" else topic.origin,
    }
    typer.echo(topic.name)
    for what, value in facts.items():
        typer.echo(f"  {what:10}  {value}")
    typer.echo("  events" if topic.events else "  events      none: raw bytes")
    for event in sorted(topic.events):
        typer.echo(f"    {event}")


def _plain(topic: "Topic") -> dict[str, object]:
    return {
        "name": topic.name,
        "key": topic.key,
        "partitions": topic.partitions,
        "writer": topic.writer,
        "readers": list(topic.readers),
        "received": topic.received,
        "events": sorted(topic.events),
    }


def create() -> None:
    """Create the missing topics and rights; refuse where existing topics contradict the catalogue.

    Reads HUTONG_KAFKA and HUTONG_CITY; on a secure broker speaks as the user `break-glass`, or
    HUTONG_KAFKA_USER. Removes nothing. Where no city pack was ever promoted, HUTONG_CITY's is: it
    is then the one that routers use from the beginning. Safe to run again.
    """
    from confluent_kafka import KafkaException

    from hutong.city import CityError, load_city
    from hutong.cli.city_promote import ensure_base
    from hutong.events.topics import load_topics
    from hutong.kafka.admin import TopicsError, create_topics
    from hutong.kafka.rights import RightsError, apply_rights
    from hutong.kafka.send import NotConfirmedError

    settings = read_settings(OperatorSettings)
    try:
        city = load_city(settings.city)
    except CityError as error:
        typer.echo(f"{error}\nthe city pack cannot be used", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    catalogue = load_topics(city.departments)
    access = settings.access.quietly()
    try:
        with kafka_reached(access):
            report = create_topics(access, catalogue)
            rights = apply_rights(access, catalogue)
    except (TopicsError, RightsError) as error:
        give_up(str(error))
    typer.echo(
        f"{len(report.created)} topics created, {report.present} were there, "
        f"{report.copies} {'copy' if report.copies == 1 else 'copies'} of each record"
    )
    if rights.secured:
        typer.echo(f"{len(rights.missing)} rights given, {rights.present} were there")
    else:
        typer.echo("the broker asks nobody who they are: anybody may write anything")
    _warn(rights)
    try:
        ensure_base(settings, city)
    except (KafkaException, NotConfirmedError) as error:
        give_up(f"the first city pack cannot be promoted: {error}")


def acls(
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
    check: bool = typer.Option(
        False, "--check", help="Compare with the broker; exit code 1 where they differ."
    ),
    city: Path | None = CITY,
) -> None:
    """Who may do what on Kafka, as topics.toml has it.

    With --check, ask the broker (as the user `monitor`) what is missing there, and what is there
    that nobody asked for.

    Examples: `hutong topics acls` | `hutong topics acls --check`
    """
    from hutong.city import load_city
    from hutong.events.topics import load_topics
    from hutong.kafka.acls import expected_acls

    catalogue = load_topics(load_city(city).departments)
    if check:
        _check(catalogue, as_json)
        return
    expected = sorted(expected_acls(catalogue))
    if as_json:
        typer.echo(json.dumps([asdict(acl) for acl in expected], indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("user", "may", "on", box=None, pad_edge=False)
    rows: dict[tuple[str, str, str], list[str]] = {}
    for acl in expected:
        may = acl.operation if acl.permission == "allow" else f"never {acl.operation}"
        name = f"{acl.name}…" if acl.pattern == "prefixed" else acl.name
        rows.setdefault((acl.user, may, acl.resource), []).append(name)
    for (user, may, resource), names in rows.items():
        table.add_row(user, may, f"{resource} {', '.join(names)}")
    Console().print(table)


def _check(catalogue: "TopicCatalogue", as_json: bool) -> None:
    from hutong.kafka.rights import RightsError, compare_rights

    access = read_settings(WatchSettings).access.quietly()
    try:
        with kafka_reached(access):
            rights = compare_rights(access, catalogue)
    except RightsError as error:
        give_up(str(error))
    if as_json:
        found = {
            "secured": rights.secured,
            "missing": [asdict(acl) for acl in rights.missing],
            "surprises": [asdict(acl) for acl in rights.surprises],
        }
        typer.echo(json.dumps(found, indent=2))
    elif not rights.secured:
        typer.echo("hutong: the broker asks nobody who they are", err=True)
    else:
        typer.echo(f"{rights.present} rights as they should be, {len(rights.missing)} missing")
        for acl in rights.missing:
            typer.echo(f"  missing: {acl}", err=True)
        _warn(rights)
    if not rights.secured or rights.missing or rights.surprises:
        raise typer.Exit(EXIT_FAILED)


def _warn(rights: "RightsReport") -> None:
    for acl in rights.surprises:
        typer.echo(f"hutong: nobody asked for this rule, look into it: {acl}", err=True)
