"""Intake checks by the pack in force, and learns of another without a restart."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException
from hutong_intake.in_force import Follower, InForce

from hutong.city import City, load_city
from hutong.promotions.packs import PackSince

NOON = 1_769_000_000_000


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


@pytest.fixture(scope="module")
def later(city: City) -> City:
    """As the first, but for its hash: another pack."""
    return replace(city, hash="sha256:" + "0" * 64)


class Told:
    """Packs that say what they are told to, one look after the other."""

    def __init__(self, *looks: tuple[PackSince, ...] | Exception) -> None:
        self.looks = list(looks)
        self.known: tuple[PackSince, ...] = ()
        self.read = threading.Event()
        self.closed = False

    def read_on(self) -> bool:
        if not self.looks:
            self.read.set()
            return False
        look = self.looks.pop(0)
        if isinstance(look, Exception):
            raise look
        self.known = look
        return True

    def close(self) -> None:
        self.closed = True


def follow(in_force: InForce, told: Told) -> None:
    with Follower(in_force, lambda: cast("Any", told), every=0.01):
        assert told.read.wait(5)
    assert told.closed


def test_each_instant_has_the_pack_that_counts_then(city: City, later: City) -> None:
    in_force = InForce(city)
    assert in_force.city(NOON) is city
    in_force.know((PackSince(0, city), PackSince(NOON, later)))

    assert in_force.city(NOON - 1) is city
    assert in_force.city(NOON) is later
    assert in_force.rules.pack(NOON - 1).since == 0
    assert in_force.rules.pack(NOON).since == NOON


def test_a_promotion_is_known_without_a_restart(city: City, later: City) -> None:
    in_force = InForce(city)
    follow(in_force, Told((PackSince(0, city),), (PackSince(0, city), PackSince(NOON, later))))

    assert in_force.city(NOON) is later


def test_while_city_cannot_be_read_the_pack_stays(city: City, later: City) -> None:
    in_force = InForce(city)
    silent = KafkaException(KafkaError(KafkaError._TIMED_OUT))
    follow(in_force, Told((PackSince(0, later),), silent, silent))

    assert in_force.city(NOON) is later
