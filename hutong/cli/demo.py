"""`hutong demo`: everything on this machine, fed and shown."""

import time
from pathlib import Path

import typer

from hutong.cli.environment import command_in_use
from hutong.cli.stack import DATABASE_URL
from hutong.settings import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE

_YEAR = 364
_HISTORY = 3_000
_PER_DAY = 400
"""As many as a busy district has."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("demo")(demo)


def demo(
    leave: bool = typer.Option(False, "--exit", help="End the stack when all is shown."),
    input_file: Path | None = typer.Option(
        None, "--input", help="CSV or CSV.gz of messages, instead of generated reports."
    ),
    data: Path = typer.Option(Path(".hutong"), help="Folder that keeps everything."),
    brokers: int = typer.Option(1, help="1 or 3."),
    secure: bool = typer.Option(
        False,
        "--secure",
        help="Kafka asks everybody who they are; each service has its own rights.",
    ),
    history: int | None = typer.Option(
        None, min=1, help=f"Simulated reports; {_HISTORY:,} in a year where nothing is said."
    ),
    days: int | None = typer.Option(
        None, min=1, max=3_650, help="Simulate so many days up to last midnight."
    ),
    per_day: int | None = typer.Option(
        None, min=1, help=f"Simulated reports a day; {_PER_DAY} where only --days is said."
    ),
    live: int = typer.Option(400, min=1, help="Live reports posted to intake."),
    rate: float = typer.Option(100.0, min=0.1, help="Live reports a second."),
    seed: int = typer.Option(2026, help="Of the simulated year."),
    database_url: str | None = DATABASE_URL,
    city: Path | None = typer.Option(
        None, envvar="HUTONG_CITY", help="City pack folder; default: built in."
    ),
) -> None:
    """Start Kafka, PostgreSQL and every service; feed reports in; show what came of them.

    Runs until Ctrl-C; nothing is left running then, and the data stays in the folder. Exit code 0:
    log and read models agree; 130: it was stopped before that was known.

    Examples: `hutong demo` | `hutong demo --exit` | `hutong demo --days 30` |
    `hutong demo --input messages.csv.gz`
    """
    from rich.console import Console

    from hutong.demo.feed import DemoFailedError
    from hutong.demo.run import DemoPlan, print_addresses, run_demo
    from hutong.importer.messages import MessagesError
    from hutong.kafka.send import NotConfirmedError
    from hutong.local.errors import LocalStackError
    from hutong.local.signals import StopRequested, stop_on_signals
    from hutong.local.stack import Stack

    console = Console(highlight=False)
    if input_file is not None and not input_file.is_file():
        typer.echo(f"hutong: there is no file {input_file}", err=True)
        raise typer.Exit(EXIT_USAGE)
    plan = DemoPlan(
        data=data, input=input_file, brokers=brokers, city=city,
        history=simulated_reports(history, days, per_day), days=days or _YEAR, live=live,
        per_second=rate, seed=seed,
    )  # fmt: skip
    try:
        stack = Stack(
            data,
            brokers=brokers,
            secure=secure,
            database_url=database_url,
            city=city,
            say=console.print,
        )
    except LocalStackError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    started = time.monotonic()
    agrees: bool | None = None
    try:
        with stop_on_signals(), stack:
            console.print(f"everything is up after {time.monotonic() - started:.1f} s\n")
            agrees = run_demo(plan, stack, console)
            console.print(f"\nall done after {time.monotonic() - started:.1f} s\n")
            if not leave:
                print_addresses(console, stack, command_in_use())
                console.print("\nCtrl-C ends it; the data stays.")
                _until_interrupted(stack)
    except StopRequested:
        console.print("stopped; nothing is left running")
    except (DemoFailedError, NotConfirmedError, LocalStackError) as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    except MessagesError as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    if agrees is None:
        raise typer.Exit(EXIT_INTERRUPTED)
    if not agrees:
        typer.echo("hutong: log and read models do not agree", err=True)
        raise typer.Exit(EXIT_FAILED)
    if leave:
        console.print("nothing is left running; to start it again with this data:")
        console.print(f"  {command_in_use()} up --data {data}", soft_wrap=True)


def simulated_reports(history: int | None, days: int | None, per_day: int | None) -> int:
    """How many reports the options ask for."""
    if history is not None:
        return history
    if days is None and per_day is None:
        return _HISTORY
    return (days or _YEAR) * (per_day or _PER_DAY)


def _until_interrupted(stack: object) -> None:
    from hutong.local.stack import Stack

    assert isinstance(stack, Stack)
    while True:
        stack.wait(1.0)
