"""Collects a history: journals, every topic, the read models, and what a rebuild would give."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer

from hutong.city import load_city
from hutong.deadletters.letter import read_letter
from hutong.events.codec import UndecodableError, default_codec
from hutong.events.deadletter import Burial
from hutong.events.headers import CE_TYPE, PRINCIPAL, RECEIVED, SOURCE
from hutong.events.redriven import Redrive
from hutong.events.topics import DEAD_LETTERS, ISSUES, REDRIVEN, TopicCatalogue
from hutong.issue.record import ROUTER, Record
from hutong.kafka import consumer_config, headers_of
from hutong.kafka.issues import record_reader
from hutong.kafka.lag import topic_ends
from hutong.kafka.read import read_ranges
from hutong.readmodels import CityFacts
from hutong.store import connect, read_offsets
from tests.faults.checker import place_of
from tests.faults.facts import History, Logged, Place, Row, Sent
from tests.fixtures.tables import live_tables, tables_of

Ranges = dict[tuple[str, int], tuple[int, int]]


@dataclass(frozen=True)
class Where:
    """What is to be looked at."""

    kafka: str
    database_url: str
    catalogue: TopicCatalogue
    logs: Path
    environment: Mapping[str, str]


def collect(
    where: Where,
    sent: Sequence[Sent],
    *,
    known_bad: frozenset[Place],
    written_by_us: frozenset[str],
    personal: Sequence[str],
) -> History:
    """Everything as it stands now; nothing may be on its way to the read models any more."""
    inputs, orders = _topics_of(where.catalogue)
    ends = topic_ends(where.kafka, [*inputs, *orders, DEAD_LETTERS])
    with connect(where.database_url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        read_to = read_offsets(connection)
        live = live_tables(connection)
        rows = tuple(
            Row(*row)
            for row in connection.execute(
                'SELECT partition, "offset", issue_id, event_id, verdict FROM issue_timeline'
            )
        )
    scan = _Scan(tuple(text.encode() for text in personal))
    records: list[Record] = []
    issues = []
    read = record_reader(default_codec())
    to_read = {(ISSUES, p): (0, end) for p, end in read_to.items()}
    for message in _messages(where.kafka, to_read):
        scan.look(message)
        records.append(read(message))
        issues.append(_logged(message))
    records.sort(key=lambda record: (record.partition, record.offset))
    found: dict[str, list[Logged]] = {"in": [], "out": []}
    dead: list[Place] = []
    redriven: set[Place] = set()
    back: set[Place] = set()
    for message in _messages(where.kafka, ends):
        scan.look(message)
        if message.topic() == DEAD_LETTERS:
            burial = _burial(message)
            place = Place(burial.source.topic, burial.source.partition, burial.source.offset)
            dead.append(place)
            if burial.redriven:
                back.add(place)
        elif message.topic() == REDRIVEN:
            source = Redrive.read(headers_of(message.headers()))[0].source
            redriven.add(Place(source.topic, source.partition, source.offset))
        else:
            found["in" if message.topic() in inputs else "out"].append(_logged(message))
    scan.look_at_tables(live)
    scan.look_at_logs(where.logs)
    return History(
        sent=tuple(sent),
        inputs=tuple(sorted(found["in"], key=lambda each: each.place)),
        issues=tuple(sorted(issues, key=lambda each: each.place)),
        orders=tuple(found["out"]),
        dead=tuple(dead),
        timeline=rows,
        read_to=read_to,
        live=live,
        folded=tables_of(records, CityFacts.of(load_city())),
        rebuilt={**live, **_rebuilt(where)},
        written_by_us=written_by_us,
        known_bad=known_bad,
        found_personal=tuple(scan.found),
        redriven=frozenset(redriven - back),
    )


def _rebuilt(where: Where) -> dict[str, list[str]]:
    """What `hutong replay verify` says is different; nothing when all is equal."""
    done = subprocess.run(
        [sys.executable, "-m", "hutong.cli.main", "replay", "verify", "--json"],
        env={**os.environ, **where.environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode == 0:
        return {}
    return {
        "hutong replay verify": [f"exit {done.returncode}: {done.stdout}{done.stderr}"[-2_000:]]
    }


def _topics_of(catalogue: TopicCatalogue) -> tuple[set[str], list[str]]:
    inputs = {topic.name for topic in catalogue.routed}
    return inputs, [topic.name for topic in catalogue if topic.name.startswith("dept-")]


def _messages(kafka: str, ranges: Ranges) -> Iterator[Any]:
    consumer = Consumer(consumer_config(kafka, "fault-checker", enable_partition_eof=True))
    try:
        for messages in read_ranges(consumer, ranges):
            yield from messages
    finally:
        consumer.close()


def _logged(message: Any) -> Logged:
    value = message.value() or b""
    headers = {name: text or b"" for name, text in headers_of(message.headers())}
    try:
        body = default_codec().decode(message.value()).body
    except UndecodableError:
        body = {}
    head = body.get("head", {})
    source = headers.get(SOURCE, b"").decode("utf-8", "replace")
    return Logged(
        Place(message.topic(), message.partition(), message.offset()),
        (message.key() or b"").decode("utf-8", "replace"),
        head.get("event_id", ""),
        headers.get(CE_TYPE, b"").decode("utf-8", "replace"),
        hashlib.sha256(value).hexdigest(),
        message.timestamp()[1],
        f"{body.get('subject') or ''} {body.get('text') or ''}",
        place_of(source) if source else None,
        int(headers.get(RECEIVED) or 0),
        body.get("hop") or 0,
        headers.get(PRINCIPAL) == ROUTER.encode(),
    )


def _burial(message: Any) -> Burial:
    return read_letter(
        partition=message.partition(),
        offset=message.offset(),
        timestamp=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=headers_of(message.headers()),
    ).burial


class _Scan:
    """Looks for bytes that may be nowhere."""

    def __init__(self, needles: Sequence[bytes]) -> None:
        self._needles = needles
        self.found: list[str] = []

    def look(self, message: Any) -> None:
        values = [message.key(), message.value(), *(v for _, v in headers_of(message.headers()))]
        place = f"{message.topic()}/{message.partition()}/{message.offset()}"
        self._bytes(b"\0".join(value or b"" for value in values), place)

    def look_at_tables(self, tables: Mapping[str, list[str]]) -> None:
        for table, rows in tables.items():
            self._bytes("\n".join(rows).encode(), f"table {table}")

    def look_at_logs(self, folder: Path) -> None:
        for file in folder.rglob("*.log"):
            self._bytes(file.read_bytes(), file.name)

    def _bytes(self, data: bytes, where: str) -> None:
        for needle in self._needles:
            if needle in data:
                self.found.append(f"{where} holds {needle.decode()}")
