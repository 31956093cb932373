"""Readers with nothing of ours but the contract, as a folder or in a registry."""

from __future__ import annotations

import io
import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pytest
from confluent_kafka import Consumer, Message
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
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
    issue_id = whole.accepted({"body": BODY, "occurred_at": "2026-11-22T18:31:44+08:00"})
    reader = PlainReader(folder)
    check(read_all(whole, issue_id, lambda record: reader.read(record.value())), issue_id)


def test_they_are_read_with_a_registry_that_was_given_the_lock(whole: Whole, apicurio: str) -> None:
    """Any team's reader: Confluent's own deserializer, told the registry's address and no more."""
    arguments = ["contract", "publish", "--registry", apicurio]
    published = CliRunner().invoke(build_app(), arguments)
    assert published.exit_code == 0, published.output
    issue_id = whole.accepted({"body": BODY, "occurred_at": "2026-11-22T18:31:44+08:00"})
    with SchemaRegistryClient({"url": apicurio}) as client:
        deserialize = AvroDeserializer(client)

        def read(record: Message) -> tuple[str, Any]:
            place = SerializationContext(record.topic(), MessageField.VALUE, record.headers())
            body = deserialize(record.value(), place)
            return dict(record.headers())["ce_type"].decode(), body

        check(read_all(whole, issue_id, read), issue_id)


def read_all(
    whole: Whole, issue_id: str, read: Callable[[Message], tuple[str, Any]]
) -> dict[str, Any]:
    """Name -> body of what the log and an inbox hold of an issue, until all that is wanted came."""
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
            name, body = read(record)
            assert dict(record.headers() or [])["ce_type"] == name.encode()
            found[name] = body
    finally:
        consumer.close()
    return found


def check(found: dict[str, Any], issue_id: str) -> None:
    assert found.keys() >= WANTED  # and perhaps what processes said of it meanwhile
    assert {body["head"]["issue_id"] for body in found.values()} == {issue_id}
    assert found["hutong.issue.IssueReported"]["body"] == BODY
    assert found["hutong.orders.OrderIssued"]["body"] == BODY
    assert found["hutong.issue.IssueDispatched"]["lead"] == "water-co"
