"""`hutong outbox`: what a device still has to send, what was refused and why, how to mend it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hutong.cli.ending import give_up
from hutong.settings import EXIT_FAILED, EXIT_USAGE

if TYPE_CHECKING:
    from hutong.sdk.outbox import Outbox
    from hutong.sdk.receipt import Receipt

_FILE = typer.Option(..., "--outbox", "-o", envvar="HUTONG_OUTBOX", help="The outbox's file.")
_EVENT = typer.Argument(metavar="EVENT_ID", help="As `list` shows it; its first digits will do.")
_AS_JSON = typer.Option(False, "--json", help="As JSON lines.")

#: Who reported it: shown only when asked for.
_HIDDEN = "reporter"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    outbox = typer.Typer(
        no_args_is_help=True, help="The SDK's outbox: what waits, what was refused, how to mend it."
    )
    outbox.command("list")(list_messages)
    outbox.command("show")(show)
    outbox.command("requeue")(requeue)
    outbox.command("discard")(discard)
    outbox.command("export")(export)
    outbox.command("import")(import_lines)
    app.add_typer(outbox, name="outbox")


def list_messages(
    file: Path = _FILE,
    everything: bool = typer.Option(False, "--all", help="Accepted ones of the last days too."),
    as_json: bool = _AS_JSON,
) -> None:
    """List what is not in the log yet, in the order in which it was said, and why it waits.

    Examples: hutong outbox list -o outbox.db; hutong outbox list -o outbox.db --all --json
    """
    from hutong.sdk.receipt import State

    with _opened(file) as outbox:
        states = () if everything else (State.QUEUED, State.DEAD)
        receipts = outbox.receipts(*states, limit=100_000)
    if as_json:
        for receipt in receipts:
            typer.echo(json.dumps(_plain(receipt), ensure_ascii=False))
        return
    if not receipts:
        typer.echo("没有待发的内容 nothing waits")
    for receipt in receipts:
        typer.echo(_line(receipt))


def show(
    event_id: str = _EVENT,
    file: Path = _FILE,
    with_reporter: bool = typer.Option(False, help="Show who reported it, too."),
) -> None:
    """Show one message: its state, why it waits or was refused, and what it says.

    Example: hutong outbox show 01a21617 -o outbox.db
    """
    with _opened(file) as outbox:
        receipt = _one(outbox, event_id)
        draft = outbox.draft(receipt.event_id)
    typer.echo(_line(receipt))
    if receipt.problem is not None:
        typer.echo(f"\n{receipt.problem}")
        if receipt.problem.request_id:
            typer.echo(f"request id: {receipt.problem.request_id}")
    if draft is not None:
        body = json.loads(draft.body)
        if _HIDDEN in body and not with_reporter:
            body[_HIDDEN] = "（--with-reporter）"
        typer.echo(f"\n{json.dumps(body, ensure_ascii=False, indent=2)}")


def requeue(
    event_id: str | None = typer.Argument(None, metavar="EVENT_ID", help="Or --all."),
    file: Path = _FILE,
    every: bool = typer.Option(False, "--all", help="Every message that was refused."),
    changes: list[str] = typer.Option(
        [], "--set", metavar="FIELD=VALUE", help="Change a field first; an empty value removes it."
    ),
) -> None:
    """Send what was refused again, mended or as it is.

    VALUE is JSON where it reads as such, else text.

    Examples: hutong outbox requeue 01a21617 -o outbox.db --set area=east;
    hutong outbox requeue --all -o outbox.db
    """
    from hutong.sdk.receipt import State

    if every == (event_id is not None) or (every and changes):
        give_up("say one EVENT_ID, with --set if it must change, or --all", EXIT_USAGE)
    with _opened(file) as outbox:
        if event_id is None:
            dead = outbox.receipts(State.DEAD, limit=100_000)
        else:
            dead = [_one(outbox, event_id)]
        count = sum(_requeue(outbox, receipt, changes) for receipt in dead)
    typer.echo(f"{count} 件重新待发 queued again")
    if event_id is not None and not count:
        raise typer.Exit(EXIT_FAILED)


def discard(event_id: str = _EVENT, file: Path = _FILE) -> None:
    """Give up a message that was refused, for good. What it held back is sent then.

    Example: hutong outbox discard 01a21617 -o outbox.db
    """
    with _opened(file) as outbox:
        receipt = _one(outbox, event_id)
        if not outbox.discard(receipt.event_id):
            give_up(f"{receipt.event_id} is {receipt.state}: only what was refused can be given up")
    typer.echo(f"已放弃 given up: {receipt.event_id}")


def export(file: Path = _FILE) -> None:
    """Write what is not in the log yet as JSON lines: to carry to a device that has a network.

    They hold personal data. Ids stay the same, so it does no harm when both devices send.

    Example: hutong outbox export -o outbox.db > carried.ndjson
    """
    with _opened(file) as outbox:
        for line in outbox.export():
            typer.echo(line)


def import_lines(
    lines: Path = typer.Argument(metavar="FILE", help="What `export` wrote; - is standard input."),
    file: Path = _FILE,
) -> None:
    """Put exported messages into an outbox; those that it has already stay as they are.

    Example: hutong outbox import carried.ndjson -o outbox.db
    """
    from hutong.sdk.draft import draft_of
    from hutong.sdk.errors import InvalidError

    text = sys.stdin.read() if str(lines) == "-" else lines.read_text("utf-8")
    count = 0
    with _opened(file) as outbox:
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
                draft = draft_of(found["event_id"], found["issue_id"], found["verb"], found["body"])
                outbox.put(draft)
            except (ValueError, KeyError, TypeError):
                give_up(f"{lines}, line {number}: not a line of `hutong outbox export`")
            except InvalidError as error:
                give_up(f"{lines}, line {number}: {error}")
            count += 1
    typer.echo(f"{count} 件已放入 put in")


def _requeue(outbox: "Outbox", receipt: "Receipt", changes: list[str]) -> bool:
    from hutong.sdk.draft import draft_of

    draft = outbox.draft(receipt.event_id)
    if draft is None or not changes:
        return outbox.requeue(receipt.event_id)
    body: dict[str, Any] = json.loads(draft.body)
    for change in changes:
        path, separator, text = change.partition("=")
        if not separator:
            give_up(f"--set {change}: say FIELD=VALUE", EXIT_USAGE)
        *parents, name = path.split(".")
        place = body
        for parent in parents:
            place = place.setdefault(parent, {})
        if text:
            place[name] = _value(text)
        else:
            place.pop(name, None)
    mended = draft_of(draft.event_id, draft.issue_id, draft.verb, body)
    return outbox.requeue(receipt.event_id, mended)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _one(outbox: "Outbox", start: str) -> "Receipt":
    found = [r for r in outbox.receipts(limit=100_000) if r.event_id.startswith(start)]
    if len(found) != 1:
        give_up(f"{len(found)} messages begin with {start}; `hutong outbox list` shows them")
    return found[0]


@contextmanager
def _opened(file: Path) -> Iterator["Outbox"]:
    from hutong.sdk.errors import HutongError
    from hutong.sdk.outbox import Outbox

    try:
        if not file.exists():
            give_up(f"there is no outbox {file}", EXIT_USAGE)
        outbox = Outbox(file)
        try:
            yield outbox
        finally:
            outbox.store.close()
    except HutongError as error:
        give_up(str(error))


def _line(receipt: "Receipt") -> str:
    line = f"{receipt.event_id}  {receipt.state:<8}  {receipt.verb}"
    if receipt.number:
        line += f"  {receipt.number}"
    if receipt.problem is not None:
        status = f" {receipt.problem.status}" if receipt.problem.status else ""
        line += f"\n    {receipt.problem.code}{status}, {receipt.attempts}×: {receipt.problem.zh}"
        line += f" {receipt.problem.en}"
    if receipt.held_by is not None:
        line += f"\n    等待同一诉求的前一条 waits for the one before it: {receipt.held_by}"
    return line


def _plain(receipt: "Receipt") -> dict[str, Any]:
    return {
        "event_id": receipt.event_id,
        "issue_id": receipt.issue_id,
        "verb": receipt.verb,
        "state": receipt.state.value,
        "number": receipt.number,
        "received_at": receipt.received_at,
        "attempts": receipt.attempts,
        "held_by": receipt.held_by,
        "problem": receipt.problem.to_plain() if receipt.problem else None,
    }
