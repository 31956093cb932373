"""Every example of the contract through the router: taken on its topics, refused on all others."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hutong_router.dispatch import Dispatcher
from hutong_router.records import DeadLetter, Fault, InputRecord, Routed
from hutong_router.route import Router

from hutong.city import load_city
from hutong.classify import Classifier
from hutong.events.codec import default_codec
from hutong.events.topics import CITY, Topic, TopicCatalogue, load_topics
from tests.fixtures.rules import always

APPENDED = 1_780_272_001_500
EXAMPLES = sorted(
    (context.name, event.name)
    for context in (files("hutong_schemas") / "examples").iterdir()
    for event in context.iterdir()
)


@cache
def catalogue() -> TopicCatalogue:
    return load_topics(load_city(None).departments)


@cache
def router() -> Router:
    city = load_city(None)
    rules = always(Dispatcher(city, Classifier(city), default_codec()))
    return Router(rules, catalogue(), default_codec())


def example(context: str, event: str, topic: Topic) -> InputRecord:
    file = files("hutong_schemas") / "examples" / context / event / "1.json"
    body: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if event == "IssueReported" and topic.name.startswith("reports-"):
        body["channel"] = topic.name.removeprefix("reports-")
    if event == "CityPackPromoted":
        body["content"] = body["content"].encode()
    name = f"hutong.{context}.{event}"
    return InputRecord(
        topic.name,
        0,
        0,
        APPENDED,
        body["head"]["issue_id"].encode() if "head" in body else b"pack",
        default_codec().encode_body(name, body),
        (("ce_type", name.encode()), ("received", str(APPENDED).encode())),
    )


@pytest.mark.parametrize(("context", "event"), EXAMPLES, ids=[event for _, event in EXAMPLES])
def test_is_taken_on_its_topics_and_refused_on_all_others(context: str, event: str) -> None:
    name = f"hutong.{context}.{event}"
    taken = 0
    for topic in catalogue().routed:
        result = router().route(example(context, event, topic))
        if name in topic.events:
            assert isinstance(result, Routed), (topic.name, result)
            taken += 1
        else:
            assert isinstance(result, DeadLetter), topic.name
            assert result.reason == Fault.NOT_ALLOWED, (topic.name, result)
    routers_own = {"hutong.issue.IssueQueued"}
    on_city = {"hutong.city.CityPackPromoted"}
    assert (taken == 0) == (name in routers_own | on_city)


def test_the_city_s_topic_is_not_routed() -> None:
    assert CITY not in {topic.name for topic in catalogue().routed}


def test_all_that_the_router_writes_is_within_the_limits_of_the_contract() -> None:
    codec = default_codec()
    for topic in catalogue().routed:
        for context, event in EXAMPLES:
            result = router().route(example(context, event, topic))
            for out in (*result.log, *result.orders) if isinstance(result, Routed) else ():
                codec.check(codec.decode(out.value))
                assert out.topic in {t.name for t in catalogue()}
