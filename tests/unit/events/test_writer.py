"""Bodies written by runs of fields: the same bytes as fastavro writes for the whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.events.codec import default_codec
from hutong.events.reader import SchemaError
from hutong.events.schemas import load_schemas
from hutong.events.writer import run_writers

_PRIMITIVES = {
    "string": st.text(max_size=300),
    "bytes": st.binary(max_size=20),
    "long": st.integers(-(2**63), 2**63 - 1),
    "int": st.integers(-(2**31), 2**31 - 1),
    "double": st.floats(allow_nan=False),
    "boolean": st.booleans(),
}


def bodies(node: Any) -> st.SearchStrategy[Any]:
    """Values of an Avro type of the contract; named types come before they are named."""
    if isinstance(node, list):
        return st.none() | bodies(node[1])
    if not isinstance(node, dict):
        return _PRIMITIVES[node]
    if node["type"] == "record":
        return st.fixed_dictionaries({f["name"]: bodies(f["type"]) for f in node["fields"]})
    if node["type"] == "array":
        return st.lists(bodies(node["items"]), max_size=4)
    return bodies(node["type"])


CODEC, SCHEMAS = default_codec(), load_schemas()
WRITTEN = (
    "hutong.issue.IssueQueued",
    "hutong.issue.IssueDispatched",
    "hutong.orders.OrderIssued",
)


@pytest.mark.parametrize("name", WRITTEN)
@given(data=st.data())
def test_runs_joined_are_what_fastavro_writes(name: str, data: st.DataObject) -> None:
    raw = SCHEMAS.latest(name).raw
    body = data.draw(bodies(raw))
    _, *others = [field["name"] for field in raw["fields"]]
    fields = [f"head.{field['name']}" for field in raw["fields"][0]["type"]["fields"]] + others
    starts = fields[:1] + data.draw(st.lists(st.sampled_from(fields[1:]), unique=True))
    runs = CODEC.encode_runs(name, *sorted(starts, key=fields.index))
    assert b"".join(run(body) for run in runs) == CODEC.encode_body(name, body)


@pytest.mark.parametrize(
    "starts",
    [(), ("reason",), ("head", "moon"), ("head", "pack", "reason"), ("head", "head.event_id")],
)
def test_what_does_not_cut_a_schema_is_refused(starts: tuple[str, ...]) -> None:
    with pytest.raises(SchemaError, match="cannot be cut"):
        run_writers(SCHEMAS.latest("hutong.issue.IssueQueued").raw, starts)


def test_a_type_that_nobody_writes_is_refused() -> None:
    schema = {"name": "Light", "fields": [{"name": "colour", "type": "fixed"}]}
    with pytest.raises(SchemaError, match="fixed"):
        run_writers(schema, ("colour",))


def test_a_missing_field_is_a_fault_and_never_filled_in() -> None:
    (write,) = CODEC.encode_runs("hutong.issue.IssueQueued", "head")
    with pytest.raises(KeyError, match="head"):
        write({"reason": "weak"})
