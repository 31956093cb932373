"""A consumer that has nothing of ours but the exported contract reads our topics."""

from __future__ import annotations

import io
import json
import struct
import time
from pathlib import Path
from typing import Any

import fastavro
import pytest
from confluent_kafka import Consumer
from typer.testing import CliRunner

from hutong.cli.main import build_app
from tests.fixtures.names import unique_topic
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

BODY = "槐荫路自来水管爆裂，停水"
WANTED = {
    "hutong.issue.IssueReported",
    "hutong.issue.IssueDispatched",
    "hutong.orders.OrderIssued",
}


class PlainReader:
    """Any team's reader: fastavro, the folder, and the frame as the contract tells it."""

    def __init__(self, folder: Path) -> None:
        self._schemas: dict[int, Any] = {}
        for line in (folder / "ids.lock").read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                number, name, version, _ = line.split()
                _, context, event = name.split(".")
                text = (folder / context / event / f"{version}.avsc").read_text("utf-8")
                self._schemas[int(number)] = fastavro.schema.parse_schema(json.loads(text), {})

    def read(self, value: bytes) -> tuple[str, Any]:
        magic, number = struct.unpack(">bI", value[:5])
        assert magic == 0
        schema = self._schemas[number]
        body = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
        return str(fastavro.schema.fullname(schema)), body


def test_the_log_and_an_inbox_are_read_with_the_exported_folder_alone(
    whole: Whole, tmp_path: Path
) -> None:
    folder = tmp_path / "contract"
    exported = CliRunner().invoke(build_app(), ["contract", "export", str(folder)])
    assert exported.exit_code == 0, exported.output
    reader = PlainReader(folder)
    issue_id = whole.accepted({"body": BODY, "occurred_at": "2026-11-22T18:31:44+08:00"})

    consumer = Consumer(
        {
            "bootstrap.servers": whole.stack.kafka,
            "group.id": unique_topic("plain"),
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe(["issues", "dept-water-co"])
    found: dict[str, Any] = {}
    until = time.monotonic() + 60
    try:
        while not found.keys() >= WANTED and time.monotonic() < until:
            record = consumer.poll(1)
            if record is None or record.key() != issue_id.encode():
                continue
            assert record.error() is None
            name, body = reader.read(record.value() or b"")
            assert dict(record.headers() or [])["ce_type"] == name.encode()
            found[name] = body
    finally:
        consumer.close()

    assert found.keys() >= WANTED  # and perhaps what processes said of it meanwhile
    assert {body["head"]["issue_id"] for body in found.values()} == {issue_id}
    assert found["hutong.issue.IssueReported"]["body"] == BODY
    assert found["hutong.orders.OrderIssued"]["body"] == BODY
    assert found["hutong.issue.IssueDispatched"]["lead"] == "water-co"
