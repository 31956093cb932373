"""Real rules for the router's unit tests: the sample city, its classifier, the contract."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from hutong_router.dispatch import Dispatcher
from hutong_router.records import InputRecord
from hutong_router.route import Router

from hutong.city import City, load_city
from hutong.classify import Classifier
from hutong.events.codec import Codec, default_codec
from hutong.events.topics import TopicCatalogue, load_topics
from tests.fixtures.rules import always

Body = dict[str, Any]
MakeBody = Callable[..., Body]
MakeRecord = Callable[..., InputRecord]

#: Append time of every record made here.
APPENDED = 1_780_272_001_500


@pytest.fixture(scope="session")
def city() -> City:
    return load_city(None)


@pytest.fixture(scope="session")
def codec() -> Codec:
    return default_codec()


@pytest.fixture(scope="session")
def catalogue(city: City) -> TopicCatalogue:
    return load_topics(city.departments)


@pytest.fixture(scope="session")
def router(city: City, catalogue: TopicCatalogue, codec: Codec) -> Router:
    return Router(always(Dispatcher(city, Classifier(city), codec)), catalogue, codec)


@pytest.fixture
def example() -> MakeBody:
    """The contract's example of an event; ``head_*`` arguments change its head, others its body."""

    def make(name: str, **changes: Any) -> Body:
        context, event = name.split(".")
        file = files("hutong_schemas") / "examples" / context / event / "1.json"
        body: Body = copy.deepcopy(json.loads(file.read_text("utf-8")))
        for field, value in changes.items():
            if field.startswith("head_"):
                body["head"][field.removeprefix("head_")] = value
            else:
                body[field] = value
        return body

    return make


@pytest.fixture
def record(codec: Codec) -> MakeRecord:
    """A record of an event with all that its topic asks for; keyword arguments change it."""

    def make(topic: str, name: str, body: Body, **changes: Any) -> InputRecord:
        fields: dict[str, Any] = {
            "topic": topic,
            "partition": 7,
            "offset": 128431,
            "timestamp": APPENDED,
            "key": body["head"]["issue_id"].encode(),
            "value": codec.encode_body(f"hutong.{name}", body),
            "headers": (("ce_type", f"hutong.{name}".encode()),),
        }
        return InputRecord(**{**fields, **changes})

    return make
