"""Fixtures that every test may ask for, and the markers that follow from asking."""

from __future__ import annotations

import pytest

pytest_plugins = [
    "tests.fixtures.apicurio",
    "tests.fixtures.broker",
    "tests.fixtures.database",
    "tests.fixtures.secure",
    "tests.fixtures.whole",
]

MARKERS = {"kafka": "kafka", "secure_kafka": "kafka", "postgres": "postgres"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, marker in MARKERS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
