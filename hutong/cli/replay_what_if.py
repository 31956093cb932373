"""`hutong replay what-if`: what another city pack would have made of the same history."""

import contextlib
import json
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from hutong.cli.ending import give_up
from hutong.cli.instant import instant_of
from hutong.cli.replay_progress import Shown
from hutong.cli.replay_source import ARCHIVE, reading
from hutong.settings import EXIT_USAGE

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.replay.what_if import WhatIf


def register(replay: typer.Typer) -> None:
    """Add the command of this module to `hutong replay`."""
    replay.command("what-if")(what_if)


def what_if(
    pack: Path = typer.Option(..., "--pack", metavar="DIR", help="The city pack to try."),
    start: str = typer.Option(..., "--from", metavar="TIME", help="Reports received from then on,"),
    end: str = typer.Option(..., "--to", metavar="TIME", help="and before then."),
    archive: str | None = ARCHIVE,
    csv: Path | None = typer.Option(None, "--csv", help="Every issue that differs, as CSV."),
    html: Path | None = typer.Option(None, "--html", help="All of it, as one page."),
    english: bool = typer.Option(False, "--en", help="The table in English."),
    as_json: bool = typer.Option(False, "--json", help="As JSON; times in milliseconds UTC."),
) -> None:
    """Replay real reports through another city pack, and show what would differ.

    Duty list, gate, departments, clocks, calendar and reasons are the pack's; the acts are the real
    ones at their real times, up to the end of the log. Issues that were returned or reclassified
    are told apart: there, people found the first answer wrong. Hours saved are an upper bound.
    Writes nothing but the files that are named.

    Exit code 0: compared. 1: the log cannot be read. 2: refused: no such pack or range, or no room.

    Example: hutong replay what-if --pack my-pack --from 2026-11-01 --to 2026-12-01 --html out.html
    """
    from hutong.city import CityError, load_city
    from hutong.issue.rules import Rules
    from hutong.replay.what_if import EmptyRangeError
    from hutong.replay.what_if import what_if as run
    from hutong.replay.what_if_pages import to_csv, to_html

    try:
        city = load_city(pack)
    except CityError as error:
        give_up(f"{pack} is no city pack:\n{error}", EXIT_USAGE)
    zone = ZoneInfo(city.timezone)
    since, until = instant_of(start, zone, "--from"), instant_of(end, zone, "--to")
    if since >= until:
        give_up(f"--from {start} is not before --to {end}", EXIT_USAGE)
    shown = Shown()
    with reading(archive) as (source, packs):
        try:
            rules = Rules.over(packs.known)
            found = run(source, rules, city, start=since, end=until, watch=shown.watch)
        except EmptyRangeError as error:
            give_up(f"no report was received then: {_valid(error, zone)}", EXIT_USAGE)
        finally:
            shown.end()
    for file, write in ((csv, to_csv), (html, to_html)):
        if file is not None:
            _write(file, write(found, city))
    if as_json:
        typer.echo(_json(found))
    else:
        print_what_if(found, city, int(english))


def _valid(error: Exception, zone: ZoneInfo) -> str:
    from datetime import UTC, datetime

    from hutong.replay.what_if import EmptyRangeError

    assert isinstance(error, EmptyRangeError)
    if error.first is None or error.last is None:
        return "the log holds none"
    first, last = (
        f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(zone):%Y-%m-%dT%H:%M:%S}"
        for at in (error.first, error.last)
    )
    return f"the log's are from {first} to {last}"


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all: the name appears when all is written."""
    half = file.with_name(f"{file.name}.part-{secrets.token_hex(4)}")
    try:
        half.write_bytes(content)
        half.replace(file)
    except OSError as error:
        give_up(f"{file} cannot be written: {error.strerror}", EXIT_USAGE)
    finally:
        with contextlib.suppress(OSError):  # it is not there, or never could be
            half.unlink()


def _json(found: "WhatIf") -> str:
    told = {
        "pack": found.pack,
        "from": found.start,
        "to": found.end,
        "offsets": dict(sorted(found.offsets.items())),
        "reports": found.reports,
        "right": found.right,
        "right_then": found.right_then,
        "late": {name: {"was": was, "then": then} for name, (was, then) in found.late.items()},
        "refused": found.refused,
        "saved_ms": found.saved_ms,
        "flows": [
            {"lead": lead, "lead_then": then, "issues": count, "corrected": wrong}
            for lead, then, count, wrong in found.flows
        ],
        "differences": [
            asdict(each) | {"corrected": each.corrected, "agrees": each.agrees}
            for each in found.differences
        ],
    }
    return json.dumps(told, ensure_ascii=False)


def print_what_if(found: "WhatIf", city: "City", language: int) -> None:
    """Print the figures and where issues would go; Chinese (0) or English (1)."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from hutong.replay.what_if_pages import department, offsets, summary

    console = Console(highlight=False)
    drawn = Table(box=None, pad_edge=False, show_header=False)
    drawn.add_column()
    drawn.add_column(justify="right")
    for zh, en, figure in summary(found):
        drawn.add_row((zh, en)[language], figure)
    console.print(drawn)
    console.print(("日志读至 ", "log read up to ")[language] + offsets(found), style="dim")
    if not found.flows:
        return
    names = (
        ("实际", "新规则", "件数", "曾退单/改类"),
        ("as it was", "by the pack", "issues", "corrected"),
    )[language]
    flows = Table(box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(names):
        flows.add_column(name, justify="right" if number > 1 else "left")
    for lead, then, count, wrong in found.flows:
        leads = (escape(department(city, code, language)) for code in (lead, then))
        flows.add_row(*leads, str(count), str(wrong))
    console.print()
    console.print(flows)
