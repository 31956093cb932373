"""Nothing is known to be folded before it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pytest
from hutong_processes.horizon import Horizon

from hutong.kafka.ends import Place

INPUTS = ("desk", "clock")
MARGIN = 100
EVERY = 500


class FakeLogs:
    """Ends, and how far the router has read, as a test sets them."""

    def __init__(self) -> None:
        self.end: dict[Place, int] = {("desk", 0): 0, ("clock", 0): 0, ("issues", 0): 0}
        self.router: dict[Place, int] = {}

    def ends(self, topics: Iterable[str]) -> Mapping[Place, int]:
        wanted = set(topics)
        return {place: end for place, end in self.end.items() if place[0] in wanted}

    def read(self, places: Collection[Place]) -> Mapping[Place, int]:
        return {place: self.router.get(place, 0) for place in places}

    def close(self) -> None:
        self.end = {}


class City:
    """A city in which one thing after the other happens."""

    def __init__(self) -> None:
        self.now = 1_000
        self.logs = FakeLogs()
        self.folded: dict[int, int] = {}
        self.steady = 0.0
        self.horizon = Horizon(
            self.logs,
            margin_ms=MARGIN,
            every_ms=EVERY,
            clock=lambda: self.now,
            steady=lambda: self.steady,
        )

    def look(self) -> int | None:
        return self.horizon.look(INPUTS, lambda: self.folded)


@pytest.fixture
def city() -> City:
    return City()


def test_an_idle_city_is_known_up_to_now_less_the_margin(city: City) -> None:
    assert city.look() == 900
    city.now = 2_000
    assert city.look() == 1_900


def test_it_asks_anew_after_a_while_only(city: City) -> None:
    assert city.look() == 900
    city.now += EVERY - 1
    assert city.look() is None
    city.now += 1
    assert city.look() == 1_400


def test_what_the_router_has_not_read_holds_it_back(city: City) -> None:
    city.logs.end["desk", 0] = 5
    city.logs.router["desk", 0] = 4
    assert city.look() is None
    city.now = 9_000
    assert city.look() is None
    city.logs.router["desk", 0] = 5
    assert city.look() == 900


def test_so_does_what_is_routed_and_not_folded(city: City) -> None:
    city.logs.end["desk", 0] = 5
    city.logs.router["desk", 0] = 5
    city.logs.end["issues", 0] = 7
    assert city.look() is None
    city.folded[0] = 6
    assert city.look() is None
    city.folded[0] = 7
    assert city.look() == 900


def test_what_comes_meanwhile_is_of_the_next_look(city: City) -> None:
    """Else a city in which something always comes would never be known."""
    city.logs.end["desk", 0] = 5
    assert city.look() is None
    city.now = 2_000
    city.logs.end["desk", 0] = 9
    city.logs.router["desk", 0] = 5
    assert city.look() == 900
    assert city.look() is None
    city.logs.router["desk", 0] = 9
    assert city.look() == 1_900


def test_issues_end_where_they_do_after_the_router_has_read(city: City) -> None:
    """Not where they ended when the inputs were asked for: the router wrote since."""
    city.logs.end["desk", 0] = 1
    assert city.look() is None
    city.logs.end["issues", 0] = 3
    city.logs.router["desk", 0] = 1
    city.folded[0] = 2
    assert city.look() is None
    city.folded[0] = 3
    assert city.look() == 900


def test_a_clock_that_was_ahead_of_the_brokers_is_not_believed_again(city: City) -> None:
    city.now = 9_000_000
    assert city.look() == 9_000_000 - MARGIN
    assert city.horizon.appended(5_000)  # of what was said up to then
    city.now += 1_000
    city.steady += 1
    assert city.look() == 6_000 - MARGIN
    assert not city.horizon.appended(6_010)
    city.now += 1_000
    city.steady += 1
    assert city.look() == 7_010 - MARGIN
    city.now = 8_005  # set right
    city.steady += 1
    assert city.look() == 8_005 - MARGIN
    city.now += 50_000  # and wrong again
    city.steady += 1
    assert city.look() == 9_010 - MARGIN
