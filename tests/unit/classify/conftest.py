from __future__ import annotations

import pytest

from hutong.city import City, load_city
from hutong.classify import Classifier


@pytest.fixture(scope="session")
def city() -> City:
    return load_city()


@pytest.fixture(scope="session")
def classifier(city: City) -> Classifier:
    return Classifier(city)
