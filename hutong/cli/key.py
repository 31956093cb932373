"""`hutong key`: makes, lists, replaces and revokes the API keys that intake takes."""

import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from hutong.cli.ending import give_up
from hutong.settings import EXIT_USAGE

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.keys import Key, KeyRing

_DAY = 86_400_000
_DURATION = re.compile(r"(\d{1,5})d")

FILE = typer.Option(
    Path("keys.toml"), "--file", envvar="HUTONG_KEYS_FILE", help="The file that intake reads."
)
CITY = typer.Option(None, envvar="HUTONG_CITY", help="City pack; default built in.")
EXPIRES = typer.Option(
    "365d", help="When it ends: days (365d), a time with its zone (2027-01-01T00:00+08:00), never."
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    key = typer.Typer(no_args_is_help=True, help="Make, list, replace and revoke API keys.")
    key.callback()(_group)
    key.command("create")(create)
    key.command("list")(show)
    key.command("rotate")(rotate)
    key.command("revoke")(revoke)
    app.add_typer(key, name="key")


def _group() -> None:
    """Make, list, replace and revoke API keys. A running intake follows within a second."""


def create(
    channel: str | None = typer.Option(
        None, help="The channel that it speaks for: app, hotline, grid, ..."
    ),
    department: str | None = typer.Option(
        None, help="The department that it speaks for: water-co, urban-mgmt, ..."
    ),
    desk: bool = typer.Option(False, "--desk", help="It speaks for the desk."),
    key_id: str | None = typer.Option(None, "--id", help="Its name; default: made from whose."),
    scopes: str = typer.Option(
        "",
        help="What it may do, separated by commas: issues:act, issues:read, media:read, "
        "media:write, and for a channel reports:read, reports:write; default: all.",
    ),
    expires: str = EXPIRES,
    file: Path = FILE,
    city: Path | None = CITY,
) -> None:
    """Make a key. Its secret is printed once, to standard output, and kept nowhere.

    Examples:

      hutong key create --channel app

      hutong key create --channel hotline --scopes reports:write --expires 90d > secret.txt

      hutong key create --department water-co

      hutong key create --desk
    """
    from hutong.key_file import with_key
    from hutong.keys import SCOPES, Key, hash_of, new_secret, scopes_of

    pack = _city(city)
    principal, stem = _principal(pack, channel, department, desk)
    wanted = frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()) or SCOPES
    if scopes and (unknown := sorted(wanted - scopes_of(principal))):
        names = ", ".join(sorted(scopes_of(principal)))
        give_up(f"{principal} has no scope {', '.join(unknown)}; there are: {names}", EXIT_USAGE)
    zone, secret = ZoneInfo(pack.timezone), new_secret()
    until = _until(expires)
    made: list[Key] = []

    def add(text: str, ring: "KeyRing") -> str:
        name = key_id or _free_id(stem, ring)
        made.append(Key(name, principal, hash_of(secret), wanted, None, until))
        return with_key(text, made[0], zone, str(file))

    _change(file, add)
    _tell(made[0], secret, zone, file)


def show(
    file: Path = FILE,
    city: Path | None = CITY,
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """List the keys: whose, what for, until when in the city's time. Never a secret."""
    from hutong.key_file import format_time, keys_in
    from hutong.keys import KeysError

    zone = ZoneInfo(_city(city).timezone)
    try:
        ring = keys_in(file.read_text("utf-8-sig"), str(file))
    except KeysError as error:
        give_up(str(error))
    except OSError as error:
        give_up(f"{file} cannot be read: {error.strerror}")
    if not as_json:
        _print(ring, zone)
        return
    rows = [
        {
            "id": key.id,
            "principal": key.principal,
            "scopes": sorted(key.may),
            "state": _state(key),
            "expires_at": None if key.expires_at is None else format_time(key.expires_at, zone),
        }
        for key in ring
    ]
    typer.echo(json.dumps(rows, indent=2))


def _print(ring: "KeyRing", zone: ZoneInfo) -> None:
    """For 80 columns: the end to the minute and whole, the rest over more lines rather than cut."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for header in ("id", "speaks for", "may", "state"):
        table.add_column(header, overflow="fold")
    table.add_column("until", no_wrap=True)
    for key in ring:
        may = "\n".join(sorted(key.may)) or "nothing"
        until = "no end" if key.expires_at is None else _minute(key.expires_at, zone)
        table.add_row(key.id, key.principal, may, _state(key), until)
    Console(highlight=False).print(table)


def rotate(
    key_id: str = typer.Argument(metavar="ID", help="The key to replace."),
    overlap: int = typer.Option(
        7, min=0, max=366, help="Days that the old one is still good; 0: it ends now."
    ),
    expires: str = EXPIRES,
    file: Path = FILE,
    city: Path | None = CITY,
) -> None:
    """Make a key that speaks for the same and may do the same, and let the old one run out.

    Examples:

      hutong key rotate app-1 --overlap 14
    """
    from hutong.key_file import format_time, key_named, with_field, with_key
    from hutong.keys import hash_of, new_secret

    zone, secret = ZoneInfo(_city(city).timezone), new_secret()
    now, until = _now(), _until(expires)
    done: list[Key] = []

    def swap(text: str, ring: "KeyRing") -> str:
        old = key_named(ring, key_id)
        if (state := _state(old)) != "good":
            give_up(f"the key {key_id!r} is {state}: make a new one with `hutong key create`")
        end = now - now % 1000 + overlap * _DAY
        ending = replace(old, expires_at=min(end, old.expires_at or end))
        name = _free_id(re.sub(r"-\d+$", "", key_id), ring)
        new = replace(old, id=name, sha256=hash_of(secret), not_before=None, expires_at=until)
        done.extend((ending, new))
        text = with_field(text, ending, "expires_at", zone, str(file))
        return with_key(text, new, zone, str(file))

    _change(file, swap)
    ending, new = done
    _tell(new, secret, zone, file)
    typer.echo(f"{key_id} is good until {format_time(ending.expires_at or now, zone)}.", err=True)


def revoke(
    key_id: str = typer.Argument(metavar="ID", help="The key that must stop working."),
    file: Path = FILE,
    city: Path | None = CITY,
) -> None:
    """Make a key useless, from now on and for ever. The entry stays, so that its id is not reused.

    Examples:

      hutong key revoke app-1
    """
    from hutong.key_file import key_named, with_field

    zone = ZoneInfo(_city(city).timezone)

    def end(text: str, ring: "KeyRing") -> str:
        key = replace(key_named(ring, key_id), revoked=True)
        return with_field(text, key, "revoked", zone, str(file))

    _change(file, end)
    typer.echo(f"{key_id} is revoked; intake refuses it within a second.")


def _change(file: Path, change: "Callable[[str, KeyRing], str]") -> None:
    from hutong.key_file import KeyChangeError, change_file, keys_in
    from hutong.keys import KeysError

    try:
        change_file(file, lambda text: change(text, keys_in(text, str(file))))
    except KeyChangeError as error:
        give_up(str(error))
    except KeysError as error:
        give_up(f"{file} has faults, nothing was changed:\n{error}")
    except OSError as error:
        give_up(f"{file} cannot be written: {error.strerror}")


def _tell(key: "Key", secret: str, zone: ZoneInfo, file: Path) -> None:
    from hutong.key_file import format_time

    until = "for ever" if key.expires_at is None else f"until {format_time(key.expires_at, zone)}"
    may = ", ".join(sorted(key.may))
    typer.echo(
        f"{key.id} speaks for {key.principal}, may {may}, {until} (in {file}).\n"
        "Its secret is shown this once and kept nowhere; send it as `Authorization: Bearer …`:",
        err=True,
    )
    # Standard output holds the secret alone, so that it can go straight into a file.
    sys.stdout.write(f"{secret}\n")


def _state(key: "Key") -> str:
    now = _now()
    if key.revoked:
        return "revoked"
    if key.expires_at is not None and now >= key.expires_at:
        return "expired"
    return "good" if key.is_good(now) else "not good yet"


def _free_id(stem: str, ring: "KeyRing") -> str:
    taken = {key.id for key in ring}
    return next(name for n in range(1, len(taken) + 2) if (name := f"{stem}-{n}") not in taken)


def _until(text: str) -> int | None:
    if text == "never":
        return None
    now = _now()
    if found := _DURATION.fullmatch(text):
        end = now - now % 1000 + int(found[1]) * _DAY
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            give_up(
                f"--expires {text!r} is neither days (365d), nor a time with its zone "
                "(2027-01-01T00:00+08:00), nor never",
                EXIT_USAGE,
            )
        end = int(moment.timestamp()) * 1000
    if end <= now:
        give_up(f"--expires {text!r} is over already", EXIT_USAGE)
    return end


def _city(path: Path | None) -> "City":
    from hutong.city import CityError, load_city

    try:
        return load_city(path)
    except CityError as error:
        give_up(f"the city pack has faults:\n{error}", EXIT_USAGE)


def _principal(
    city: "City", channel: str | None, department: str | None, desk: bool
) -> tuple[str, str]:
    """Whom a key speaks for, and the stem of its name; ends the command where that is unclear."""
    if sum((channel is not None, department is not None, desk)) != 1:
        give_up("name one of --channel, --department and --desk", EXIT_USAGE)
    if channel is not None:
        if channel not in (channels := _channels(city)):
            give_up(
                f"there is no channel {channel!r}; there are: {', '.join(channels)}", EXIT_USAGE
            )
        return f"channel:{channel}", channel
    if department is not None:
        if department not in city.departments:
            names = ", ".join(city.departments)
            give_up(f"there is no department {department!r}; there are: {names}", EXIT_USAGE)
        return f"dept:{department}", department
    return "desk", "desk"


def _channels(city: "City") -> list[str]:
    """Those that report over HTTP: whose received time is the broker's."""
    from hutong.events.topics import load_topics, reports_topic

    topics = load_topics(city.departments)
    found = ((code, topics.get(reports_topic(code))) for code in topics.channels)
    return [code for code, topic in found if topic is not None and topic.received == "append"]


def _minute(millis: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(millis / 1000, zone):%Y-%m-%d %H:%M}"


def _now() -> int:
    return time.time_ns() // 1_000_000
