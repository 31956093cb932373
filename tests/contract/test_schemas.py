"""The schema files against themselves, their examples and the classes."""

import io
import json
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import fastavro
import pytest
from pydantic_core import PydanticUndefined

from hutong.events.base import Event
from hutong.events.catalogue import event_classes
from hutong.events.codec import default_codec
from hutong.events.fields import Value
from hutong.events.schemas import LockError, load_from, load_schemas, read_lock, schema_files

CONTRACT = Path(__file__).parents[2] / "schemas" / "hutong_schemas"
FILES = [(name, version, Path(str(f))) for name, version, f in schema_files(CONTRACT)]
IDS = [f"{name}/{version}" for name, version, _ in FILES]

every_schema = pytest.mark.parametrize(("name", "version", "file"), FILES, ids=IDS)


def example_of(name: str, version: int) -> dict[str, Any]:
    context, event = name.removeprefix("hutong.").split(".")
    text = (CONTRACT / "examples" / context / event / f"{version}.json").read_text("utf-8")
    body: dict[str, Any] = json.loads(text)
    if isinstance(body.get("content"), str):
        body["content"] = body["content"].encode()
    return body


def records_in(node: Any) -> Iterator[dict[str, Any]]:
    """Every record definition in a schema, outermost first."""
    if isinstance(node, list):
        for part in node:
            yield from records_in(part)
    elif isinstance(node, dict):
        if node.get("type") == "record":
            yield node
            for field in node["fields"]:
                yield from records_in(field["type"])
        elif "items" in node:
            yield from records_in(node["items"])


@every_schema
class TestSchemaFile:
    def test_folder_and_file_give_the_name(self, name: str, version: int, file: Path) -> None:
        raw = json.loads(file.read_text("utf-8"))
        assert f"{raw['namespace']}.{raw['name']}" == name

    def test_versions_have_no_holes(self, name: str, version: int, file: Path) -> None:
        versions = sorted(int(f.stem) for f in file.parent.glob("*.avsc"))
        assert versions == list(range(1, len(versions) + 1))

    def test_head_is_the_first_field_and_the_same_everywhere(
        self, name: str, version: int, file: Path
    ) -> None:
        first = json.loads(file.read_text("utf-8"))["fields"][0]
        reported = json.loads((CONTRACT / "issue/IssueReported/1.avsc").read_text("utf-8"))
        assert first["name"] == "head"
        assert first["type"] == reported["fields"][0]["type"]

    def test_every_field_and_record_says_what_it_is(
        self, name: str, version: int, file: Path
    ) -> None:
        for record in records_in(json.loads(file.read_text("utf-8"))):
            assert record["doc"].endswith("."), record["name"]
            for field in record["fields"]:
                assert field["doc"].endswith("."), f"{record['name']}.{field['name']}"

    def test_only_safe_types(self, name: str, version: int, file: Path) -> None:
        """No recursion, no zero-width array items, unions only of null and one other, no enums.

        An array of nulls or empty records is a bomb (2**40 items in six bytes); a recursive type
        can be nested until the reader's stack is gone.
        """
        defined: set[str] = set()

        def walk(node: Any, inside: tuple[str, ...]) -> None:
            if isinstance(node, list):
                assert node[0] == "null"
                assert len(node) == 2
                walk(node[1], inside)
            elif isinstance(node, dict) and node["type"] == "record":
                full = f"{node['namespace']}.{node['name']}"
                assert node["fields"], f"{full} is empty"
                defined.add(full)
                for field in node["fields"]:
                    walk(field["type"], (*inside, full))
            elif isinstance(node, dict):
                assert set(node) == {"type", "items"}, "arrays only; times are plain longs"
                assert node["type"] == "array"
                assert node["items"] != "null"
                walk(node["items"], inside)
            elif node not in {"string", "long", "int", "double", "boolean", "bytes"}:
                assert node in defined
                assert node not in inside, f"{node} is recursive"

        walk(json.loads(file.read_text("utf-8")), ())

    def test_long_texts_come_last(self, name: str, version: int, file: Path) -> None:
        """So that a reader of the first fields need not step over them."""
        names = [f["name"] for f in json.loads(file.read_text("utf-8"))["fields"]]
        for text in ("subject", "body", "text", "explanation", "content"):
            if text in names:
                assert set(names[names.index(text) + 1 :]) <= {"body", "text"}

    def test_the_example_round_trips(self, name: str, version: int, file: Path) -> None:
        codec, body = default_codec(), example_of(name, version)
        decoded = codec.decode(codec.encode_body(name, body))
        codec.check(decoded)
        assert decoded.body == body
        assert (decoded.schema.name, decoded.schema.version) == (name, version)

    def test_class_and_schema_agree(self, name: str, version: int, file: Path) -> None:
        raw = load_schemas().latest(name).raw
        known: dict[str, dict[str, Any]] = {}
        assert_same_fields(event_classes()[name], raw["fields"], known)


def assert_same_fields(
    cls: type[Value], fields: list[dict[str, Any]], known: dict[str, dict[str, Any]]
) -> None:
    assert list(cls.model_fields) == [f["name"] for f in fields], cls.__name__
    for field in fields:
        model_field = cls.model_fields[field["name"]]
        place = f"{cls.__name__}.{field['name']}"
        kind = field["type"]
        optional = isinstance(kind, list)
        if optional:
            assert field["default"] is None, place
            assert model_field.default is None, place
            kind = kind[1]
        elif "default" in field:
            default = model_field.default
            assert (list(default) if default == () else default) == field["default"], place
        else:
            assert model_field.default is PydanticUndefined, place
        assert "None" in str(model_field.annotation) if optional else True, place
        assert_same_type(str(model_field.annotation), model_field.annotation, kind, known, place)


PYTHON_NAMES = {
    "string": "str", "long": "int", "int": "int", "double": "float", "boolean": "bool",
    "bytes": "bytes",
}  # fmt: skip


def assert_same_type(
    text: str, annotation: Any, kind: Any, known: dict[str, dict[str, Any]], place: str
) -> None:
    if isinstance(kind, dict) and kind["type"] == "array":
        assert "tuple" in text, place
        assert_same_type(text, annotation, kind["items"], known, place)
        return
    if isinstance(kind, dict):
        known[f"{kind['namespace']}.{kind['name']}"] = kind
    full = f"{kind['namespace']}.{kind['name']}" if isinstance(kind, dict) else kind
    if full in known:
        (model,) = [m for m in models_in(annotation) if m.__name__ == known[full]["name"]]
        assert_same_fields(model, known[full]["fields"], known)
    else:
        assert PYTHON_NAMES[kind] in text, f"{place}: {text} is not {kind}"


def models_in(annotation: Any) -> Iterator[type[Value]]:
    if isinstance(annotation, type) and issubclass(annotation, Value):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from models_in(part)


def test_every_class_has_a_schema_and_the_other_way_round() -> None:
    assert set(event_classes()) == {name for name, _, _ in FILES}


def test_no_example_without_its_schema() -> None:
    examples = {
        f"hutong.{p.parts[-3]}.{p.parts[-2]}/{p.stem}"
        for p in (CONTRACT / "examples").glob("*/*/*.json")
    }
    assert examples == set(IDS)


def test_ids_are_unique_and_complete() -> None:
    lines = read_lock((CONTRACT / "ids.lock").read_text("utf-8"))
    assert sorted(line.id for line in lines) == list(range(1, len(lines) + 1))
    assert {f"{line.name}/{line.version}" for line in lines} == set(IDS)


def version_pairs() -> list[tuple[str, int, int]]:
    versions: dict[str, list[int]] = {}
    for name, version, _ in FILES:
        versions.setdefault(name, []).append(version)
    return [(n, w, r) for n, all_ in versions.items() for w, r in product(all_, all_)]


@pytest.mark.parametrize(("name", "written", "read"), version_pairs())
def test_every_version_reads_every_other(name: str, written: int, read: int) -> None:
    """FULL_TRANSITIVE: what any version wrote, any other can read."""
    by_version = {(n, v): json.loads(f.read_text("utf-8")) for n, v, f in FILES}
    assert reads(by_version[name, written], by_version[name, read], example_of(name, written))


def reads(writer: dict[str, Any], reader: dict[str, Any], body: dict[str, Any]) -> bool:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(writer, {}), body)
    buffer.seek(0)
    got = fastavro.schemaless_reader(
        buffer, fastavro.parse_schema(writer, {}), fastavro.parse_schema(reader, {})
    )
    return isinstance(got, dict) and got["head"] == body["head"]


def test_the_compatibility_check_can_fail() -> None:
    """Given a reader with a new field without default, when it reads old bytes, then it fails."""
    writer = json.loads((CONTRACT / "issue/IssueResumed/1.avsc").read_text("utf-8"))
    reader = json.loads(json.dumps(writer))
    reader["fields"].append({"name": "more", "type": "string", "doc": "New."})
    with pytest.raises(Exception, match="more"):
        reads(writer, reader, example_of("hutong.issue.IssueResumed", 1))


def test_an_edited_schema_is_refused(tmp_path: Path) -> None:
    """Given an edited .avsc, when the contract is loaded, then it names the file and the remedy."""
    shutil.copytree(CONTRACT, tmp_path, dirs_exist_ok=True)
    edited = tmp_path / "issue" / "IssueClosed" / "1.avsc"
    edited.write_text(edited.read_text("utf-8").replace("closed it", "shut it"), "utf-8")
    with pytest.raises(LockError, match=r"IssueClosed/1 differs from ids\.lock.*add a new version"):
        load_from(tmp_path)


def test_events_are_frozen_and_refuse_unknown_fields() -> None:
    for cls in event_classes().values():
        assert issubclass(cls, Event)
        assert cls.model_config["frozen"]
        assert cls.model_config["extra"] == "forbid"
