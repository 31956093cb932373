"""The OpenAPI document without a running intake."""

from dataclasses import fields
from importlib.metadata import version
from typing import Any

from hutong_intake.api.app import Parts, build_app


def document() -> dict[str, Any]:
    """What a running intake serves at /openapi.json. Routes are described, nothing can be asked."""
    nothing: dict[str, Any] = {field.name: None for field in fields(Parts)}
    return dict(build_app(Parts(**{**nothing, "version": version("hutong")})).openapi())
