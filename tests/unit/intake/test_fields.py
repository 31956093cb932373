"""FAULTS.md rows 24 to 29: places, areas, phones, identity numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hutong_intake.content import holds_identity_number, looks_like_identity_number
from hutong_intake.phone import to_e164
from hutong_intake.times import format_time, parse_time

from hutong.privacy.seal import Binding, Identity, unseal
from tests.fixtures.identity import KEYS
from tests.fixtures.intake_api import GOOD, NOW, IntakeApi, codes

INSIDE = {"lon": 116.0262, "lat": 36.4268}


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({"lon": 36.4268, "lat": 116.0262, "datum": "WGS84"}, "swapped"),
        ({"lon": 0, "lat": 0, "datum": "WGS84"}, "no_fix"),
        ({"lon": 116.5, "lat": 36.4268, "datum": "WGS84"}, "outside_the_city"),
        ({"lon": -180, "lat": 180, "datum": "WGS84"}, "outside_the_city"),
        (INSIDE, "no_datum"),
        ({**INSIDE, "datum": "GCJ-02"}, "other_datum"),
        ({**INSIDE, "datum": "wgs84"}, "other_datum"),
        ({"lon": 116.0262, "datum": "WGS84"}, "half_a_point"),
    ],
)
def test_row_24_places(api: IntakeApi, place: dict[str, Any], code: str) -> None:
    """Coordinates that are swapped, 0/0, outside the city, half, or of an unclear datum.

    Gets: 400 `invalid-report` with `swapped`, `no_fix`, `outside_the_city`, `half_a_point`,
    `no_datum` or `other_datum`; nothing is written.

    Why: 400 rather than taking it with a mark: only the sender's device still knows where it was;
    whoever has no fix leaves the point out and describes the place in words, which is always
    taken.
    """
    answer = api.post({**GOOD, "place": place})
    assert answer.status_code == 400
    assert codes(answer) == {"place": code}


def test_row_24_degrees_that_are_none(api: IntakeApi) -> None:
    """Degrees beyond 180.

    Gets: 400 with `out_of_range`.
    """
    answer = api.post({**GOOD, "place": {"lon": 1e308, "lat": -180.1, "datum": "WGS84"}})
    assert codes(answer) == {"place.lon": "out_of_range", "place.lat": "out_of_range"}


def test_row_24_a_point_inside_and_words_alone(api: IntakeApi) -> None:
    """A point inside the city, or an address without a point.

    Gets: 202.
    """
    assert api.post({**GOOD, "place": {**INSIDE, "datum": "WGS84"}}).status_code == 202
    assert api.post({**GOOD, "place": {"address": "槐荫路"}}).status_code == 202
    first, second = (body["place"] for body in api.bodies())
    assert first == {**INSIDE, "address": None}
    assert second == {"lon": None, "lat": None, "address": "槐荫路"}


@pytest.mark.parametrize("field", ["area", "intent"])
def test_row_25_unknown_codes(api: IntakeApi, field: str) -> None:
    """A code of an area or an intent that the city does not have.

    Gets: 422 `unknown-code` with the nearest code (areas) or all of them (intents); nothing is
    written.
    """
    known = {"area": "east", "intent": "help"}
    answer = api.post({**GOOD, field: known[field] + "x"})
    assert answer.status_code == 422
    assert known[field] in answer.json()["errors"][0]["message_zh"]
    assert api.log.records == []
    assert api.post({**GOOD, field: known[field]}).status_code == 202


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("138.0013.8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("(+86)13800138000", "+8613800138000"),
        ("19912345678", "+8619912345678"),
        ("010-62345678", "+861062345678"),
        ("（010）62345678", "+861062345678"),
        ("02087654321", "+862087654321"),
        ("0531-8123456", "+865318123456"),
        ("0531-81234567", "+8653181234567"),
        ("+86 10 6234 5678", "+861062345678"),
        ("+86 010 6234 5678", "+861062345678"),
        ("+852 2345 6789", "+85223456789"),
        ("1380013800", None),
        ("138001380000", None),
        ("12800138000", None),
        ("62345678", None),
        ("1062345678", None),
        ("010-12345678", None),
        ("010-62345678-801", None),
        ("010-62345678转801", None),
        ("138OO138000", None),
        ("一三八零零一三八零零零", None),
        ("+86", None),
        ("+", None),
        ("abc", None),
        ("", None),
        ("٠١٠٦٢٣٤٥٦٧٨", None),
        ("26062345678", None),
        ("+861380013800", None),
    ],
)
def test_row_26_phones(text: str, expected: str | None) -> None:
    """Phone numbers as people write them, good and bad.

    Gets: E.164 (`+8613800138000`), landlines with their area code too; else 400 with
    `not_a_phone`.

    Why: Normalised where the meaning is certain; a local number without area code, an extension
    or a missing digit is refused, since a wrong number reaches a stranger.
    """
    assert to_e164(text) == expected


def test_row_26_phones_over_http(api: IntakeApi) -> None:
    """A phone number with spaces; one of ten digits."""
    assert api.post({**GOOD, "reporter": {"phone": "138 0013 8000"}}).status_code == 202
    [body] = api.bodies()
    issue_id = body["head"]["issue_id"]
    who = unseal(KEYS, body["reporter"], Binding("IssueReported", issue_id, issue_id))
    assert who == Identity(phone="+8613800138000")
    answer = api.post({**GOOD, "reporter": {"phone": "1380013800"}})
    assert codes(answer) == {"reporter.phone": "not_a_phone"}
    assert "1380013800。" not in answer.text


def test_a_phone_number_is_no_contact(api: IntakeApi) -> None:
    answer = api.post({**GOOD, "contact": "13800138000"})
    assert codes(answer) == {"contact": "phone_in_contact"}
    assert codes(api.post({**GOOD, "contact": "张三"})) == {"contact": "not_a_token"}


@pytest.mark.parametrize(
    "number",
    [
        "110101199003078371",
        "110101199003070000",
        "110101190002300014",
        "11010119900307123X",
        "１１０１０１１９９００３０７８３７１",
        "110101 19900307 8371",
    ],
)
@pytest.mark.parametrize("field", ["name", "phone", "home"])
def test_row_27_identity_numbers_are_refused_and_not_repeated(
    api: IntakeApi, field: str, number: str
) -> None:
    """An identity number in a field about the reporter: right, with a wrong check digit, with an
    impossible birthday, full-width, or spaced.

    Gets: 400 `invalid-report` with `identity_number`; the answer does not repeat it.
    """
    answer = api.post({**GOOD, "reporter": {field: number}})
    assert codes(answer) == {f"reporter.{field}": "identity_number"}
    assert "19900307" not in answer.text
    assert number not in answer.text


def test_row_27_in_free_text_it_is_warned_of(api: IntakeApi) -> None:
    """An identity number in the text of a report.

    Gets: 202 with an `identity_number` warning that does not repeat it: what a citizen wrote is
    kept as it is.
    """
    answer = api.post({**GOOD, "body": "我的身份证是11010519491231002X，请查"})
    assert answer.status_code == 202
    assert [w["code"] for w in answer.json()["warnings"]] == ["identity_number"]
    assert "11010519491231002" not in answer.text


@pytest.mark.parametrize(
    ("text", "looks", "holds"),
    [
        ("11010519491231002X", True, True),
        ("110105194912310021", True, False),
        ("1101051949123100210", False, False),
        ("工单号202611220001", False, False),
    ],
)
def test_row_27_what_looks_like_one(text: str, looks: bool, holds: bool) -> None:
    """Numbers that look like identity numbers."""
    assert looks_like_identity_number(text) is looks
    assert holds_identity_number(text) is holds


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-22T18:31:44", "no_zone"),
        ("2026-02-30T10:00:00Z", "not_a_time"),
        ("2026-11-22T24:00:00Z", "not_a_time"),
        ("2016-12-31T23:59:60Z", "not_a_time"),
        ("2026-11-22", "not_a_time"),
        ("2026-11-22T18:31Z", "not_a_time"),
        ("2026-11-22T18:31:44+25:00", "not_a_time"),
        ("２０２６-11-22T18:31:44Z", "not_a_time"),
        ("1969-12-31T23:59:59Z", "not_a_time"),
        ("0001-01-01T00:00:00+23:59", "not_a_time"),
        ("yesterday", "not_a_time"),
        ("", "not_a_time"),
        ("9999-12-31T23:59:59Z", "in_the_future"),
        ("9999-12-31T23:59:59-23:59", "in_the_future"),
    ],
)
def test_row_28_times(api: IntakeApi, text: str, code: str) -> None:
    """A time without zone, 30 February, 24:00, a leap second, year 9999.

    Gets: 400 `invalid-report` with `no_zone`, `not_a_time` or `in_the_future`.

    Why: Leap seconds and 24:00 are refused, though RFC 3339 and ISO 8601 know them: they name no
    instant in any of our stores, and no guess is as good as the sender's own correction.
    """
    answer = api.post({**GOOD, "occurred_at": text})
    assert answer.status_code == 400
    assert codes(answer) == {"occurred_at": code}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T18:31:44+08:00", NOW),
        ("2026-11-22T10:31:44Z", NOW),
        ("2026-11-22t10:31:44.123456z", NOW + 123),
        ("2026-11-22 10:31:44.5Z", NOW + 500),
        ("2026-11-22T10:31:44-00:00", NOW),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_row_28_times_that_are_taken(text: str, expected: int) -> None:
    """Times with a zone, with or without fractions.

    Gets: 202; finer than milliseconds is dropped.
    """
    assert parse_time(text) == expected


def test_times_are_written_with_milliseconds_and_a_zone() -> None:
    assert format_time(NOW + 7) == "2026-11-22T10:31:44.007+00:00"


@pytest.mark.parametrize(
    ("ahead", "status", "warned"),
    [
        (timedelta(minutes=4), 202, False),
        (timedelta(minutes=6), 202, True),
        (timedelta(days=2), 202, True),
        (timedelta(days=7), 202, True),
        (timedelta(days=7, seconds=1), 400, False),
        (timedelta(days=-300), 202, False),
        (timedelta(days=-20_000), 202, True),
    ],
)
def test_row_29_clocks_that_are_wrong(
    api: IntakeApi, ahead: timedelta, status: int, warned: bool
) -> None:
    """A sender's clock that is days ahead, or a year behind.

    Gets: 202 with a `clock_skew` warning, and every clock runs from the time received; more than
    seven days ahead 400 with `in_the_future`.
    """
    moment = datetime.fromtimestamp(NOW / 1000, UTC) + ahead
    answer = api.post({**GOOD, "occurred_at": moment.isoformat()})
    assert answer.status_code == status
    if status == 202:
        assert [w["code"] for w in answer.json()["warnings"]] == ["clock_skew"] * warned
        assert answer.json()["received_at"] == "2026-11-22T18:31:44.000+08:00"


def test_handled_on_the_spot_is_for_grid_workers(api: IntakeApi) -> None:
    handled = {"result": "fixed", "text": "已当场清理"}
    answer = api.post({**GOOD, "handled_on_the_spot": handled})
    assert codes(answer) == {"handled_on_the_spot": "not_for_this_channel"}
    assert api.post({**GOOD, "handled_on_the_spot": handled}, channel="grid").status_code == 202
    assert api.bodies()[0]["handled_on_the_spot"] == handled
    wrong = api.post({**GOOD, "handled_on_the_spot": {"result": "won", "text": ""}}, channel="grid")
    assert wrong.status_code == 422
