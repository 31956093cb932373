"""`hutong up | down | status | logs`: the local stack, a real Kafka and PostgreSQL without Docker.

Imports only base dependencies at the top; `hutong.local` (extra `local`) inside the commands.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hutong.cli.ending import give_up
from hutong.settings import EXIT_FAILED, EXIT_USAGE

if TYPE_CHECKING:
    from hutong.local.stack import Stack
    from hutong.local.state import StackStatus

_STOP_SECONDS = 90.0
"""More than every child's own bounds together; a stack normally stops in one to six seconds."""

DATA = typer.Option(
    Path(".hutong"), "--data", envvar="HUTONG_DATA", help="The folder that keeps everything."
)

SECURE = typer.Option(
    False, "--secure", help="Kafka asks everybody who they are; each service has its own rights."
)

DATABASE_URL = typer.Option(
    None,
    envvar="HUTONG_DATABASE_URL",
    help="A database to use as it is; it is migrated, but never wiped or stopped.",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("logs")(logs)


def up(
    data: Path = DATA,
    brokers: int = typer.Option(1, help="Kafka brokers: 1, or 3 for replicated records."),
    secure: bool = SECURE,
    only: str = typer.Option(
        "", help="Start only these parts, separated by commas: kafka,postgres,intake,router,..."
    ),
    port: list[str] = typer.Option(
        [], metavar="NAME=PORT", help="A port that must be used: web=8080, kafka-1=9092, ..."
    ),
    database_url: str | None = DATABASE_URL,
    city: Path | None = typer.Option(
        None, envvar="HUTONG_CITY", help="City pack folder; default: built in."
    ),
    detach: bool = typer.Option(False, "--detach", "-d", help="Return once everything is up."),
) -> None:
    """Start Kafka, PostgreSQL and every service on this machine; Ctrl-C stops them.

    The data stays in the folder, so the next `up` goes on where this one ended.

    Examples:

      hutong up

      hutong up --detach --data /srv/hutong --brokers 3

      hutong up --secure

      hutong up --only kafka,postgres --port kafka-1=9092
    """
    from hutong.local.errors import LocalStackError

    ports = _ports(port)
    try:
        stack = _stack(data, brokers, secure, only, ports, database_url, city)
    except LocalStackError as error:
        give_up(str(error), EXIT_USAGE)
    try:
        if detach:
            stack.folder.open()
            _detach(stack, brokers, secure, only, port, database_url, city)
        else:
            _foreground(stack)
    except LocalStackError as error:
        give_up(str(error))


def down(
    data: Path = DATA,
    wipe: bool = typer.Option(
        False, "--wipe", help="Remove the data folder too (only one that Hutong made)."
    ),
) -> None:
    """Stop the stack of a data folder.

    Examples:

      hutong down

      hutong down --wipe --data /tmp/try-out
    """
    from hutong.local.errors import LocalStackError
    from hutong.local.folder import DataFolder
    from hutong.local.stack import end_leftovers

    folder = DataFolder(data)
    if not folder.is_ours():
        if wipe and folder.path.exists():
            give_up(f"{folder.path} was not made by Hutong: nothing was removed.")
        typer.echo(f"There is no stack in {folder.path}.")
        return
    try:
        if (pid := folder.holder()) is not None:
            _stop(pid)
            typer.echo("Stopped.")
        else:
            folder.lock()
            ended = end_leftovers(folder.path, typer.echo)
            folder.unlock()
            typer.echo("Stopped what was left." if ended else "Nothing was running.")
        if wipe:
            folder.wipe()
            typer.echo(f"Removed {folder.path}.")
    except LocalStackError as error:
        give_up(str(error))


def status(
    data: Path = DATA,
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """Show every process of the stack; exit code 1 when something is not up.

    Examples:

      hutong status

      hutong status --json
    """
    from hutong.cli.stack_view import as_seen_now, print_status, status_json
    from hutong.local.state import read_state

    found = read_state(data)
    if found is None:
        give_up(f"There is no stack in {data.resolve()}. Start one with `hutong up`.")
    found = as_seen_now(found)
    if as_json:
        typer.echo(status_json(found))
    else:
        print_status(found)
    if not found.is_up():
        raise typer.Exit(EXIT_FAILED)


def logs(
    name: str | None = typer.Argument(None, help="kafka-1, postgres, intake, ...; default: all."),
    data: Path = DATA,
    lines: int = typer.Option(20, "-n", "--lines", min=0, help="Last lines of each log."),
    follow: bool = typer.Option(False, "-f", "--follow", help="Go on as the logs grow."),
) -> None:
    """Print what the processes of the stack have said.

    Examples:

      hutong logs router -f

      hutong logs -n 5
    """
    from hutong.cli.stack_view import follow_logs, print_logs

    folder = data / "logs"
    files = sorted(folder.glob("*.log"))
    if name is not None:
        files = [file for file in files if file.stem == name]
    if not files:
        known = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or "none"
        give_up(f"There is no log {name or ''} in {folder}. Logs there: {known}.", EXIT_USAGE)
    places = print_logs(files, lines)
    if follow:
        follow_logs(places)


def _stack(
    data: Path,
    brokers: int,
    secure: bool,
    only: str,
    ports: dict[str, int],
    database_url: str | None,
    city: Path | None,
) -> Stack:
    from hutong.local.ports import PREFERRED
    from hutong.local.stack import PARTS, Stack

    parts = tuple(part.strip() for part in only.split(",") if part.strip()) or PARTS
    return Stack(
        data,
        brokers=brokers,
        secure=secure,
        only=parts,
        ports=ports,
        preferred=PREFERRED,
        database_url=database_url,
        city=city,
        say=typer.echo,
    )


def _foreground(stack: Stack) -> None:
    from hutong.local.signals import StopRequested, stop_on_signals

    with stop_on_signals():
        try:
            stack.start()
            _say_addresses(stack.status())
            typer.echo("Ctrl-C stops everything; the data stays.")
            while True:
                stack.wait(1.0)
        except StopRequested as request:
            typer.echo(f"Stopping ({request}) ...")
        finally:
            stack.stop()
    typer.echo(f"Stopped. The data is in {stack.data}.")


def _detach(
    stack: Stack,
    brokers: int,
    secure: bool,
    only: str,
    port: list[str],
    database_url: str | None,
    city: Path | None,
) -> None:
    """Run `hutong up` as a process of its own and wait until it is up or has given up."""
    from hutong.local.errors import LocalStackError
    from hutong.local.process import last_lines
    from hutong.local.state import read_state

    if (pid := stack.folder.holder()) is not None:
        give_up(f"A stack is already running in {stack.data} (process {pid}).")
    command = [sys.executable, "-m", "hutong.cli.main", "up", "--data", str(stack.data)]
    command += ["--brokers", str(brokers), "--only", only]
    command += [word for one in port for word in ("--port", one)]
    command += ["--secure"] if secure else []
    command += ["--city", str(city.resolve())] if city else []
    environment = dict(os.environ)
    if database_url:  # not on the command line, where every user of the machine could read it
        environment["HUTONG_DATABASE_URL"] = database_url
    log = stack.log("up")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
    while process.poll() is None:
        state = read_state(stack.data)
        if state and state.supervisor and state.supervisor.pid == process.pid and state.is_up():
            _say_addresses(state)
            typer.echo("Running in the background: hutong status | logs | down")
            return
        time.sleep(0.1)
    raise LocalStackError("The stack did not start:", last_lines(log, 30))


def _stop(pid: int) -> None:
    from hutong.local.state import Identity

    supervisor = Identity.of(pid)
    if supervisor is None:
        return
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + _STOP_SECONDS
    while supervisor.is_alive():
        if time.monotonic() > until:
            give_up(
                f"The stack (process {pid}) has not stopped within {_STOP_SECONDS:.0f} s.\n"
                f"Remedy: kill -9 {pid} (its processes end with it), then `hutong down` again."
            )
        time.sleep(0.05)


def _ports(words: list[str]) -> dict[str, int]:
    ports = {}
    for word in words:
        name, _, number = word.partition("=")
        if not number.isdecimal() or not 0 < int(number) < 65536:
            give_up(f"--port wants NAME=PORT, such as web=8080, not {word!r}.", EXIT_USAGE)
        ports[name] = int(number)
    return ports


def _say_addresses(found: StackStatus) -> None:
    for name, address in found.addresses.items():
        typer.echo(f"  {name:<12} {address}")
