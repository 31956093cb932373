from __future__ import annotations

import pytest

from hutong.city import City, load_city
from tests.fixtures.intake_api import IntakeApi


@pytest.fixture(scope="session")
def city() -> City:
    return load_city()


@pytest.fixture
def api(city: City) -> IntakeApi:
    return IntakeApi(city)
