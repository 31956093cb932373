"""The router's packs: which one at which instant, what is refused, and when it must stop."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaException
from hutong_router.rules import CityRules
from prometheus_client import CollectorRegistry

from hutong.city import City
from hutong.events.codec import Codec
from hutong.ops.metrics import RouterMetrics
from hutong.promotions import NoPackError
from hutong.promotions.packs import CityUnconfirmedError
from hutong.promotions.reading import CityRecord
from tests.fixtures.city_log import Clock, FakeCityLog, promote, softer

LEAD = 60.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> FakeCityLog:
    return FakeCityLog(clock)


@pytest.fixture
def metrics() -> RouterMetrics:
    return RouterMetrics(CollectorRegistry())


@pytest.fixture
def rules(log: FakeCityLog, clock: Clock, codec: Codec, metrics: RouterMetrics) -> CityRules:
    return CityRules(
        log,  # type: ignore[arg-type]  # a fake with the names that are used
        codec,
        metrics,
        lead_seconds=LEAD,
        clock=clock,
    )


def test_a_promotion_is_taken_up_at_its_time(
    rules: CityRules, log: FakeCityLog, codec: Codec, city: City
) -> None:
    promote(log, codec, 0)
    rules.read_on()
    promote(log, codec, 1_000_000, tiers_toml=softer())
    rules.read_on()
    assert rules.at(1_059_999).pack == city.hash
    assert rules.at(1_060_000).pack != city.hash
    assert rules.at(1_060_000) is rules.at(2_000_000), "compiled once"
    assert rules.departments == frozenset(city.departments)


def test_row_99_a_broken_promotion_changes_nothing_and_is_counted(
    rules: CityRules, log: FakeCityLog, codec: Codec, city: City, metrics: RouterMetrics
) -> None:
    """A city pack on `city` that cannot be read or has faults.

    Gets: the pack in force stays; the router logs the place and the reason and counts it in
    `hutong_router_city_refused_total`. A broken key file likewise leaves the old keys in force,
    counted in `hutong_intake_keys_broken_total`.
    """
    good = promote(log, codec, 0)
    log.records.append(CityRecord(1, 10, good.key, b"\x00\x00\x00\x00\x01 no event", good.headers))
    log.records.append(CityRecord(2, 10, b"sha256:other", good.value, good.headers))
    rules.read_on()
    assert rules.at(10**9).pack == city.hash
    assert metrics.city_refused._value.get() == 2


def test_without_a_pack_there_are_no_rules(rules: CityRules) -> None:
    rules.read_on()
    with pytest.raises(NoPackError):
        rules.at(0)


def test_stops_when_the_end_of_city_was_not_confirmed_for_half_the_lead(
    rules: CityRules, log: FakeCityLog, clock: Clock, codec: Codec
) -> None:
    with pytest.raises(CityUnconfirmedError):
        rules.require_confirmed()
    promote(log, codec, 0)
    rules.read_on()
    clock.now += LEAD / 2
    rules.require_confirmed()
    log.reachable = False
    with pytest.raises(KafkaException):
        rules.read_on()
    clock.now += 0.1
    with pytest.raises(CityUnconfirmedError, match=r"not confirmed for 30\.1 s"):
        rules.require_confirmed()
