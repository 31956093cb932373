"""Which reports may be the same matter: given two reports, when compared, then this."""

from typing import Any

import pytest
from hutong_processes.likeness import LONGEST, MOST, Matter, metres, suspects, text_score
from hypothesis import given
from hypothesis import strategies as st

from hutong.city import City, load_city
from hutong.events.ids import derived_id

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOON = 1_764_000_000_000

PIPE = "果园大街自来水管爆裂，路面全是水，整个小区停水，赶快抢修"
PIPE_TOO = "家里突然停水，听说果园大街水管爆了，小区都停水，抢修要多久"
OTHER = "三楼邻居每天半夜装修，电钻声很大，孩子睡不着"


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def matter(name: str, at: int = NOON, text: str = PIPE, **said: Any) -> Matter:
    given = {
        "item": "water-supply",
        "area": "west-bell-01",
        "lon": None,
        "lat": None,
        "address": None,
        "subject": "",
        **said,
    }
    return Matter(derived_id("matter", name), at, text=text, **given)


@pytest.mark.parametrize(
    ("case", "other", "expected"),
    [
        ("minutes later, next grid, other words", {"area": "west-bell-02", "text": PIPE_TOO}, True),
        ("no grid is known", {"area": None, "text": PIPE_TOO}, True),
        ("the other end of the district", {"area": "east-orchard-04", "text": PIPE_TOO}, False),
        ("another duty item", {"item": "power-outage"}, False),
        ("nothing in common", {"text": OTHER}, False),
        ("three hours later, much the same words", {"at": NOON + 3 * HOUR}, True),
        ("three hours later, few words", {"at": NOON + 3 * HOUR, "text": "停水了，快来"}, False),
        ("ten hours later", {"at": NOON + 10 * HOUR, "text": PIPE_TOO}, False),
        ("days later, one letter signed by many", {"at": NOON + 9 * DAY}, True),
        ("weeks later", {"at": NOON + 15 * DAY}, False),
    ],
)
def test_when_two_reports_may_be_one_matter(
    city: City, case: str, other: dict[str, Any], expected: bool
) -> None:
    one, two = matter("one"), matter("two", **other)
    assert bool(suspects(one, [two], city)) is expected, case
    assert bool(suspects(two, [one], city)) is expected, case


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ({"address": "果园大街12号"}, {"address": "果园大街 12 号"}, True),
        ({"address": "果园大街12号"}, {"address": "果园大街21号"}, False),
        ({"lon": 116.02, "lat": 36.42}, {"lon": 116.0201, "lat": 36.42}, True),
        ({"lon": 116.02, "lat": 36.42}, {"lon": 116.021, "lat": 36.42}, False),
        ({}, {}, False),
    ],
)
def test_days_later_the_place_decides(
    city: City, here: dict[str, Any], there: dict[str, Any], expected: bool
) -> None:
    one = matter("one", **here)
    two = matter("two", NOON + 5 * DAY, PIPE_TOO, **there)
    assert bool(suspects(two, [one], city)) is expected


def test_a_suspect_says_how_far_how_long_and_how_alike(city: City) -> None:
    one = matter("one", lon=116.02, lat=36.42)
    two = matter("two", NOON + 90_000, PIPE_TOO, lon=116.021, lat=36.42)
    (found,) = suspects(two, [one], city)
    assert found.issue_id == one.issue_id
    assert found.metres == 89
    assert found.minutes == 1
    assert found.text_score == text_score(one, two) == 33


def test_without_points_the_distance_is_not_known(city: City) -> None:
    (found,) = suspects(matter("two", lon=116.02, lat=36.42), [matter("one")], city)
    assert found.metres == -1


def test_numbers_and_spelling_do_not_count() -> None:
    one = matter("one", text="请联系１３８ ００１３－８０００，ABC路路灯不亮！")
    two = matter("two", text="请联系,abc路路灯不亮")
    masked = matter("three", text="请联系138****8000，ABC路路灯不亮")
    assert text_score(one, two) == text_score(masked, two) == 100


def test_an_empty_text_resembles_nothing() -> None:
    assert text_score(matter("one", text=""), matter("two", text="")) == 0
    assert text_score(matter("one", text="水"), matter("two", text="水")) == 0


def test_a_person_gets_a_handful_the_oldest_of_equals_first(city: City) -> None:
    crowd = [matter(str(n), NOON + n * MINUTE) for n in range(50)]
    found = suspects(crowd[40], crowd, city)
    assert [suspect.issue_id for suspect in found] == [one.issue_id for one in crowd[:MOST]]
    assert all(suspect.text_score == 100 for suspect in found)


def test_the_best_words_come_first(city: City) -> None:
    one, two, three = (
        matter("one", text=PIPE_TOO),
        matter("two", NOON + MINUTE),
        matter("three", NOON + 2 * MINUTE),
    )
    assert [found.issue_id for found in suspects(three, [one, two], city)] == [
        two.issue_id,
        one.issue_id,
    ]


def test_a_pasted_file_is_read_to_a_limit() -> None:
    assert len(matter("one", text="".join(map(chr, range(0x4E00, 0x4E00 + 9000)))).pairs) < LONGEST


texts = st.text(alphabet="水管爆裂路灯不亮小区停电abc123 ，。", max_size=60)
points = st.floats(116.01, 116.03), st.floats(36.41, 36.44)


@given(texts, texts, *points, *points)
def test_likeness_has_no_direction(
    one: str, two: str, x1: float, y1: float, x2: float, y2: float
) -> None:
    here, there = matter("a", text=one, lon=x1, lat=y1), matter("b", text=two, lon=x2, lat=y2)
    assert text_score(here, there) == text_score(there, here)
    assert 0 <= text_score(here, there) <= 100
    assert abs(metres(here, there) - metres(there, here)) <= 1
    assert text_score(here, here) in (0, 100)
