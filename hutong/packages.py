"""What each service imports beyond the base install."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "intake": ("fastapi", "uvicorn", "psycopg", "structlog", "prometheus_client"),
    "router": ("faust", "aiokafka", "ahocorasick", "opencc", "structlog", "prometheus_client"),
    "projections": ("psycopg", "psycopg_pool", "structlog", "prometheus_client"),
    "processes": ("psycopg", "psycopg_pool", "rapidfuzz", "structlog", "prometheus_client"),
    "web": ("fastapi", "uvicorn", "jinja2", "psycopg", "structlog", "prometheus_client"),
}
"""Service (its extra has the same name) -> modules."""


def require_packages(service: str) -> None:
    """Raise ModuleNotFoundError for the first module that the service misses. Imports none."""
    for name in NEEDS[service]:
        if find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
