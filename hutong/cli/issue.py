"""`hutong issue`: one issue with its whole history."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from hutong.cli.database import opened
from hutong.settings import EXIT_FAILED, EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.readmodels.issue_current.queries import IssueCurrent
    from hutong.readmodels.issue_timeline.queries import TimelineEntry


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    issue = typer.Typer(no_args_is_help=True, help="One issue with its whole history.")
    issue.callback()(_only)
    issue.command("show")(show)
    app.add_typer(issue, name="issue")


def _only() -> None:
    """A single command of a group stays a command with this."""


def show(
    which: str = typer.Argument(metavar="RECEIPT|ISSUE_ID", help="E.g. 02-07-00128431-5."),
    as_json: bool = typer.Option(False, "--json", help="As JSON; times in milliseconds UTC."),
) -> None:
    """Show where an issue stands and everything that happened to it.

    Times are those of the city: occurred is what the sender claims, received when we got it,
    recorded when it was in the log. A ? marks a claim that cannot be. The place is
    topic/partition/offset.
    """
    from hutong.city import load_city
    from hutong.events.fields import is_uuid
    from hutong.events.receipt import BadReceiptError
    from hutong.readmodels.issue_current.queries import by_id, by_receipt
    from hutong.readmodels.issue_timeline.queries import of_issue
    from hutong.store import one_moment
    from hutong.store.settings import StoreSettings

    settings = read_settings(StoreSettings)
    wanted = which.strip().lower()
    with opened(settings) as connection, one_moment(connection):
        try:
            issue = (by_id if is_uuid(wanted) else by_receipt)(connection, wanted)
        except BadReceiptError as error:
            typer.echo(f"hutong: {which}: {error}, an issue id is a UUID", err=True)
            raise typer.Exit(EXIT_USAGE) from None
        issue_id = issue.issue_id if issue else wanted
        entries = of_issue(connection, issue_id)
    if issue is None and not entries:
        typer.echo(f"hutong: no issue {which} in the read models (yet?)", err=True)
        raise typer.Exit(EXIT_FAILED)
    if as_json:
        found = {
            "issue": asdict(issue) if issue else None,
            "timeline": [asdict(e) | {"clock_is_off": e.clock_is_off} for e in entries],
        }
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    _print(issue, entries, ZoneInfo(load_city(settings.city).timezone))


def _print(issue: "IssueCurrent | None", entries: "list[TimelineEntry]", zone: ZoneInfo) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    if issue is None:
        console.print("[bold]Only answers so far:[/] the report itself has not been seen yet.")
    else:
        mark = "" if issue.origin == "live" else f"  [yellow]({issue.origin})[/]"
        console.print(f"[bold]{issue.receipt}[/]  {issue.status}{mark}  {escape(issue.subject)}")
        facts = {
            "issue": issue.issue_id,
            "category": issue.category,
            "lead": issue.lead,
            "co-owners": ", ".join(issue.co_owners),
            "tier": issue.tier,
            "area": issue.area,
            "address": issue.address,
        }
        for name, value in facts.items():
            if value:
                console.print(f"  {name:10} {escape(value)}")
    titles = ("received", "recorded", "occurred", "event", "by", "verdict", "place")
    table = Table(*titles, box=None, pad_edge=False, header_style="dim")
    for entry in entries:
        verdict = entry.verdict
        if entry.reason:
            verdict = f"[red]{verdict}[/]: {escape(entry.reason)}"
        table.add_row(
            _time(entry.received_at, zone),
            _time(entry.recorded_at, zone),
            _time(entry.occurred_at, zone) + (" [red]?[/]" if entry.clock_is_off else ""),
            entry.name,
            escape(f"{entry.principal} ({entry.actor})"),
            verdict,
            f"issues/{entry.partition}/{entry.offset}",
        )
    console.print()
    console.print(table)
    console.print(f"[dim]times: {zone.key}[/]")


def _time(millis: int, zone: ZoneInfo) -> str:
    moment = datetime.fromtimestamp(millis / 1000, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{millis % 1000:03}"
