"""Which pack is in force at an instant, whoever asks and whenever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hutong.promotions import Promotion, Timeline

LEAD = 60_000


def promotion(offset: int, appended: int, effective: int, pack: str = "") -> Promotion:
    return Promotion(offset, f"e{offset}", pack or f"p{offset}", "", "", appended, effective, b"")


def timeline(*promotions: Promotion) -> Timeline:
    found = Timeline(LEAD)
    for one in promotions:
        found.add(one)
    return found


def pack_at(line: Timeline, instant: int) -> str:
    return next(line.candidates(instant)).pack


def test_takes_effect_at_its_time_but_not_before_the_lead() -> None:
    line = timeline(promotion(0, 0, 0), promotion(1, 100_000, 0), promotion(2, 200_000, 500_000))
    assert pack_at(line, 159_999) == "p0"
    assert pack_at(line, 160_000) == "p1"
    assert pack_at(line, 499_999) == "p1"
    assert pack_at(line, 500_000) == "p2"


def test_the_first_one_holds_for_all_that_came_before_it() -> None:
    line = timeline(promotion(0, 1_000_000, 9_000_000), promotion(1, 2_000_000, 3_000_000))
    assert pack_at(line, 0) == "p0"
    assert pack_at(line, 2_999_999) == "p0"
    assert pack_at(line, 3_000_000) == "p1"


def test_of_two_at_the_same_time_the_later_one_wins_so_that_a_plan_can_be_taken_back() -> None:
    line = timeline(promotion(0, 0, 0), promotion(1, 1, 10**9), promotion(2, 2, 10**9, "p0"))
    assert pack_at(line, 10**9) == "p0"


def test_without_any_there_is_nothing() -> None:
    assert list(timeline().candidates(0)) == []


def test_what_cannot_be_used_falls_back_to_what_was_in_force_before() -> None:
    line = timeline(promotion(0, 0, 0), promotion(1, 0, 100_000), promotion(2, 0, 200_000))
    assert [p.pack for p in line.candidates(150_000)] == ["p1", "p0", "p2"]
    assert [p.pack for p in line.ahead(150_000)] == ["p2"]


@given(
    st.lists(st.tuples(st.integers(0, 500_000), st.integers(0, 900_000)), min_size=1, max_size=8),
    st.integers(0, 1_000_000),
)
def test_whoever_has_read_up_to_the_lead_ago_knows_the_answer(
    acts: list[tuple[int, int]], instant: int
) -> None:
    ordered = sorted(acts)
    all_of_it = [promotion(n, appended, at) for n, (appended, at) in enumerate(ordered)]
    seen = [p for p in all_of_it if p.appended_at <= instant - LEAD] or all_of_it[:1]
    assert pack_at(timeline(*seen), instant) == pack_at(timeline(*all_of_it), instant)
