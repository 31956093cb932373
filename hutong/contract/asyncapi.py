"""The topics as an AsyncAPI 3 document, for those who speak to Kafka in another language. Pure."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

from hutong.contract.examples import example_of
from hutong.events.schemas import Schema, SchemaSet

VERSION: Final = "3.0.0"
_AVRO: Final = "application/vnd.apache.avro+json;version=1.9.0"
_PREFIX: Final = "hutong."
_ABOUT: Final = """\
A city's topics. "receive" is what the city takes from others, "send" what it gives them. Values are
Confluent frames: 0x00, the schema id (ids.lock) in four bytes, the Avro body. Keys are the issue's
id; the partitioner is murmur2_random, as Java's client has it. 详见 dictionary.md。"""


def raw_topics() -> Mapping[str, Mapping[str, Any]]:
    """topics.toml as it is written: patterns, not one topic for each department."""
    text = (files("hutong_schemas") / "topics.toml").read_text("utf-8")
    found: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)["topics"]
    return found


def document(schemas: SchemaSet, version: str) -> dict[str, Any]:
    """The document. ``version`` is that of the package."""
    topics = raw_topics()
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Hutong",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/vnd.apache.avro",
        "channels": {
            _name(pattern): _channel(pattern, entry, schemas) for pattern, entry in topics.items()
        },
        "operations": {
            f"{action}-{_name(pattern)}": {
                "action": action,
                "channel": {"$ref": f"#/channels/{_name(pattern)}"},
                "summary": summary,
            }
            for pattern, entry in topics.items()
            for action, summary in _operations(entry)
        },
        "components": {
            "messages": {
                _short(name): _message(schemas.latest(name)) for name in sorted(schemas.names)
            }
        },
    }


def events_on(entry: Mapping[str, Any], schemas: SchemaSet) -> list[str]:
    """The Avro full names that may be on a topic."""
    return [
        name
        for name in sorted(schemas.names)
        for pattern in entry["events"]
        if name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))
    ]


def _name(pattern: str) -> str:
    return pattern.replace("{", "").replace("}", "")


def _short(name: str) -> str:
    return name.removeprefix(_PREFIX)


def _channel(pattern: str, entry: Mapping[str, Any], schemas: SchemaSet) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": pattern,
        "description": f"Written by {entry['writer']}, read by {', '.join(entry['readers'])}. "
        f"Received time: {entry['received']}.",
        "messages": {
            _short(name): {"$ref": f"#/components/messages/{_short(name)}"}
            for name in events_on(entry, schemas)
        },
        "bindings": {
            "kafka": {
                "partitions": entry["partitions"],
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1},
                "bindingVersion": "0.5.0",
            }
        },
    }
    if "{channel}" in pattern:
        channel["parameters"] = {
            "channel": {"enum": list(entry["channels"]), "description": "Channel code."}
        }
    if "{department}" in pattern:
        channel["parameters"] = {
            "department": {"description": "Department code of the city pack, such as water-co."}
        }
    return channel


def _operations(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the city does on a topic, as others see it."""
    ours = ("router", "processes", "administrator")
    if entry["writer"] in ours:
        if any(reader.startswith("dept:") for reader in entry["readers"]):
            yield "send", f"The city writes it for {entry['readers'][0]}."
        else:
            yield "send", "The city's own; auditors read it."
    else:
        yield "receive", f"{entry['writer']} writes it, the router reads it."


def _message(schema: Schema) -> dict[str, Any]:
    # A copy without what fastavro has added, and without comments of ours.
    avro = json.loads(json.dumps(schema.raw))
    return {
        "name": schema.name,
        "title": _short(schema.name),
        "summary": str(schema.raw.get("doc", "")),
        "contentType": "application/vnd.apache.avro",
        "headers": {
            "type": "object",
            "required": ["ce_type"],
            "properties": {
                "ce_type": {"type": "string", "const": schema.name},
                "traceparent": {"type": "string"},
            },
        },
        "payload": {"schemaFormat": _AVRO, "schema": avro},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid"},
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "bindingVersion": "0.5.0",
            }
        },
        "examples": [{"name": "made-up", "payload": example_of(schema)}],
    }
