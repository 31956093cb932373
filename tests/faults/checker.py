"""Holds the promises of delivery against a history. Pure.

| | promise | violations |
|---|---|---|
| I1 | what was answered with *ok* is in the log, as it was sent | lost, altered |
| I2 | each event is in the read models once; sums are those of the log | twice, stale, sums-wrong |
| I3 | the order of one sender's acts on an issue is the journal's; state is the fold | swapped |
| I4 | what was refused is nowhere; what is unknown, at most once; nothing is from nowhere | refused-in-log, phantom |
| I5 | a rebuild gives the live tables | rebuilt-differs |
| I6 | in = applied + refused + waiting + repeats + dead letters, per partition | unaccounted |
| I7 | each record of the log names an input that is there, and when it came | unfounded |
| I8 | each dispatch is one order on one department's topic | dispatched-twice, undispatched |
| I9 | what was harmed has recovered in time | late |
| I10 | nobody's personal data is readable | personal-data |
"""  # noqa: E501

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.faults.facts import History, Logged, Place, Sent, Tables

_DISPATCHED: Final = "hutong.issue.IssueDispatched"
_ORDER: Final = "hutong.orders.OrderIssued"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: which, by what name, and where to look."""

    promise: str
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.promise} {self.name}: {self.what}"


def check(history: History) -> list[Violation]:
    """Every violation, by promise; empty when all is well."""
    return [violation for each in _CHECKS for violation in each(history)]


def _accepted(history: History) -> Iterator[Violation]:
    """I1."""
    at = {record.place: record for record in history.inputs}
    in_log = {(record.key, record.event_id) for record in history.issues}
    for sent in history.sent:
        if sent.result != "ok":
            continue
        record = None if sent.place is None else at.get(sent.place)
        where = str(sent.place or sent.event_id)
        if record is None or record.event_id != sent.event_id:
            yield Violation("I1", "lost", f"{where} of {sent.sender} is not what was accepted")
        elif sent.mark not in record.marks:
            yield Violation("I1", "altered", f"{where} does not say {sent.mark}")
        if (sent.issue_id, sent.event_id) not in in_log:
            yield Violation("I1", "lost", f"{where}: event {sent.event_id} is not in issues")


def _bytes(history: History) -> Iterator[Violation]:
    """I1: what the router appends of others is their bytes."""
    at = {record.place: record for record in history.inputs}
    for record in history.issues:
        source = None if record.source is None else at.get(record.source)
        if source is None or record.event_id != source.event_id:  # else the router's own
            continue
        if record.value != source.value:
            yield Violation("I1", "altered", f"{record.place} is not as {source.place}")


def _once(history: History) -> Iterator[Violation]:
    """I2: the timeline.

    A report that came in twice by a retry has two places, so its second answer is another event
    under the id of the first: the fold refuses it, and its line says so.
    """
    times = Counter((row.issue_id, row.event_id) for row in history.timeline)
    for (issue_id, event_id), count in _effects(history).items():
        if count > 1:
            yield Violation("I2", "twice", f"{event_id} of {issue_id} took effect {count} times")
    for record in history.issues:
        read = record.place.offset < history.read_to.get(record.place.partition, 0)
        if not read or (record.key, record.event_id) not in times:
            yield Violation("I2", "stale", f"{record.place} is not in the read models")


def _effects(history: History) -> Counter[tuple[str, str]]:
    return Counter(
        (row.issue_id, row.event_id) for row in history.timeline if row.verdict != "refused"
    )


def _sums(history: History) -> Iterator[Violation]:
    """I2: every table is what one fold of the log gives."""
    for what in _differences(history.live, history.folded):
        yield Violation("I2", "sums-wrong", what)


def _order(history: History) -> Iterator[Violation]:
    """I3: only acts whose answer is known have an order; they were sent one after the other."""
    stands: dict[tuple[str, str], tuple[int, int]] = {}
    for row in sorted(history.timeline, key=lambda row: row.offset):
        stands.setdefault((row.issue_id, row.event_id), (row.partition, row.offset))
    last: dict[tuple[str, str], Sent] = {}
    for sent in sorted(history.sent, key=lambda sent: sent.number):
        if sent.result != "ok" or (sent.issue_id, sent.event_id) not in stands:
            continue
        before = last.get((sent.sender, sent.issue_id))
        if before is not None:
            places = [stands[each.issue_id, each.event_id] for each in (before, sent)]
            if places[0] >= places[1]:
                what = f"{sent.event_id} of {sent.issue_id} is before {before.event_id}"
                yield Violation("I3", "swapped", f"{what}, which {sent.sender} sent first")
        last[sent.sender, sent.issue_id] = sent


def _refused(history: History) -> Iterator[Violation]:
    """I4."""
    results = {sent.event_id: sent.result for sent in history.sent}
    for record in history.inputs:
        if record.place.topic not in history.written_by_us or record.place in history.known_bad:
            continue
        if record.event_id not in results:
            yield Violation("I4", "phantom", f"{record.place}: nobody sent {record.event_id}")
        elif results[record.event_id] == "refused":
            yield Violation("I4", "refused-in-log", f"{record.place} was answered with a refusal")


def _rebuilt(history: History) -> Iterator[Violation]:
    """I5."""
    for what in _differences(history.live, history.rebuilt):
        yield Violation("I5", "rebuilt-differs", what)


def _accounted(history: History) -> Iterator[Violation]:
    """I6: every input led to records, orders or a dead letter; every record to a row or repeat."""
    came_of = {record.source for record in (*history.issues, *history.orders)}
    # What was redriven leaves a dead letter behind, and must lead to what any input leads to.
    dead = set(history.dead) - history.redriven
    sums: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for record in history.inputs:
        count = sums[record.place.topic, record.place.partition]
        count["in"] += 1
        count["out"] += record.place in came_of or record.place in dead
        count["both"] += record.place in came_of and record.place in dead
    for (topic, partition), count in sums.items():
        if count["in"] != count["out"] or count["both"]:
            what = f"{topic}/{partition}: {count['in']} in, {count['out']} routed or dead letters"
            yield Violation("I6", "unaccounted", f"{what}, {count['both']} both")
    known = {record.place for record in history.inputs}
    for place in (dead | history.redriven) - known:
        yield Violation("I6", "unaccounted", f"a dead letter names {place}, which is not there")
    yield from _rows_accounted(history)


def _rows_accounted(history: History) -> Iterator[Violation]:
    first: dict[tuple[str, str], str] = {}
    records, repeats = Counter[int](), Counter[int]()
    for record in history.issues:
        records[record.place.partition] += 1
        # Only the same content is a repeat; another under the same id is refused, with a row. Of
        # the router's own the fold asks the id alone (docs/fold.md): what answers a report that
        # intake wrote twice names another receipt.
        known = first.get((record.key, record.event_id))
        repeats[record.place.partition] += known is not None and (
            known == record.value or record.by_router
        )
        first.setdefault((record.key, record.event_id), record.value)
    rows = Counter(row.partition for row in history.timeline)
    for partition in records.keys() | rows.keys():
        if records[partition] != rows[partition] + repeats[partition]:
            what = f"issues/{partition}: {records[partition]} records, {rows[partition]} rows"
            yield Violation("I6", "unaccounted", f"{what}, {repeats[partition]} repeats")


def _founded(history: History) -> Iterator[Violation]:
    """I7."""
    at = {record.place: record for record in history.inputs}
    for record in history.issues:
        source = None if record.source is None else at.get(record.source)
        if source is None:
            yield Violation("I7", "unfounded", f"{record.place} names {record.source} as its input")
        elif source.key != record.key or source.time != record.received:
            what = f"{record.place} says {record.key} at {record.received}"
            yield Violation("I7", "unfounded", f"{what}, {source.place} says otherwise")


def _dispatches(history: History) -> Iterator[Violation]:
    """I8: copies of one order are one order; the hop of an issue is one dispatch."""
    orders: dict[tuple[str, int, str], set[str]] = defaultdict(set)
    topics: dict[str, set[str]] = defaultdict(set)
    contents: dict[tuple[str, Place | None], set[str]] = defaultdict(set)
    sources = set()
    for record in history.orders:
        sources.add(record.source)
        topics[record.event_id].add(record.place.topic)
        contents[record.event_id, record.source].add(record.value)
        if record.name == _ORDER:
            orders[record.key, record.hop, record.place.topic].add(record.event_id)
    for event_id, found in topics.items():
        if len(found) > 1:
            where = ", ".join(sorted(found))
            yield Violation("I8", "dispatched-twice", f"order {event_id} is on {where}")
    for (event_id, source), values in contents.items():
        if len(values) > 1:
            what = f"order {event_id}, made of {source}, has {len(values)} contents"
            yield Violation("I8", "dispatched-twice", what)
    for (issue_id, hop, topic), ids in orders.items():
        if len(ids) > 1:
            what = f"{issue_id}, hop {hop}, has {len(ids)} orders on {topic}"
            yield Violation("I8", "dispatched-twice", what)
    for record in _first_dispatches(history):
        if record.source not in sources:
            yield Violation("I8", "undispatched", f"no department has the order of {record.place}")


def _first_dispatches(history: History) -> Iterator[Logged]:
    """What the router dispatched by itself; later orders come by way of `orders`."""
    at = {record.place: record for record in history.inputs}
    for record in history.issues:
        source = None if record.source is None else at.get(record.source)
        if record.name == _DISPATCHED and source is not None and source.event_id == record.key:
            yield record


def _in_time(history: History) -> Iterator[Violation]:
    """I9."""
    for what, seconds in history.recovered.items():
        if seconds > history.bound:
            yield Violation("I9", "late", f"{what} after {seconds:.1f} s, not {history.bound:g}")


def _private(history: History) -> Iterator[Violation]:
    """I10."""
    for what in history.found_personal:
        yield Violation("I10", "personal-data", what)


def _differences(live: Tables, other: Tables) -> Iterator[str]:
    for table in sorted(live.keys() | other.keys()):
        ours, theirs = Counter(live.get(table, ())), Counter(other.get(table, ()))
        for row, where in [
            *((row, "live only") for row in (ours - theirs)),
            *((row, "not live") for row in (theirs - ours)),
        ][:3]:
            yield f"{table}, {where}: {row[:200]}"


def doubled(history: History) -> int:
    """Events that took effect more than once."""
    return sum(count - 1 for count in _effects(history).values())


def lost(history: History) -> int:
    """Accepted events of which the read models know nothing."""
    there = {(row.issue_id, row.event_id) for row in history.timeline}
    return sum(
        sent.result == "ok" and (sent.issue_id, sent.event_id) not in there for sent in history.sent
    )


def place_of(text: str) -> Place:
    """A place as intake and the router write it; ValueError when it is none."""
    topic, partition, offset = text.rsplit("/", 2)
    return Place(topic, int(partition), int(offset))


_CHECKS: tuple[Callable[[History], Iterator[Violation]], ...] = (
    _accepted,
    _bytes,
    _once,
    _sums,
    _order,
    _refused,
    _rebuilt,
    _accounted,
    _founded,
    _dispatches,
    _in_time,
    _private,
)
