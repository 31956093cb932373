"""The bytes of a dump, as docs/fold.md has them, and the offsets that it takes."""

from __future__ import annotations

import pytest

from hutong.readmodels import Mode, Table
from hutong.replay.dump import Dumped, DumpRefusedError, canonical, line_of, parse_offsets


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"乙": "甲", "Z": "ü"}, '{"Z":"ü","乙":"甲"}'),
        ('"\\/\n\t\x01\x7f', '"\\"\\\\/\\n\\t\\u0001\x7f"'),
        (116.3, "116.3"),
        (116.0, "116.0"),
        (-0.00012, "-0.00012"),
        (0.00001, "1e-05"),
        (2**63, "9223372036854775808"),
    ],
)
def test_a_value_has_one_text(value: object, text: str) -> None:
    assert canonical(value) == text


def test_a_row_has_all_its_columns_and_no_minus_zero() -> None:
    table = Table("t", Mode.UPSERT, {"b": "text"}, {"a": "double precision", "c": "integer"})
    assert line_of(table, ("x", -0.0, None)) == b'{"a":0.0,"b":"x","c":null}\n'


def test_what_is_no_json_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(float("nan"))


def test_the_manifest_names_what_decides_the_rows_and_nothing_else() -> None:
    found = Dumped({1: 3, 0: 2, 2: 0}, {"queue": "1", "fold": "6"}, {"queue": (1, "ab")})
    assert found.to_json() == (
        '{"format":1,"made_with":{"fold":"6","queue":"1"},"offsets":{"0":2,"1":3},'
        '"tables":{"queue":{"rows":1,"sha256":"ab"}}}\n'
    )
    assert len(found.digest) == 64


def test_offsets_are_read_as_they_are_printed() -> None:
    assert parse_offsets("0:120,1:98") == {0: 120, 1: 98}


@pytest.mark.parametrize("text", ["", "0", "0:1:2", "0:x", "0:1,0:2", "0:1,"])
def test_what_are_no_offsets_is_refused(text: str) -> None:
    with pytest.raises(DumpRefusedError, match="--to"):
        parse_offsets(text)
