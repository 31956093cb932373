"""FAULTS.md rows 1 to 23: bodies that cannot be read, and texts of all kinds."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hutong.city import City
from tests.fixtures.intake_api import GOOD, IntakeApi, codes


def refused(api: IntakeApi, content: bytes, status: int = 400) -> dict[str, Any]:
    answer = api.post(content)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert api.log.records == []
    problem: dict[str, Any] = answer.json()
    for name in ("type", "status", "title_zh", "title_en", "detail_zh", "detail_en", "instance"):
        assert problem[name]
    return problem


def only_code(problem: dict[str, Any]) -> str:
    [fault] = problem["errors"]
    return str(fault["code"])


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_row_01_empty_body(api: IntakeApi, content: bytes) -> None:
    assert only_code(refused(api, content)) == "empty_body"


def test_row_02_json_cut_anywhere(api: IntakeApi) -> None:
    whole = json.dumps(GOOD, ensure_ascii=False).encode()
    for end in range(1, len(whole)):
        assert only_code(refused(api, whole[:end])) in ("not_json", "not_utf_8")


@pytest.mark.parametrize(
    "media", ["text/plain", "application/xml", "", "application/json; charset=gbk"]
)
def test_row_03_wrong_content_type(api: IntakeApi, media: str) -> None:
    answer = api.request("POST", "/v1/reports", json.dumps(GOOD).encode(), media=media)
    assert answer.status_code == 415
    assert api.log.records == []


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, gzip", "x"])
def test_row_04_compressed_bodies_are_not_inflated(api: IntakeApi, coding: str) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    answer = api.post(bomb, {"Content-Encoding": coding})
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"


def test_row_05_over_256_kib_with_a_length(api: IntakeApi) -> None:
    answer = api.post(b" " * (256 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


def test_row_05_over_256_kib_in_chunks(api: IntakeApi) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    answer = api.request("POST", "/v1/reports", endless())
    assert answer.status_code == 413
    assert sent <= 7 * 65_536


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"body":' + b"[" * 17 + b"]" * 17 + b"}",
    ],
)
def test_row_08_nested_too_deep(api: IntakeApi, content: bytes) -> None:
    assert only_code(refused(api, content)) == "too_deep"


def test_row_08_brackets_in_text_are_text(api: IntakeApi) -> None:
    assert api.post({**GOOD, "body": 'a"\\[[[[' + "[{" * 1_000}).status_code == 202


@pytest.mark.parametrize("unit", [b'\\"', b'"\\', b'"', b"\\", b'"['])
def test_row_08_the_scan_takes_linear_time(api: IntakeApi, unit: bytes) -> None:
    started = time.perf_counter()
    refused(api, b"{{{{{{{{{{{{{{{{{" + b'"' + unit * (120_000 // len(unit)))
    assert time.perf_counter() - started < 1


def test_row_09_duplicate_json_keys(api: IntakeApi) -> None:
    twice = b'{"occurred_at":"2026-11-22T10:00:00Z","body":"a","body":"b"}'
    assert only_code(refused(api, twice)) == "duplicate_key"
    inside = b'{"occurred_at":"2026-11-22T10:00:00Z","body":"a","place":{"lon":1,"lon":2}}'
    assert only_code(refused(api, inside)) == "duplicate_key"


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        (b"NaN", "not_a_number"),
        (b"Infinity", "not_a_number"),
        (b"-Infinity", "not_a_number"),
        (b"1e999", "number_too_large"),
        (b"-1e999", "number_too_large"),
        (b"0." + b"1" * 100_000, "number_too_large"),
    ],
)
def test_row_10_numbers_that_are_none(api: IntakeApi, literal: bytes, code: str) -> None:
    assert only_code(refused(api, b'{"place":{"lon":' + literal + b"}}")) == code


@pytest.mark.parametrize("digits", [str(2**63), str(2**53), f"-{2**53}", "9" * 100_000])
def test_row_11_integers_that_would_be_rounded(api: IntakeApi, digits: str) -> None:
    problem = refused(api, b'{"event_id":' + digits.encode() + b"}")
    assert only_code(problem) == "number_too_large"


def test_row_12_unknown_fields_are_warned_of(api: IntakeApi) -> None:
    place = {"address": "槐荫路", "floor": 3}
    answer = api.post({**GOOD, "mood": "bad", "place": place, "110101199003070000": "x"})
    assert answer.status_code == 202
    assert [w["field"] for w in answer.json()["warnings"]] == ["?", "mood", "place.floor"]


def test_row_12_unknown_fields_are_refused_in_strict_mode(city: City) -> None:
    api = IntakeApi(city, strict=True)
    answer = api.post({**GOOD, "mood": "bad", "subject": 5})
    assert answer.status_code == 400
    assert codes(answer) == {"mood": "unknown_field", "subject": "not_text"}


def test_row_13_all_problems_at_once(api: IntakeApi) -> None:
    answer = api.post(
        {"subject": 5, "area": "eest", "place": {"lon": "116", "lat": 36.4}, "media": ["x"]}
    )
    assert answer.status_code == 400
    assert codes(answer) == {
        "occurred_at": "missing",
        "body": "missing",
        "subject": "not_text",
        "area": "unknown_area",
        "place.lon": "not_a_number",
        "media.0": "not_a_digest",
    }
    for fault in answer.json()["errors"]:
        assert fault["message_zh"]
        assert fault["message_en"]


def test_row_14_null_absent_and_empty(api: IntakeApi) -> None:
    optional = ("subject", "area", "place", "intent", "contact", "reporter", "reference", "media")
    assert api.post({**GOOD, **dict.fromkeys(optional)}).status_code == 202
    assert api.post({**GOOD, "subject": "", "contact": "", "reference": ""}).status_code == 202
    assert api.post({**GOOD, "reporter": {}, "place": {"address": ""}}).status_code == 202
    first, *others = api.bodies()
    for body in others:
        assert {**body, "head": None} == {**first, "head": None}
    assert codes(api.post({**GOOD, "body": None})) == {"body": "not_text"}
    assert codes(api.post({**GOOD, "body": ""})) == {"body": "no_content"}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("body", 5, "not_text"),
        ("body", ["a"], "not_text"),
        ("subject", True, "not_text"),
        ("occurred_at", 1795343504000, "not_a_time"),
        ("place", "here", "not_an_object"),
        ("reporter", [], "not_an_object"),
        ("media", "a", "not_a_list"),
        ("event_id", 7, "not_text"),
        ("event_id", "7", "not_a_uuid"),
    ],
)
def test_row_15_wrong_types(api: IntakeApi, field: str, value: object, code: str) -> None:
    answer = api.post({**GOOD, field: value})
    assert answer.status_code == 400
    assert codes(answer) == {field: code}


def test_row_15_numbers_in_quotes(api: IntakeApi) -> None:
    place = {"lon": "116.02", "lat": True, "datum": "WGS84"}
    answer = api.post({**GOOD, "place": place})
    assert codes(answer) == {"place.lon": "not_a_number", "place.lat": "not_a_number"}


@pytest.mark.parametrize("content", [b"5", b'"x"', b"[]", b"null", b"true"])
def test_row_15_not_an_object(api: IntakeApi, content: bytes) -> None:
    assert only_code(refused(api, content)) == "not_an_object"


def test_row_16_byte_order_mark(api: IntakeApi) -> None:
    assert api.post(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()).status_code == 202


@pytest.mark.parametrize("content", [b'{"body":"\xff"}', b'{"body":"\xed\xa0\x80"}'])
def test_row_16_invalid_utf_8(api: IntakeApi, content: bytes) -> None:
    assert only_code(refused(api, content)) == "not_utf_8"


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00x", "\\ud83d \\ude00"])
def test_row_16_lone_surrogate(api: IntakeApi, escape: str) -> None:
    problem = refused(api, b'{"reporter":{"name":"' + escape.encode() + b'"}}')
    assert problem["errors"][0]["field"] == "reporter.name"
    assert only_code(problem) == "lone_surrogate"


def test_row_17_gbk_labelled_utf_8(api: IntakeApi) -> None:
    problem = refused(api, json.dumps(GOOD, ensure_ascii=False).encode("gb18030"))
    assert only_code(problem) == "not_utf_8"
    assert "GBK" in problem["detail_en"]
    assert "GBK" in problem["detail_zh"]


@pytest.mark.parametrize("field", ["body", "subject", "mood"])
def test_row_18_nul(api: IntakeApi, field: str) -> None:
    problem = refused(api, json.dumps({**GOOD, field: "a\0b"}).encode())
    assert [(f["field"], f["code"]) for f in problem["errors"]] == [(field, "nul")]


@pytest.mark.parametrize(
    "text",
    [
        "零\u200b宽",  # row 19: the original is kept
        "\u202e反",
        "响铃\x07",
        "𠮷野家门口𰻝面馆",  # row 20
        "👨‍👩‍👧‍👦 在路中间",
        "Z͑ͫ̓ͪ̂ͫ̽a̴̵̜̰l̵̡g̦",
        "噪音擾民，請處理",  # row 22
        "１２３４５",
        "自來水管爆列了，怎么办",
        "'; DROP TABLE issue_current; --",  # row 39
        "../../etc/passwd",
        "a\r\nSet-Cookie: x=1",
        '{"level":"error"}\n',
        "=cmd|' /C calc'!A0",
        "🔥",
    ],
)
def test_rows_19_20_22_39_text_is_kept_byte_for_byte(api: IntakeApi, text: str) -> None:
    answer = api.post({**GOOD, "body": text, "subject": text})
    assert answer.status_code == 202
    [body] = api.bodies()
    assert (body["body"], body["subject"]) == (text, text)


@pytest.mark.parametrize("text", [" ", "\u3000\t\n", "。。。！？", "…——", "\u200b\u200d", "\u3164"])
def test_row_21_nothing_but_spaces_and_punctuation(api: IntakeApi, text: str) -> None:
    assert codes(api.post({**GOOD, "body": text})) == {"body": "no_content"}


def test_row_23_limits_count_code_points_and_nothing_is_cut(api: IntakeApi) -> None:
    assert api.post({**GOOD, "body": "𠮷" * 10_000, "subject": "𠮷" * 200}).status_code == 202
    assert len(api.bodies()[0]["body"]) == 10_000
    answer = api.post({**GOOD, "body": "水" * 10_001, "subject": "水" * 201})
    assert codes(answer) == {"body": "too_long", "subject": "too_long"}
    assert "10000" in answer.json()["errors"][0]["message_zh"]
