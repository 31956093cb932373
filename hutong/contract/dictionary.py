"""The data dictionary: each event and field in both languages, who writes and reads it. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hutong.contract.asyncapi import events_on, raw_topics
from hutong.contract.examples import example_of
from hutong.contract.words import EVENTS, FIELDS
from hutong.events.schemas import Schema, SchemaSet

_HEAD: Final = """\
# 数据字典 · Data dictionary

每个事件一节：写入方、读取方、各字段的含义与示例。时间均为 UTC 毫秒。
One section for each event: who writes it, who reads it, what each field means. All times are
milliseconds UTC. Made by `hutong contract export` from the schemas and topics.toml.
"""
_MOST: Final = 60


def dictionary(schemas: SchemaSet) -> str:
    """The page, as Markdown. KeyError for an event or a field without a Chinese name."""
    sections = [_section(schemas.latest(name), schemas) for name in sorted(schemas.names)]
    return _HEAD + "".join(sections)


def _section(schema: Schema, schemas: SchemaSet) -> str:
    topics = {n: e for n, e in raw_topics().items() if schema.name in events_on(e, schemas)}
    writers = ", ".join(sorted({f"{e['writer']} → `{n}`" for n, e in topics.items()}))
    readers = ", ".join(sorted({reader for e in topics.values() for reader in e["readers"]}))
    meaning = f"{EVENTS[schema.name.rpartition('.')[2]]}。{schema.raw.get('doc', '')}"
    head = (
        f"\n## {schema.name}, version {schema.version}\n\n{meaning}\n\n"
        f"- 写入方 writers: {writers}\n- 读取方 readers: {readers}\n"
        f"- schema id: {schema.id}\n\n"
        "| 字段 field | 类型 type | 含义 | meaning | 示例 example |\n|---|---|---|---|---|\n"
    )
    lines = [head]
    example = example_of(schema)
    for field in schema.raw["fields"]:
        lines += _rows(field, example.get(field["name"]), "")
    return "".join(lines)


def _rows(field: Mapping[str, Any], example: Any, path: str) -> Iterator[str]:
    name, kind = field["name"], field["type"]
    label, record = _kind(kind)
    shown = "" if record is not None and example is not None else _shown(example)
    doc = str(field.get("doc", "")).replace("|", "\\|")
    yield f"| `{path}{name}` | {label} | {FIELDS[name]} | {doc} | {shown} |\n"
    if record is not None:
        inner = example[0] if isinstance(example, list) and example else example
        for part in record["fields"]:
            found = inner.get(part["name"]) if isinstance(inner, dict) else None
            yield from _rows(part, found, f"{path}{name}.")


def _kind(kind: Any) -> tuple[str, Mapping[str, Any] | None]:
    """A type in words, and the record in it, where its fields are told here."""
    if isinstance(kind, list):
        label, record = _kind(next(k for k in kind if k != "null"))
        return f"{label}?", record
    if isinstance(kind, Mapping):
        if kind["type"] == "array":
            label, record = _kind(kind["items"])
            return f"{label}[]", record
        if kind["type"] == "record":
            return str(kind["name"]).rpartition(".")[2], kind
        return str(kind["type"]), None
    return str(kind).rpartition(".")[2], None


def _shown(example: Any) -> str:
    text = json.dumps(example, ensure_ascii=False)
    text = text if len(text) <= _MOST else f"{text[:_MOST]}…"
    return f"`{text}`".replace("|", "\\|")
