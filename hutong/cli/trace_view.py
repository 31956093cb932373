"""How the chain of one issue is printed on a terminal of 80 columns."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from hutong.replay.history import History, Link

_LABEL = 10


def print_trace(console: Console, found: "History", zone: ZoneInfo) -> None:
    """Print every record with all that is known of it, in the order of the log."""
    for number, link in enumerate(found.links, 1):
        head = Text(f"{number:>3}  {link.record.name}  ", "bold")
        head.append(link.outcome, "red" if link.reason else "green")
        console.print(head)
        for label, value in _facts(link, zone):
            console.print(Text(f"     {label:{_LABEL}} {value}"), soft_wrap=True)
    state = found.state
    if state is not None:
        console.print(f"\nstatus {state.status}, hop {state.hop}, lead {state.lead or 'nobody'}")
    refused = sum(link.outcome == "refused" for link in found.links)
    console.print(f"{len(found.links)} records, {refused} refused; times: {zone.key}")


def _facts(link: "Link", zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    record = link.record
    yield "place", f"issues/{record.partition}/{record.offset}"
    yield "input", f"{record.source}, written by {record.principal}, {record.origin}"
    if record.redriven:
        yield "redriven", f"{record.redriven}: it was a dead letter at first"
    yield "by", record.body["head"]["actor"]
    for label, millis in (
        ("occurred", record.occurred_at),
        ("received", record.received_at),
        ("recorded", record.recorded_at),
    ):
        counts = "  clocks go by it" if millis == record.counts_at and label != "occurred" else ""
        yield label, f"{_moment(millis, zone)}{counts}"
    yield "event", record.event_id
    if record.causation_id:
        yield "answers", record.causation_id
    pack, model = record.body.get("pack"), record.body.get("model")
    yield "rules", record.rules + (f", pack {pack}, model {model}" if pack else "")
    if link.reason:
        yield "because", f"{link.reason}: {link.detail}" if link.detail else link.reason
    if link.judged_at != record.offset:
        yield "judged", f"when issues/{record.partition}/{link.judged_at} had come"


def _moment(millis: int, zone: ZoneInfo) -> str:
    moment = datetime.fromtimestamp(millis // 1000, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{millis % 1000:03}"
