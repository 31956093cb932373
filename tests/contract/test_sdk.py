"""The SDK says what the contract says: its verbs, its fields, and its two clients alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hutong.events.acts import ACTS, FILLED_IN, NOT_ASKED, TIMES
from hutong.events.fields import LAST_MILLIS

ROOT = Path(__file__).parents[2]


def test_the_twins_are_current() -> None:
    command = [sys.executable, "tools/sdk_twins.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("verb", ACTS)
def test_times_are_known_as_times(verb: str) -> None:
    fields = ACTS[verb].model_json_schema()["properties"]
    times = {
        name
        for name, schema in fields.items()
        if any(s.get("maximum") == LAST_MILLIS for s in (schema, *schema.get("anyOf", [])))
    }
    assert times == TIMES & fields.keys()


@pytest.mark.parametrize("table", [FILLED_IN, NOT_ASKED])
def test_what_need_not_be_said_is_a_field(table: dict[str, frozenset[str]]) -> None:
    for verb, fields in table.items():
        assert fields <= ACTS[verb].model_fields.keys()
