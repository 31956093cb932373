"""Which packs whoever folds must know, from when each counts, and when nobody can say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from confluent_kafka import KafkaException

from hutong.city import City, load_city
from hutong.events.codec import Codec, default_codec
from hutong.promotions import NoPackError
from hutong.promotions.packs import CityUnconfirmedError, Packs
from hutong.readmodels import CityFacts, Ground
from hutong.readmodels.facts import Places
from tests.fixtures.city_log import Clock, FakeCityLog, promote, softer
from tests.fixtures.lifecycle import RULES

LEAD = 60.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> FakeCityLog:
    return FakeCityLog(clock)


@pytest.fixture
def packs(log: FakeCityLog, clock: Clock) -> Packs:
    return Packs(
        log,
        default_codec(),
        lead_seconds=LEAD,
        clock=clock,
    )


@pytest.fixture(scope="module")
def codec() -> Codec:
    return default_codec()


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def test_each_pack_counts_from_its_time_and_the_first_for_all_before(
    packs: Packs, log: FakeCityLog, codec: Codec, city: City
) -> None:
    promote(log, codec, 500_000)
    promote(log, codec, 1_000_000, tiers_toml=softer())
    promote(log, codec, 2_000_000)
    assert packs.read_on()
    assert not packs.read_on()
    assert [since for since, _ in packs.known] == [0, 1_060_000, 2_060_000]
    hashes = [found.hash for _, found in packs.known]
    assert (hashes[0], hashes[2]) == (city.hash, city.hash)
    assert hashes[1] != city.hash


def test_the_same_pack_again_is_no_new_one(packs: Packs, log: FakeCityLog, codec: Codec) -> None:
    promote(log, codec, 0)
    promote(log, codec, 1_000_000)
    packs.read_on()
    assert [since for since, _ in packs.known] == [0]


def test_what_is_no_promotion_changes_nothing(
    packs: Packs, log: FakeCityLog, codec: Codec, city: City
) -> None:
    good = promote(log, codec, 0)
    log.records.append(replace(good, offset=1, value=b"no event"))
    packs.read_on()
    assert [found.hash for _, found in packs.known] == [city.hash]


def test_without_a_pack_nobody_can_fold(packs: Packs) -> None:
    with pytest.raises(NoPackError, match="hutong topics create"):
        packs.read_on()


def test_looks_again_only_after_a_while_and_refuses_when_nobody_can_say(
    packs: Packs, log: FakeCityLog, clock: Clock, codec: Codec
) -> None:
    promote(log, codec, 0)
    with pytest.raises(CityUnconfirmedError):
        packs.require_confirmed()
    assert packs.confirm(2.0)
    promote(log, codec, 1_000_000, tiers_toml=softer())
    assert not packs.confirm(2.0), "not yet time"
    clock.now += 2
    assert packs.confirm(2.0)
    log.reachable = False
    clock.now += LEAD / 2
    with pytest.raises(KafkaException):
        packs.confirm(2.0)
    packs.require_confirmed()
    clock.now += 0.1
    with pytest.raises(CityUnconfirmedError, match=r"not confirmed for 30\.1 s"):
        packs.require_confirmed()


def test_a_pack_more_leaves_the_names_of_those_before_as_they_are(
    packs: Packs, log: FakeCityLog, codec: Codec
) -> None:
    promote(log, codec, 0)
    packs.read_on()
    before = Ground.over(packs.known)
    promote(log, codec, 1_000_000, tiers_toml=softer())
    packs.read_on()
    after = Ground.over(packs.known)
    assert after.first == before.first
    assert before.later == {}
    assert list(after.later) == ["pack:1060000"]


def test_an_issue_counts_where_the_pack_of_its_report_says() -> None:
    before = Places(streets={"g-1": "east"}, timezone="Asia/Shanghai")
    after = Places(streets={"g-1": "west"}, timezone="Asia/Shanghai")
    facts = CityFacts({0: before, 10: after}, rules=RULES, channels={})
    assert [facts.street("g-1", at) for at in (0, 9, 10, 99)] == ["east", "east", "west", "west"]
