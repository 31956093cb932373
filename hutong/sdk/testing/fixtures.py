"""Fixtures for the tests of apps: ``pytest_plugins = ["hutong.sdk.testing.fixtures"]``.

Needs pytest, which an app's tests have anyway.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.sdk.client import Client
from hutong.sdk.http import Api, HttpTransport
from hutong.sdk.testing.memory import MemoryIntake
from hutong.sdk.testing.sandbox import Sandbox

URL = "https://intake.test"
KEY = "hk_app-of-a-test"


@pytest.fixture
def hutong_intake() -> MemoryIntake:
    """An intake in memory that knows the app channel's key `KEY`."""
    return MemoryIntake({KEY: "channel:app"})


@pytest.fixture
def hutong_client(hutong_intake: MemoryIntake, tmp_path: Path) -> Iterator[Client]:
    """A client of that intake, with an outbox of the test's own."""
    api = Api(URL, KEY, hutong_intake)
    outbox = tmp_path / "hutong-outbox.db"
    with Client(URL, KEY, outbox=outbox, api=api, transport=HttpTransport(api)) as client:
        yield client


@pytest.fixture
def hutong_sandbox() -> Iterator[Sandbox]:
    """A city with the water company, to try its handler in."""
    with Sandbox("water-co") as sandbox:
        yield sandbox
