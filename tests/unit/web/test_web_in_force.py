"""Pages speak by the pack in force, and go on with the one they know."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hutong_web.app import create_app
from hutong_web.data import UnavailableError
from hutong_web.in_force import InForce
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from hutong.city import City, city_from_files, load_city, read_pack
from hutong.city.archive import write_archive
from hutong.store import KeptPack
from tests.unit.web.rows import NOW, full_source

OLD_NAME, NEW_NAME = "供水公司", "供水排水集团"


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


@pytest.fixture(scope="module")
def promoted() -> KeptPack:
    files = dict(read_pack())
    name = "departments.csv"
    files[name] = files[name].replace(OLD_NAME.encode(), NEW_NAME.encode())
    return KeptPack(0, city_from_files(files).hash, write_archive(files))


@dataclass
class Keeper:
    kept: KeptPack | Exception | None
    asked: int = 0

    def pack(self, at: int) -> KeptPack | None:
        self.asked += 1
        if isinstance(self.kept, Exception):
            raise self.kept
        return self.kept


def test_a_promoted_pack_names_things_without_a_restart(city: City, promoted: KeptPack) -> None:
    source = full_source()
    app = create_app(city, source, registry=CollectorRegistry(), now=lambda: NOW)
    client = TestClient(app, base_url="http://127.0.0.1")
    source.kept = promoted

    assert NEW_NAME in client.get("/").text


def test_it_asks_now_and_then_and_keeps_what_it_knows(city: City, promoted: KeptPack) -> None:
    keeper, clock = Keeper(promoted), 0.0
    in_force = InForce(city, keeper, lambda: NOW, lambda: clock)
    assert in_force.city.hash == promoted.pack
    assert keeper.asked == 1
    keeper.kept, clock = UnavailableError("down"), 6.0

    assert in_force.city.hash == promoted.pack
    assert keeper.asked == 2


def test_a_pack_that_cannot_be_used_changes_nothing(city: City, promoted: KeptPack) -> None:
    keeper = Keeper(promoted._replace(archive=b"no pack"))

    assert InForce(city, keeper, lambda: NOW).city is city
