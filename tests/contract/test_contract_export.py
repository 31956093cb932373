"""What vendors in other languages get: valid, complete, and the same as what we use ourselves."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import fastavro
import fastavro.schema
import jsonschema
import pytest
from hutong_web.names import EVENTS as PAGE_EVENTS
from typer.testing import CliRunner

from hutong.cli.main import build_app
from hutong.contract import words
from hutong.contract.examples import example_of
from hutong.events.codec import default_codec
from hutong.events.schemas import load_from, load_schemas

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("contract") / "out"
    done = CliRunner().invoke(build_app(), ["contract", "export", str(place)])
    assert done.exit_code == 0, done.output
    return place


def read(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    return found


def test_the_asyncapi_document_is_valid_by_the_official_schema(folder: Path) -> None:
    official = json.loads((HERE / "asyncapi-3.0.0.json").read_text("utf-8"))
    validator = jsonschema.Draft7Validator(official)
    faults = [
        f"{error.json_path}: {error.message[:200]}"
        for error in validator.iter_errors(read(folder, "asyncapi.json"))
    ]
    assert faults == []


def test_the_official_schema_would_notice(folder: Path) -> None:
    official = json.loads((HERE / "asyncapi-3.0.0.json").read_text("utf-8"))
    broken = read(folder, "asyncapi.json")
    broken["operations"]["receive-desk"]["action"] = "shout"
    assert not jsonschema.Draft7Validator(official).is_valid(broken)


def test_every_reference_in_it_is_there(folder: Path) -> None:
    document = read(folder, "asyncapi.json")

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [r for inner in value.values() for r in references(inner)]
        if isinstance(value, list):
            return [r for inner in value for r in references(inner)]
        return []

    found = references(document)
    assert len(found) > 50
    for reference in found:
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_schemas_in_it_read_our_examples(folder: Path) -> None:
    for message in read(folder, "asyncapi.json")["components"]["messages"].values():
        parsed = fastavro.schema.parse_schema(message["payload"]["schema"], {})
        assert fastavro.schema.fullname(parsed) == message["name"]
        assert message["examples"][0]["payload"]["head"]["event_id"]


def test_the_openapi_document_has_every_way_in(folder: Path) -> None:
    paths = read(folder, "openapi.json")["paths"]
    assert {"/v1/reports", "/v1/departments/{code}/orders"} <= paths.keys()
    assert "/v1/issues/{issue_id}/actions/accept" in paths


def test_what_is_exported_is_a_contract_that_can_be_loaded(folder: Path) -> None:
    assert load_from(folder).names == load_schemas().names


def test_a_plain_avro_reader_needs_nothing_but_the_folder(folder: Path) -> None:
    lock = {}
    for line in (folder / "ids.lock").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            number, name, version, _ = line.split()
            _, context, event = name.split(".")
            lock[int(number)] = f"{context}/{event}/{version}"
    codec = default_codec()
    for schema in load_schemas().by_id.values():
        body = example_of(schema)
        if "content" in body:
            body["content"] = body["content"].encode()
        value = codec.encode_body(schema.name, body)
        magic, number = struct.unpack(">bI", value[:5])
        place = lock[number]
        theirs = fastavro.schema.parse_schema(read(folder, f"{place}.avsc"), {})
        found = fastavro.schemaless_reader(io.BytesIO(value[5:]), theirs, None)
        assert (magic, found) == (0, body)


def fields_of(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = {str(field["name"]) for field in schema.get("fields", ())}
        return own.union(*(fields_of(inner) for inner in schema.values()))
    if isinstance(schema, list):
        return set().union(*(fields_of(inner) for inner in schema))
    return set()


def test_every_field_has_a_chinese_name_and_no_name_is_left_over() -> None:
    named = set().union(*(fields_of(schema.raw) for schema in load_schemas().by_id.values()))
    assert named == words.FIELDS.keys(), "each field has a Chinese name in hutong/contract/words.py"


def test_every_event_has_the_chinese_name_that_the_pages_show() -> None:
    names = {name.rpartition(".")[2] for name in load_schemas().names}
    assert names == words.EVENTS.keys(), "each event has a Chinese name in hutong/contract/words.py"
    shown = {name: found.zh for name, found in PAGE_EVENTS.items()}
    assert words.EVENTS.items() >= shown.items()


def test_the_dictionary_has_every_event(folder: Path) -> None:
    text = (folder / "dictionary.md").read_text("utf-8")
    for name in load_schemas().names:
        assert f"## {name}, version" in text
    assert "| `head.event_id` | string | 事件编号 |" in text
    assert "退单。The department says that it is not its matter." in text
    assert "dept:{department} → `handling-{department}`" in text


def test_a_folder_with_something_in_it_is_left_alone(folder: Path) -> None:
    done = CliRunner().invoke(build_app(), ["contract", "export", str(folder)])
    assert done.exit_code == 1
    assert "not empty" in done.stderr
