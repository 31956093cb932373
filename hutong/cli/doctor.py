"""`hutong doctor`: looks at a whole installation and says what to do."""

import json
import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from hutong.settings import EXIT_FAILED

if TYPE_CHECKING:
    from hutong.checks import Finding


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("doctor")(doctor)


def doctor(
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """Check software, settings, Kafka, PostgreSQL, city pack, keys and services.

    Changes nothing. Each line is ok, a warning or a fault with its remedy; exit code 1 when there
    is a fault. With HUTONG_PROFILE=production whatever could lose or expose records is a fault.

    Examples:

      hutong doctor

      HUTONG_PROFILE=production hutong doctor --json
    """
    from hutong.checks import faults_of
    from hutong.doctor import examine

    found = []
    for finding in examine(os.environ, time.time_ns() // 1_000_000):
        found.append(finding)
        if not as_json:
            _say(finding)
    faults = faults_of(found)
    if as_json:
        typer.echo(json.dumps([asdict(f) for f in found], ensure_ascii=False, indent=2))
    else:
        warnings = sum(f.level == "warning" for f in found)
        plural = "s" * (len(faults) != 1)
        typer.echo(f"{len(faults)} fault{plural}, {warnings} warning{'s' * (warnings != 1)}")
    if faults:
        raise typer.Exit(EXIT_FAILED)


_COLORS = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW, "fault": typer.colors.RED}


def _say(finding: "Finding") -> None:
    label = typer.style(f"{finding.level.value:<8}", fg=_COLORS[finding.level.value])
    typer.echo(f"{label}{finding.subject}: {finding.text}")
    if finding.remedy:
        typer.echo(f"{'':8}→ {finding.remedy}")
