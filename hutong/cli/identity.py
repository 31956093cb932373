"""`hutong identity`: the keys that seal who reported, and who was told."""

import json
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from hutong.cli.database import opened
from hutong.cli.since import earliest_of
from hutong.settings import EXIT_FAILED, read_settings

if TYPE_CHECKING:
    from hutong.readmodels.issue_timeline.queries import TimelineEntry

FILE = typer.Argument(help="The file that HUTONG_IDENTITY_KEYS_FILE names.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    identity = typer.Typer(no_args_is_help=True, help="Who reported: keys, and who was told.")
    identity.callback()(_group)
    identity.command("new-key")(new_key)
    identity.command("reveals")(reveals)
    app.add_typer(identity, name="identity")


def _group() -> None:
    """The keys that seal who reported an issue, and who was told."""


def new_key(
    file: Path = FILE,
    key_id: str = typer.Option("", "--id", help="Its name in the log; default: today's date."),
) -> None:
    """Make a key and let new reports be sealed with it. Intake takes it up when it starts anew.

    Older keys stay in the file: they open what was sealed with them. Keep a copy of the file in
    another place: without it no name in the log can ever be read again.

    Examples:

      hutong identity new-key /etc/hutong/identity-keys.toml

      hutong identity new-key /etc/hutong/identity-keys.toml --id 2027-01
    """
    from hutong.key_file import change_file
    from hutong.privacy.keys import IdentityKeysError, with_new_key

    name = key_id or f"{date.today():%Y-%m-%d}"  # noqa: DTZ011  a label for people here
    try:
        change_file(file, lambda text: with_new_key(text, name, str(file)))
    except IdentityKeysError as error:
        sys.stderr.write(f"hutong: {error}\n")
        raise typer.Exit(EXIT_FAILED) from None
    except OSError as error:
        sys.stderr.write(f"hutong: {file} cannot be written: {error.strerror}\n")
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(f"新密钥 {name} 已启用 new reports are sealed with key {name}")


def reveals(
    since: str = typer.Option(
        "30d", help="Only newer ones: a span (30m, 2h, 7d) or a time (2026-06-01T08:00)."
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object a line; times in ms UTC."),
) -> None:
    """Show who was told who reported which issue, for what, the latest first.

    Refused ones are listed too, with the reason: nothing was told then.

    Examples:

      hutong identity reveals --since 7d

      hutong identity reveals --since 2026-11-01T00:00+08:00 --json
    """
    from hutong.city import load_city
    from hutong.readmodels.issue_timeline.queries import reveals_since
    from hutong.store.settings import StoreSettings

    settings = read_settings(StoreSettings)
    city = load_city(settings.city)
    zone = ZoneInfo(city.timezone)
    start = earliest_of(since, zone, time.time_ns() // 1_000_000)
    with opened(settings) as connection:
        found = reveals_since(connection, start)
    if as_json:
        for entry in found:
            typer.echo(json.dumps(_plain(entry), ensure_ascii=False))
        return
    if not found:
        typer.echo("没有查看记录 nobody was told")
    purposes = city.reasons.get("reveal-purpose", {})
    for entry in found:
        moment = datetime.fromtimestamp(entry.received_at / 1000, UTC).astimezone(zone)
        known = purposes.get(entry.data["purpose"])
        purpose = f"{known.zh} {known.code}" if known else entry.data["purpose"]
        verdict = "" if entry.verdict == "applied" else f"  {entry.verdict}: {entry.reason}"
        typer.echo(
            f"{moment:%Y-%m-%d %H:%M:%S}  {entry.principal}  {entry.actor}  {purpose}  "
            f"{','.join(entry.data['fields'])}  {entry.issue_id}{verdict}"
        )


def _plain(entry: "TimelineEntry") -> dict[str, object]:
    return {
        "received_at": entry.received_at,
        "principal": entry.principal,
        "by": entry.actor,
        "purpose": entry.data["purpose"],
        "fields": entry.data["fields"],
        "issue_id": entry.issue_id,
        "event_id": entry.event_id,
        "verdict": entry.verdict,
        "reason": entry.reason,
    }
