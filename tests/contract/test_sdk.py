"""The SDK says what the contract says: its verbs, its fields, and its two clients alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest
from hutong_intake.act_models import Said
from hutong_intake.verbs import VERBS

from hutong.events.acts import ACTS, FILLED_IN, NOT_ASKED, REPORT, SAID, TIMES
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


def test_what_must_say_something_is_what_intake_asks_to() -> None:
    """Else the SDK keeps what intake will refuse for good, or the other way round."""
    asked = set()
    for verb in VERBS.values():
        for name, kind in get_type_hints(verb.model, include_extras=True).items():
            if kind in (Said, Said | None):
                asked.add((verb.name, name))
    assert asked == {(verb, field) for verb, field in SAID.items() if verb != REPORT}
