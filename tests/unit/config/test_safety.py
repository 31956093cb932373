"""Rows 95, 96 and 103: what production refuses, every reason by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from hutong.checks import Finding, Level, faults_of, refusal
from hutong.checks.facts import KafkaFacts, PostgresFacts, TopicFacts
from hutong.checks.safety import (
    client_findings,
    database_url_findings,
    identity_findings,
    kafka_findings,
    key_findings,
    postgres_findings,
    producer_findings,
)
from hutong.checks.topics import topic_findings
from hutong.events.topics import load_topics
from hutong.kafka import client_config, producer_config
from hutong.kafka.access import KafkaAccess

CATALOGUE = load_topics(["water", "housing"])
NAMES = [topic.name for topic in CATALOGUE]
SAFE_BROKER = {
    "auto.create.topics.enable": "false",
    "unclean.leader.election.enable": "false",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
    "listeners": "SASL_SSL://10.0.0.1:9092,CONTROLLER://10.0.0.1:9093",
    "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:SSL",
}
SAFE_URL = "postgresql://hutong_app:b7Vq-9xLm2Rt_40k@db/hutong?sslmode=verify-full"
SAFE_POSTGRES = PostgresFacts(
    version=180001,
    settings={"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"},
    role="hutong_app",
    superuser=False,
    encrypted=True,
    loopback=False,
    database_bytes=0,
    clock=0,
)


def topic(name: str, **config: str) -> TopicFacts:
    settings = {
        **CATALOGUE[name].config,
        "min.insync.replicas": "2",
        "unclean.leader.election.enable": "false",
        **{key.replace("_", "."): value for key, value in config.items()},
    }
    return TopicFacts(CATALOGUE[name].partitions, 3, 3, 0, settings)


def cluster(
    changed: Mapping[str, TopicFacts] | None = None, broker: Mapping[str, str] | None = None
) -> KafkaFacts:
    topics = {name: topic(name) for name in NAMES} | dict(changed or {})
    return KafkaFacts({n: {**SAFE_BROKER, **(broker or {})} for n in (1, 2, 3)}, topics)


def in_production(facts: KafkaFacts) -> list[Finding]:
    found = [*kafka_findings(facts, NAMES, production=True), *topic_findings(facts, CATALOGUE)]
    return faults_of(found)


def texts(found: Iterable[Finding]) -> str:
    return refusal(found)


def test_a_safe_cluster_is_not_refused() -> None:
    assert in_production(cluster()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"copies": 1, "in_sync": 1}, "issues: fewer than 3 copies"),
        ({"config": {"min.insync.replicas": "1"}}, "issues: min.insync.replicas below 2"),
        ({"config": {"unclean.leader.election.enable": "true"}}, "a stale copy may become the log"),
        ({"config": {"retention.ms": "604800000"}}, "issues has retention.ms=604800000"),
        ({"config": {"cleanup.policy": "compact"}}, "issues has cleanup.policy=compact"),
        ({"config": {"retention.bytes": "1"}}, "issues has retention.bytes=1"),
        ({"config": {"message.timestamp.type": "CreateTime"}}, "message.timestamp.type=CreateTime"),
        ({"config": None}, "does not show their settings"),
        ({"leaderless": 2}, "2 partitions without a leader"),
    ],
)
def test_row_95_topics_that_could_lose_records(change: Mapping[str, Any], words: str) -> None:
    whole = topic("issues")
    changes: dict[str, Any] = dict(change)
    if "config" in changes:
        config = changes["config"]
        changes["config"] = {} if config is None else {**whole.config, **config}
    [fault] = in_production(cluster({"issues": replace(whole, **changes)}))
    assert words in str(fault)
    assert fault.remedy


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("auto.create.topics.enable", "true", "a misspelt name becomes a topic"),
        ("unclean.leader.election.enable", "true", "a stale copy may become the log"),
        ("authorizer.class.name", "", "no authorizer"),
        ("allow.everyone.if.no.acl.found", "true", "open to all"),
    ],
)
def test_row_95_brokers_that_could_lose_records(setting: str, value: str, words: str) -> None:
    found = in_production(cluster(broker={setting: value}))
    assert [fault.subject for fault in found] == [f"kafka broker {n}" for n in (1, 2, 3)]
    assert all(words in fault.text for fault in found)


def test_row_95_one_copy_is_refused_with_all_reasons_at_once() -> None:
    one = {name: replace(topic(name, min_insync_replicas="1"), copies=1) for name in NAMES}
    facts = replace(cluster(one), brokers={1: {**SAFE_BROKER, "auto.create.topics.enable": "true"}})
    said = texts(in_production(facts))
    assert "1 broker: what one disk loses is lost" in said
    assert f"and {len(NAMES) - 1} others: fewer than 3 copies" in said
    assert "min.insync.replicas below 2" in said
    assert "auto.create.topics.enable=true" in said


def test_row_95_the_same_is_a_warning_on_one_machine() -> None:
    facts = replace(cluster(), brokers={1: SAFE_BROKER})
    [found] = kafka_findings(facts, NAMES, production=False)
    assert found.level is Level.WARNING


@pytest.mark.parametrize(
    ("setting", "value"),
    [("acks", "1"), ("acks", "0"), ("enable.idempotence", False), ("partitioner", "consistent")],
)
def test_row_95_a_weakened_producer(setting: str, value: object) -> None:
    config = producer_config("a:1") | {setting: value}
    [found] = producer_findings(config)
    assert found.level is Level.FAULT
    assert f"{setting}={str(value).lower()}" in found.text


def test_row_95_our_producer_is_not_weakened_and_cannot_be() -> None:
    assert list(producer_findings(producer_config("a:1"))) == []
    with pytest.raises(TypeError):
        producer_config("a:1", acks="1")


@pytest.mark.parametrize(
    ("security", "words"),
    [("plaintext", "speaks plaintext"), ("sasl_plaintext", "speaks sasl_plaintext")],
)
def test_row_96_a_listener_that_anybody_can_listen_in_on(security: Any, words: str) -> None:
    access = KafkaAccess("a:1", security, "router", "b7Vq-9xLm2Rt_40k")
    [found] = client_findings(client_config(access), production=True)
    assert words in found.text
    safe = KafkaAccess("a:1", "sasl_ssl", "router", "b7Vq-9xLm2Rt_40k")
    assert list(client_findings(client_config(safe), production=True)) == []


@pytest.mark.parametrize(
    ("listeners", "mapped", "count"),
    [
        ("PLAINTEXT://10.0.0.1:9092", "PLAINTEXT:PLAINTEXT", 1),
        ("INSIDE://:9092,OUTSIDE://:9093", "INSIDE:SASL_PLAINTEXT,OUTSIDE:SASL_SSL", 1),
        ("CONTROLLER://0.0.0.0:9093", "CONTROLLER:PLAINTEXT", 1),
        ("PLAINTEXT://127.0.0.1:9092", "PLAINTEXT:PLAINTEXT", 0),
    ],
)
def test_row_96_plaintext_listeners_of_the_broker(listeners: str, mapped: str, count: int) -> None:
    broker = {"listeners": listeners, "listener.security.protocol.map": mapped}
    found = in_production(cluster(broker=broker))
    assert len(found) == 3 * count
    assert all("is not encrypted" in fault.text for fault in found)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://hutong:hutong@db/hutong", "default"),
        ("postgresql://app:app@db/hutong", "default"),
        ("postgresql://app:changeme@db/hutong", "default"),
        ("postgresql://app:@db/hutong", "empty"),
        ("postgresql://app:seven77@db/hutong", "shorter"),
        ("host=db user=app password=postgres", "default"),
        ("postgresql://db/hutong?user=app&password=secret", "default"),
    ],
)
def test_row_96_default_passwords_of_the_database(url: str, words: str) -> None:
    [found] = database_url_findings(url, production=True)
    assert found.level is Level.FAULT
    assert words in found.text
    for password in ("changeme", "seven77"):
        assert password not in str(found)


def test_row_96_a_good_password_or_none_at_all() -> None:
    assert list(database_url_findings(SAFE_URL, production=True)) == []
    assert list(database_url_findings("postgresql://app@db/hutong", production=True)) == []


def test_row_96_default_passwords_of_kafka() -> None:
    access = KafkaAccess("a:1", "sasl_ssl", "router", "router")
    [found] = client_findings(client_config(access), production=True)
    assert "its password is a default one" in found.text


def test_row_96_keys_that_hutong_up_made() -> None:
    [found] = key_findings(["local-app", "citizen-app-2026"], production=True)
    assert "local-app" in found.text
    assert list(key_findings(["citizen-app-2026"], production=True)) == []


@pytest.mark.parametrize(
    ("ids", "private", "words"),
    [
        (None, False, "HUTONG_IDENTITY_KEYS_FILE is not set"),
        (["2026-11"], False, "others may read the file"),
        (["2026-11", "local-1"], True, "local-1: made by `hutong up`"),
    ],
)
def test_row_96_identity_keys_that_protect_nobody(
    ids: list[str] | None, private: bool, words: str
) -> None:
    [refused] = identity_findings(ids, private=private, production=True)
    [warned] = identity_findings(ids, private=private, production=False)
    assert words in refused.text
    assert (refused.level, warned.level) == (Level.FAULT, Level.WARNING)
    assert list(identity_findings(["2026-11"], private=True, production=True)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"settings": {"fsync": "off"}}, "fsync=off"),
        ({"settings": {"synchronous_commit": "off"}}, "synchronous_commit=off"),
        ({"settings": {"full_page_writes": "off"}}, "full_page_writes=off"),
        ({"superuser": True}, "hutong_app is a superuser"),
        ({"encrypted": False}, "is not encrypted"),
    ],
)
def test_row_95_a_database_that_could_lose_or_expose_rows(
    change: Mapping[str, Any], words: str
) -> None:
    assert list(postgres_findings(SAFE_POSTGRES, production=True)) == []
    [found] = postgres_findings(replace(SAFE_POSTGRES, **change), production=True)
    assert found.level is Level.FAULT
    assert words in found.text


@pytest.mark.parametrize("partitions", [11, 13, 24])
def test_row_103_another_number_of_partitions_is_refused_in_every_profile(partitions: int) -> None:
    facts = cluster({"issues": replace(topic("issues"), partitions=partitions)})
    [found] = faults_of(topic_findings(facts, CATALOGUE))
    assert f"issues has {partitions} partitions, the catalogue says 12" in found.text


def test_missing_topics_are_named_with_the_command() -> None:
    facts = replace(cluster(), topics={})
    [found] = faults_of(topic_findings(facts, CATALOGUE))
    assert "and " in found.text
    assert "hutong topics create" in found.remedy
