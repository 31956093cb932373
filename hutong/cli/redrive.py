"""`hutong dead-letters redrive`: send again what may be right by now."""

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import typer

from hutong.cli.ending import give_up
from hutong.cli.kafka import kafka_reached
from hutong.settings import EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.deadletters.letter import DeadLetter
    from hutong.deadletters.redrive import RedrivePlan

_PLACE = re.compile(r"(?:(\d{1,9})/)?(\d{1,18})").fullmatch
_LISTED: Final = (
    ("send", "重新投递", "redriven"),
    ("done", "此前已投递", "redriven before"),
    ("back", "投递后又被退回（--again 可再投）", "came back (--again sends them once more)"),
    ("hopeless", "不能投递：过大或无发送方", "cannot be sent: too large, or no sender's"),
)


def redrive(
    places: list[str] | None = typer.Argument(
        None, metavar="PARTITION/OFFSET...", help="As `list` shows them: 0/17, or 17."
    ),
    reason: str | None = typer.Option(None, help="All of this reason, e.g. unknown-schema."),
    topic: str | None = typer.Option(None, help="All from this topic, e.g. reports-app."),
    everything: bool = typer.Option(False, "--all", help="All of them."),
    again: bool = typer.Option(False, "--again", help="Also those that came back from a redrive."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be sent; send nothing."),
    as_json: bool = typer.Option(False, "--json", help="The places and counts as JSON."),
) -> None:
    """Send dead letters again, as they came: after an upgrade, or a city pack that knows more.

    Each goes through the topic `redriven` and counts as received when it first was, in its own
    topic; `hutong replay trace` marks it. What is still wrong becomes a dead letter again, marked
    too. No dead letter is sent twice, however often this runs or is killed: what was sent stands
    in `redriven`. Asks for the Kafka user `redrive`.

    Exit code 0: all that was chosen is sent, now or before. 1: Kafka failed. 2: nothing chosen.

    Examples: hutong dead-letters redrive --reason unknown-schema --dry-run;
    hutong dead-letters redrive 0/17 0/18
    """
    from hutong.deadletters.redrive import NoRedrivenTopicError, plan, send, sent_before
    from hutong.deadletters.settings import RedriveSettings
    from hutong.deadletters.topic import NoSuchLetterError, StrangeLetterError, all_letters
    from hutong.kafka.acls import REDRIVE_GROUPS
    from hutong.kafka.send import NotConfirmedError

    if not (places or reason or topic or everything):
        give_up("say which: places, --reason, --topic, or --all", EXIT_USAGE)
    wanted = {_place(place) for place in places or ()}
    access = read_settings(RedriveSettings).access.quietly()
    try:
        with kafka_reached(access):
            chosen = [
                letter
                for letter in all_letters(access, groups=REDRIVE_GROUPS)
                if (not wanted or letter.place in wanted)
                and reason in (None, letter.burial.reason)
                and topic in (None, letter.burial.source.topic)
            ]
            if lost := wanted - {letter.place for letter in chosen}:
                give_up(f"no such dead letter: {', '.join(sorted(lost))}", EXIT_USAGE)
            found = plan(chosen, sent_before(access), again=again)
            if not dry_run:
                send(access, found.send)
    except (NoRedrivenTopicError, NoSuchLetterError) as error:
        give_up(str(error), EXIT_USAGE)
    except (NotConfirmedError, StrangeLetterError) as error:
        give_up(str(error))
    _print(found, dry_run=dry_run, as_json=as_json)


def _place(text: str) -> str:
    found = _PLACE(text.strip())
    if found is None:
        give_up(f"{text} is no place: 0/17 is partition 0, offset 17", EXIT_USAGE)
    return f"{int(found[1] or 0)}/{int(found[2])}"


def _print(found: "RedrivePlan", *, dry_run: bool, as_json: bool) -> None:
    lists: dict[str, list[DeadLetter]] = {name: getattr(found, name) for name, _, _ in _LISTED}
    if as_json:
        told = {name: [letter.place for letter in letters] for name, letters in lists.items()}
        typer.echo(json.dumps({"dry_run": dry_run, **told}))
        return
    for name, zh, en in _LISTED:
        letters = lists[name]
        if not letters and name != "send":
            continue
        would = (
            ("（试运行，未发送）", " (dry run: nothing sent)")
            if name == "send" and dry_run
            else ("", "")
        )
        typer.echo(f"{len(letters):>7}  {zh}{would[0]} {en}{would[1]}")
        counts = Counter((letter.burial.reason, letter.burial.source.topic) for letter in letters)
        for (reason, topic), count in counts.most_common():
            typer.echo(f"         {count} {reason} {topic}")
