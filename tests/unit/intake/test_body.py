"""FAULTS.md rows 1 to 23: bodies that cannot be read, and texts of all kinds."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

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
    """A body of nothing, of white space, or of a byte order mark alone.

    Gets: 400 `unreadable` with `empty_body`; nothing is written.
    """
    assert only_code(refused(api, content)) == "empty_body"


def test_row_02_json_cut_anywhere(api: IntakeApi) -> None:
    """JSON cut off after any of its bytes.

    Gets: 400 `unreadable` with `not_json` and the line and column (`not_utf_8` where the cut goes
    through a character); nothing is written.
    """
    whole = json.dumps(GOOD, ensure_ascii=False).encode()
    for end in range(1, len(whole)):
        assert only_code(refused(api, whole[:end])) in ("not_json", "not_utf_8")


@pytest.mark.parametrize(
    "media", ["text/plain", "application/xml", "", "application/json; charset=gbk"]
)
def test_row_03_wrong_content_type(api: IntakeApi, media: str) -> None:
    """A Content-Type that is missing, is not JSON, or names another encoding than UTF-8.

    Gets: 415 `unsupported-media-type`, which says what is taken; nothing is written.
    """
    content = json.dumps(GOOD).encode()
    for path in ("/v1/reports", "/v1/reports:batch"):
        answer = api.request("POST", path, content, media=media)
        assert answer.status_code == 415
        taken = answer.json()["detail_en"].lower()
        assert "json" in taken or "utf-8" in taken
    assert api.log.records == []


@pytest.mark.parametrize(
    "media",
    ["Application/JSON", "application/json;charset=utf-8", 'application/json; charset="UTF8"'],
)
def test_row_03_other_spellings_of_the_right_one(api: IntakeApi, media: str) -> None:
    """The right Content-Type in other letters or with `charset=utf-8`.

    Gets: 202.
    """
    content = json.dumps(GOOD).encode()
    assert api.request("POST", "/v1/reports", content, media=media).status_code == 202


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, gzip", "x"])
def test_row_04_compressed_bodies_are_not_inflated(api: IntakeApi, coding: str) -> None:
    """A gzip bomb, and Content-Encodings known and unknown.

    Gets: 415 `unsupported-media-type` with `Accept-Encoding: identity`, before a byte is
    inflated; the connection is closed.

    Why: No compression at all rather than a bounded one (413): a report is at most 256 KiB, so
    there is little to save, and what is never inflated cannot be a bomb.
    """
    bomb = gzip.compress(b"0" * 10_000_000)
    answer = api.post(bomb, {"Content-Encoding": coding})
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
    assert answer.headers["connection"] == "close"
    headers = {"Content-Encoding": coding}
    batch = api.request("POST", "/v1/reports:batch", bomb, headers, media="application/x-ndjson")
    assert batch.status_code == 415
    assert api.log.records == []


def test_row_05_over_256_kib_with_a_length(api: IntakeApi) -> None:
    """A body whose Content-Length says more than 256 KiB.

    Gets: 413 `too-large` before any of it is read, connection closed; nothing is written.
    """
    answer = api.post(b" " * (256 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


def test_row_05_over_256_kib_in_chunks(api: IntakeApi) -> None:
    """A chunked body without end.

    Gets: 413 `too-large` as soon as 256 KiB are passed, connection closed; memory stays flat.
    """
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
    """JSON nested 10,000 levels deep, or 17.

    Gets: 400 `unreadable` with `too_deep` (16 levels are taken, a report needs three); nothing
    crashes.
    """
    assert only_code(refused(api, content)) == "too_deep"


def test_row_08_brackets_in_text_are_text(api: IntakeApi) -> None:
    """Thousands of brackets inside a text.

    Gets: 202: they are text.
    """
    assert api.post({**GOOD, "body": 'a"\\[[[[' + "[{" * 1_000}).status_code == 202


@pytest.mark.parametrize("unit", [b'\\"', b'"\\', b'"', b"\\", b'"['])
def test_row_08_the_scan_takes_linear_time(api: IntakeApi, unit: bytes) -> None:
    """Quotes, backslashes and brackets made to slow the scan for depth down."""
    started = time.perf_counter()
    refused(api, b"{{{{{{{{{{{{{{{{{" + b'"' + unit * (120_000 // len(unit)))
    assert time.perf_counter() - started < 1


def test_row_09_duplicate_json_keys(api: IntakeApi) -> None:
    """A field name twice in one object, also in a nested one or spelt with an escape.

    Gets: 400 `unreadable` with `duplicate_key`; no last one silently wins.
    """
    twice = b'{"occurred_at":"2026-11-22T10:00:00Z","body":"a","body":"b"}'
    assert only_code(refused(api, twice)) == "duplicate_key"
    inside = b'{"occurred_at":"2026-11-22T10:00:00Z","body":"a","place":{"lon":1,"lon":2}}'
    assert only_code(refused(api, inside)) == "duplicate_key"
    spelt = b'{"occurred_at":"2026-11-22T10:00:00Z","body":"a","b\\u006fdy":"b"}'
    assert only_code(refused(api, spelt)) == "duplicate_key"


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
    """NaN, Infinity, 1e999, or a number of 100,000 digits.

    Gets: 400 `unreadable` with `not_a_number` or `number_too_large`; nothing is written.
    """
    assert only_code(refused(api, b'{"place":{"lon":' + literal + b"}}")) == code


@pytest.mark.parametrize("digits", [str(2**63), str(2**53), f"-{2**53}", "9" * 100_000])
def test_row_11_integers_that_would_be_rounded(api: IntakeApi, digits: str) -> None:
    """Integers from 2^53 on, also in a field that wants text.

    Gets: 400 `unreadable` with `number_too_large`; nothing is ever rounded.
    """
    problem = refused(api, b'{"event_id":' + digits.encode() + b"}")
    assert only_code(problem) == "number_too_large"


def test_row_12_unknown_fields_are_warned_of(api: IntakeApi) -> None:
    """A field that no version of ours has.

    Gets: 202 with an `unknown_field` warning that names it (`?` where the name is no name). In
    strict mode (`HUTONG_INTAKE_STRICT`) 400.

    Why: Lenient by default, so that a newer client works with an older server during an upgrade;
    strict is for whoever tries out a client.
    """
    place = {"address": "槐荫路", "floor": 3}
    answer = api.post({**GOOD, "mood": "bad", "place": place, "110101199003070000": "x"})
    assert answer.status_code == 202
    assert [w["field"] for w in answer.json()["warnings"]] == ["?", "mood", "place.floor"]


def test_row_12_unknown_fields_are_refused_in_strict_mode(city: City) -> None:
    """The same in strict mode, beside another fault."""
    api = IntakeApi(city, strict=True)
    answer = api.post({**GOOD, "mood": "bad", "subject": 5})
    assert answer.status_code == 400
    assert codes(answer) == {"mood": "unknown_field", "subject": "not_text"}


def test_row_12_no_field_is_deprecated_yet(api: IntakeApi) -> None:
    """A field that we would rather not have any more: there is none yet.

    Gets: (the first one will get a warning like an unknown field)
    """
    schemas = api.request("GET", "/openapi.json").json()["components"]["schemas"]
    assert "deprecated" not in json.dumps(schemas)


def test_row_13_all_problems_at_once(api: IntakeApi) -> None:
    """Missing fields together with wrong ones.

    Gets: 400 `invalid-report` that lists every fault by its field path, in Chinese and English.
    """
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
    """null, an absent field and an empty text.

    Gets: The same event in fields that may be absent; in `body` and `occurred_at` 400.
    """
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
    """A value of the wrong type, such as 5 for a text.

    Gets: 400 `invalid-report` that names the field and the type it wants; nothing is converted.
    """
    answer = api.post({**GOOD, field: value})
    assert answer.status_code == 400
    assert codes(answer) == {field: code}


def test_row_15_numbers_in_quotes(api: IntakeApi) -> None:
    """A number in quotes, or true for a number."""
    place = {"lon": "116.02", "lat": True, "datum": "WGS84"}
    answer = api.post({**GOOD, "place": place})
    assert codes(answer) == {"place.lon": "not_a_number", "place.lat": "not_a_number"}


@pytest.mark.parametrize("content", [b"5", b'"x"', b"[]", b"null", b"true"])
def test_row_15_not_an_object(api: IntakeApi, content: bytes) -> None:
    """JSON that is no object.

    Gets: 400 `unreadable` with `not_an_object`.
    """
    assert only_code(refused(api, content)) == "not_an_object"


def test_row_16_byte_order_mark(api: IntakeApi) -> None:
    """A UTF-8 byte order mark before the JSON.

    Gets: 202; the mark is dropped.
    """
    assert api.post(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()).status_code == 202


@pytest.mark.parametrize("content", [b'{"body":"\xff"}', b'{"body":"\xed\xa0\x80"}'])
def test_row_16_invalid_utf_8(api: IntakeApi, content: bytes) -> None:
    """Bytes that are not UTF-8, an encoded surrogate among them.

    Gets: 400 `unreadable` with `not_utf_8` and the number of the byte.
    """
    assert only_code(refused(api, content)) == "not_utf_8"


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00x", "\\ud83d \\ude00"])
def test_row_16_lone_surrogate(api: IntakeApi, escape: str) -> None:
    """Half of a surrogate pair, written as an escape.

    Gets: 400 `unreadable` with `lone_surrogate` and the field; whole pairs are fine.
    """
    problem = refused(api, b'{"reporter":{"name":"' + escape.encode() + b'"}}')
    assert problem["errors"][0]["field"] == "reporter.name"
    assert only_code(problem) == "lone_surrogate"


def test_row_17_gbk_labelled_utf_8(api: IntakeApi) -> None:
    """GBK or GB18030 bytes labelled as UTF-8.

    Gets: 400 `unreadable` with `not_utf_8`, and the hint that it looks like GBK/GB18030.
    """
    problem = refused(api, json.dumps(GOOD, ensure_ascii=False).encode("gb18030"))
    assert only_code(problem) == "not_utf_8"
    assert "GBK" in problem["detail_en"]
    assert "GBK" in problem["detail_zh"]


@pytest.mark.parametrize("field", ["body", "subject", "mood"])
def test_row_18_nul(api: IntakeApi, field: str) -> None:
    """A NUL character in any text.

    Gets: 400 `unreadable` with `nul` and the field: PostgreSQL cannot store it.
    """
    problem = refused(api, json.dumps({**GOOD, field: "a\0b"}).encode())
    assert [(f["field"], f["code"]) for f in problem["errors"]] == [(field, "nul")]


def kept(api: IntakeApi, text: str) -> None:
    answer = api.post({**GOOD, "body": text, "subject": text})
    assert answer.status_code == 202
    [body] = api.bodies()
    assert (body["body"], body["subject"]) == (text, text)


@pytest.mark.parametrize(
    "text", ["零\u200b宽", "\u202e反", "响铃\x07", "\ufeff路灯", "a\u2066b\u2069"]
)
def test_row_19_characters_that_do_not_show(api: IntakeApi, text: str) -> None:
    """Zero-width characters, text that runs backwards, control characters.

    Gets: 202, kept exactly as sent.
    """
    kept(api, text)


@pytest.mark.parametrize(
    "text", ["𠮷野家门口𰻝面馆", "👨‍👩‍👧‍👦 在路中间", "Z͑ͫ̓ͪ̂ͫ̽a̴̵̜̰l̵̡g̦", "🔥", "한국어 ไทย عربى"]
)
def test_row_20_rare_characters(api: IntakeApi, text: str) -> None:
    """Rare Han characters, emoji families, stacked accents, other scripts.

    Gets: 202, kept byte for byte, never normalised. Texts are bounded in code points, the whole
    body in bytes (256 KiB).
    """
    kept(api, text)


@pytest.mark.parametrize(
    "text", ["噪音擾民，請處理", "１２３４５", "自來水管爆列了，怎么办", "lu deng bu liang"]
)
def test_row_22_scripts_and_spelling(api: IntakeApi, text: str) -> None:
    """Traditional characters, full-width digits, both scripts mixed, misspellings.

    Gets: 202, kept as sent; dispatched, or queued for the desk when the classifier is not sure.
    """
    kept(api, text)


HOSTILE = [
    "'; DROP TABLE issue_current; --",
    "../../etc/passwd",
    "a\r\nSet-Cookie: x=1",
    '{"level":"error"}\n',
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}%s%n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_row_39_texts_that_are_code_elsewhere(api: IntakeApi, text: str) -> None:
    """Path traversal, SQL, CRLF, markup, templates and log lines in any text.

    Gets: 202, kept as text, without effect.
    """
    kept(api, text)


@pytest.mark.parametrize("text", HOSTILE)
def test_row_39_in_fields_that_take_codes(api: IntakeApi, text: str) -> None:
    """The same where a code is wanted, or in the address.

    Gets: 400 or 422 that does not repeat it.
    """
    for field in ("area", "intent", "contact", "event_id"):
        answer = api.post({**GOOD, field: text})
        assert answer.status_code in (400, 422)
        assert text not in answer.text
    answer = api.request("GET", f"/v1/reports/{quote(text, safe='')}")
    assert answer.status_code in (400, 404)
    assert text not in answer.text
    assert api.log.records == []


@pytest.mark.parametrize(
    "name", ["Idempotency-Key", "traceparent", "Accept-Language", "X-Request-Id"]
)
def test_row_39_in_headers(api: IntakeApi, name: str) -> None:
    """The same in headers.

    Gets: 400, or the header is ignored; it is never repeated in the answer.
    """
    for text in ("a%0d%0aX-Evil: 1", "<script>", "x" * 5_000, "\x7f"):
        answer = api.post(GOOD, {name: text})
        assert answer.status_code in (202, 400)
        assert text not in answer.text
        assert not any(text in value for value in answer.headers.values())


@pytest.mark.parametrize("text", [" ", "\u3000\t\n", "。。。！？", "…——", "\u200b\u200d", "\u3164"])
def test_row_21_nothing_but_spaces_and_punctuation(api: IntakeApi, text: str) -> None:
    """A text of nothing but spaces (full-width and zero-width ones too) and punctuation.

    Gets: 400 `invalid-report` with `no_content`.
    """
    assert codes(api.post({**GOOD, "body": text})) == {"body": "no_content"}


def test_row_23_limits_count_code_points_and_nothing_is_cut(api: IntakeApi) -> None:
    """A text of 10,001 characters.

    Gets: 400 `invalid-report` with `too_long` and the limit; 10,000 are taken whole, nothing is
    ever cut.
    """
    assert api.post({**GOOD, "body": "𠮷" * 10_000, "subject": "𠮷" * 200}).status_code == 202
    assert api.bodies()[0]["body"] == "𠮷" * 10_000
    answer = api.post({**GOOD, "body": "水" * 10_001, "subject": "水" * 201})
    assert codes(answer) == {"body": "too_long", "subject": "too_long"}
    assert "10000" in answer.json()["errors"][0]["message_zh"]
