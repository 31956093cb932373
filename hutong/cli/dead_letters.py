"""`hutong dead-letters`: what did not get into the log, why, from whom, and what to do."""

import json
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from hutong.cli.kafka import kafka_reached
from hutong.cli.redrive import redrive
from hutong.cli.since import earliest_of
from hutong.settings import EXIT_FAILED, EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.deadletters.letter import DeadLetter
    from hutong.kafka.access import KafkaAccess

_PLACE = re.compile(r"(?:(\d{1,9})/)?(\d{1,18})").fullmatch


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    letters = typer.Typer(
        no_args_is_help=True, help="Records that did not get into the log: which, why, what to do."
    )
    letters.command("list")(list_letters)
    letters.command("show")(show)
    letters.command("redrive")(redrive)
    app.add_typer(letters, name="dead-letters")


def list_letters(
    reason: str | None = typer.Option(None, help="Only of this reason, e.g. bad-magic."),
    topic: str | None = typer.Option(None, help="Only from this topic, e.g. reports-app."),
    since: str | None = typer.Option(
        None, help="Only from then on: 30m, 2h, 7d, or a local time such as 2026-06-01T08:00."
    ),
    limit: int = typer.Option(50, min=1, help="Show at most so many, the newest."),
    as_json: bool = typer.Option(False, "--json", help="As JSON lines; times in milliseconds UTC."),
) -> None:
    """List dead letters, newest last, and count them by reason and topic.

    Each has its place in `dead-letters` (for `hutong dead-letters show`), when it was parked, the
    reason, and the topic, partition and offset that it came from.

    Examples: hutong dead-letters list --since 2h; hutong dead-letters list --reason not-allowed
    """
    from hutong.city import load_city
    from hutong.deadletters.settings import DeadLetterSettings
    from hutong.deadletters.topic import all_letters

    settings = read_settings(DeadLetterSettings)
    city = load_city(settings.city)
    zone = ZoneInfo(city.timezone)
    earliest = earliest_of(since, zone, time.time_ns() // 1_000_000)
    newest: deque[DeadLetter] = deque(maxlen=limit)
    counts: Counter[tuple[str, str]] = Counter()
    access = settings.access.quietly()
    with _faults_said(access):
        for letter in all_letters(access):
            burial = letter.burial
            if (
                reason in (None, burial.reason)
                and topic in (None, burial.source.topic)
                and letter.buried_at >= earliest
            ):
                newest.append(letter)
                counts[burial.reason, burial.source.topic] += 1
    if as_json:
        for letter in newest:
            typer.echo(json.dumps(plain(letter, city), ensure_ascii=False))
        return
    _print_list(newest, counts, _shown_in(zone))


def show(
    place: str = typer.Argument(metavar="PARTITION/OFFSET|N", help="As `list` shows it: 0/17, 17."),
    as_json: bool = typer.Option(False, "--json", help="As JSON; times in milliseconds UTC."),
) -> None:
    """Explain one dead letter: what was wrong, where it came from, who may write there, what to do.

    The event is shown where it can be read, without who reported it; else the first bytes.
    """
    from hutong.city import load_city
    from hutong.deadletters.settings import DeadLetterSettings
    from hutong.deadletters.topic import one_letter

    found = _PLACE(place.strip())
    if found is None:
        typer.echo(f"hutong: {place} is no place: 0/17 is partition 0, offset 17", err=True)
        raise typer.Exit(EXIT_USAGE)
    settings = read_settings(DeadLetterSettings)
    city = load_city(settings.city)
    access = settings.access.quietly()
    with _faults_said(access):
        letter = one_letter(access, int(found[1] or 0), int(found[2]))
    told = plain(letter, city)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        typer.echo(as_text(told, _shown_in(ZoneInfo(city.timezone))))


@contextmanager
def _faults_said(access: "KafkaAccess") -> Iterator[None]:
    from hutong.deadletters.topic import NoSuchLetterError, StrangeLetterError

    try:
        with kafka_reached(access):
            yield
    except (NoSuchLetterError, StrangeLetterError) as error:
        typer.echo(f"hutong: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None


def plain(letter: "DeadLetter", city: "City") -> dict[str, Any]:
    """All there is to say of a dead letter, as plain values."""
    from hutong.deadletters.letter import event_of, hex_dump, plain_text
    from hutong.deadletters.words import explain
    from hutong.events.codec import default_codec
    from hutong.events.topics import load_topics

    burial = letter.burial
    topic = load_topics(city.departments).get(burial.source.topic)
    words = explain(burial.reason)
    event = event_of(letter, default_codec())
    value = letter.value
    return {
        "place": letter.place,
        "reason": burial.reason,
        "detail": burial.detail,
        "what": {"zh": words.what.zh, "en": words.what.en},
        "todo": {"zh": words.todo.zh, "en": words.todo.en},
        "topic": burial.source.topic,
        "partition": burial.source.partition,
        "offset": burial.source.offset,
        "writer": topic.writer if topic else None,
        "appended_at": burial.time,
        "buried_at": letter.buried_at,
        "router_version": burial.version,
        "redriven": burial.redriven or None,
        "left_out": burial.left_out or None,
        "key": plain_text(letter.key),
        "headers": [[plain_text(n.encode()), plain_text(v)] for n, v in letter.headers],
        "bytes": None if value is None else len(value),
        "event": event[0] if event else None,
        "body": event[1] if event else None,
        "hex": None if event or value is None else hex_dump(value),
    }


def _shown_in(zone: ZoneInfo) -> Callable[[int], str]:
    def shown(millis: int) -> str:
        moment = datetime.fromtimestamp(millis / 1000, UTC).astimezone(zone)
        return f"{moment:%Y-%m-%d %H:%M:%S}"

    return shown


def as_text(told: dict[str, Any], shown: Callable[[int], str]) -> str:
    """What `show` prints."""
    writer = told["writer"] or "? (the city pack has no such topic)"
    lines = [
        f"{told['place']}  {told['reason']}",
        f"  {told['what']['zh']}",
        f"  {told['what']['en']}",
        f"  {told['detail']}",
        "",
        f"来自 from        {told['topic']}, partition {told['partition']}, offset {told['offset']}",
        f"写入方 writer    {writer}",
        f"入库 appended    {shown(told['appended_at'])}",
        f"搁置 parked      {shown(told['buried_at'])}, router {told['router_version']}",
        f"键 key           {told['key']}",
    ]
    lines += [f"消息头 header    {name}: {value}" for name, value in told["headers"]]
    if told["redriven"]:
        lines.append(f"重投后退回 came back from {told['redriven']}")
    lines += ["", "怎么办 what to do", f"  {told['todo']['zh']}", f"  {told['todo']['en']}", ""]
    if told["left_out"]:
        lines.append(
            f"原件过大，仍在原主题 too large to copy, still in its topic: {told['left_out']}"
        )
    elif told["bytes"] is None:
        lines.append("没有内容 no value")
    elif told["event"]:
        lines.append(f"{told['event']}, {told['bytes']} bytes")
        lines.append(json.dumps(told["body"], ensure_ascii=False, indent=2))
    else:
        lines += [f"{told['bytes']} bytes", told["hex"]]
    return "\n".join(lines)


def _print_list(
    newest: "deque[DeadLetter]", counts: Counter[tuple[str, str]], shown: Callable[[int], str]
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from hutong.deadletters.letter import plain_text
    from hutong.deadletters.words import explain

    console = Console(highlight=False)
    if not counts:
        console.print("没有死信 no dead letters")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("place", "parked", "reason", "from", "detail"):
        table.add_column(name, overflow="fold")
    for letter in newest:
        burial = letter.burial
        detail = plain_text(burial.detail.encode())
        cells = (letter.place, shown(letter.buried_at), burial.reason, str(burial.source), detail)
        table.add_row(*map(Text, cells))
    console.print(table)
    total = counts.total()
    console.print(f"\n{total} 条 dead letters" + (f", {len(newest)} shown" * (total > len(newest))))
    for (reason, topic), count in counts.most_common():
        words = explain(reason).what
        console.print(
            Text(f"{count:>7}  {reason}  {topic}\n         {words.zh}\n         {words.en}")
        )
