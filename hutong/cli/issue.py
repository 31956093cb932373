"""`hutong issue`: one issue with its whole history."""

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

import typer

from hutong.cli.database import opened
from hutong.cli.ending import give_up
from hutong.cli.kafka import kafka_faults_said
from hutong.kafka.acls import INTAKE, INTAKE_GROUP
from hutong.settings import EXIT_USAGE, Settings, read_settings

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.events.receipt import Receipt
    from hutong.readmodels.clock_due.queries import ClockRow
    from hutong.readmodels.issue_current.queries import IssueCurrent
    from hutong.readmodels.issue_timeline.queries import TimelineEntry
    from hutong.store.settings import StoreSettings

    Found = tuple[IssueCurrent | None, list[TimelineEntry], list[ClockRow]]


class ReceiptSettings(Settings):
    """For looking at what a receipt stands for: intake's right to read what it has written."""

    speaks_as: ClassVar[str] = INTAKE


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

    Times are those of the city. The first of an entry is when we received it; occurred is what the
    sender claims (a ? marks a claim that cannot be), recorded when it was in the log. The place is
    topic/partition/offset.

    Only PostgreSQL is needed. With Kafka at hand the further receipts of a report that was sent
    more than once are found too.
    """
    from hutong.city import load_city
    from hutong.events.fields import is_uuid
    from hutong.events.receipt import BadReceiptError, Receipt
    from hutong.store.settings import StoreSettings

    settings = read_settings(StoreSettings)
    wanted = which.strip().lower()
    receipt = None
    if not is_uuid(wanted):
        try:
            receipt = Receipt.parse(wanted)
        except BadReceiptError as error:
            give_up(f"{which}: {error}. An issue id is a UUID.", EXIT_USAGE)
    city = load_city(settings.city)
    issue, entries, clocks = _look(settings, wanted)
    if receipt is not None and issue is None and not entries and "HUTONG_KAFKA" in os.environ:
        key = _key_of(receipt, city)
        if key is not None:
            issue, entries, clocks = _look(settings, key)
    if issue is None and not entries:
        give_up(f"no issue {which} in the read models (yet?){_unasked(receipt)}")
    if as_json:
        from hutong.readmodels.issue_timeline.queries import clocks_off

        found = {
            "issue": asdict(issue) if issue else None,
            "clocks": [asdict(clock) for clock in clocks],
            "timeline": [
                asdict(entry) | {"clock_is_off": off}
                for entry, off in zip(entries, clocks_off(entries), strict=True)
            ],
        }
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    from hutong.cli.issue_view import print_issue

    if issue is not None and receipt is not None and issue.receipt != str(receipt):
        typer.echo(f"{receipt} is another receipt of the same report:")
    print_issue(Console(highlight=False), issue, clocks, entries, ZoneInfo(city.timezone))


def _look(settings: "StoreSettings", wanted: str) -> "Found":
    from hutong.events.fields import is_uuid
    from hutong.readmodels.clock_due.queries import of_issue as clocks_of
    from hutong.readmodels.issue_current.queries import by_id, by_receipt
    from hutong.readmodels.issue_timeline.queries import of_issue
    from hutong.store import one_moment

    with opened(settings) as connection, one_moment(connection):
        issue = (by_id if is_uuid(wanted) else by_receipt)(connection, wanted)
        issue_id = issue.issue_id if issue else wanted
        return issue, of_issue(connection, issue_id), clocks_of(connection, issue_id)


def _key_of(receipt: "Receipt", city: "City") -> str | None:
    """The issue of the record that a receipt names: a retried report has more than one receipt."""
    from hutong.events.fields import is_uuid
    from hutong.events.topics import load_topics, reports_topic
    from hutong.kafka.patience import patiently
    from hutong.kafka.place import key_at

    catalogue = load_topics(city.departments)
    channel = catalogue.channel_of(receipt.channel)
    topic = catalogue.get(reports_topic(channel)) if channel else None
    if topic is None or receipt.partition >= topic.partitions or receipt.offset >= 2**63:
        return None
    access = read_settings(ReceiptSettings).access.quietly()
    name, partition, offset = topic.name, receipt.partition, receipt.offset
    with kafka_faults_said(access):
        key = patiently(
            lambda seconds: key_at(access, INTAKE_GROUP, name, partition, offset, seconds=seconds)
        )
    return key if key is not None and is_uuid(key) else None


def _unasked(receipt: "Receipt | None") -> str:
    if receipt is None or "HUTONG_KAFKA" in os.environ:
        return ""
    return (
        "; should it be a later receipt of a report that was sent twice, "
        "HUTONG_KAFKA is needed to know"
    )
