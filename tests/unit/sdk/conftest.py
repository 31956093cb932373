from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from hutong.sdk import Client, Outbox
from hutong.sdk.http import Api, HttpTransport
from hutong.sdk.testing import MemoryIntake

SECRET = "hk_app-secret-of-a-test"
DESK_SECRET = "hk_desk-secret-of-a-test"
URL = "https://intake.example"

MakeClient = Callable[..., Client]


@pytest.fixture
def intake() -> MemoryIntake:
    return MemoryIntake({SECRET: "channel:app", DESK_SECRET: "desk"})


@pytest.fixture
def make_client(intake: MemoryIntake, tmp_path: Path) -> Iterator[MakeClient]:
    """Makes clients of the intake in memory; they are closed at the end."""
    made: list[Client] = []

    def make(
        *,
        outbox: Outbox | Path | None = None,
        key: str = SECRET,
        network: httpx.BaseTransport | None = None,
    ) -> Client:
        network = network or intake
        client = Client(
            URL,
            key,
            outbox=outbox or tmp_path / "outbox.db",
            api=Api(URL, key, network),
            transport=HttpTransport(Api(URL, key, network)),
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()
