"""The made-up example that each version of an event has."""

import json
from importlib.resources import files
from typing import Any

from hutong.events.schemas import Schema


def example_of(schema: Schema) -> dict[str, Any]:
    """The body of the example; bytes are written as the file has them."""
    _, context, event = schema.name.split(".")
    place = files("hutong_schemas") / "examples" / context / event / f"{schema.version}.json"
    found: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return found
