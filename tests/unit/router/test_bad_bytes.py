"""Bad records at the router, row by row: the reason, and that all of it is kept."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hutong_router.deadletter import dead_letter_record
from hutong_router.records import DeadLetter, Fault, InputRecord, Outcome, Routed
from hutong_router.route import MAX_RECORD_BYTES, Router

from hutong.deadletters.letter import read_letter
from hutong.deadletters.words import explain
from hutong.events.codec import Codec
from hutong.events.deadletter import original_name
from hutong.events.ids import new_id
from hutong.events.topics import TopicCatalogue
from hutong.issue.fold import evolve
from hutong.issue.record import read_record
from hutong.issue.state import IssueState
from tests.fixtures.hostile import examples, framed, mutate, schemas, written, zigzag
from tests.fixtures.lifecycle import RULES

REPORT = "issue.IssueReported"
TYPE = ("ce_type", b"hutong.issue.IssueReported")
OTHER_ID = "0197a6c2-4f00-7a11-9c55-1b2f00c0ffff"

Body = dict[str, Any]
MakeBody = Callable[..., Body]
MakeRecord = Callable[..., InputRecord]
Buried = Callable[[InputRecord], Fault]


@pytest.fixture
def given(example: MakeBody, record: MakeRecord) -> InputRecord:
    """A report that the router takes."""
    return record("reports-hotline", REPORT, example(REPORT))


@pytest.fixture
def buried(router: Router) -> Buried:
    """Route a record that must become a dead letter; its reason. Nothing of it may be lost."""

    def bury(record: InputRecord) -> Fault:
        letter = router.route(record)
        assert isinstance(letter, DeadLetter), "it was taken"
        assert letter.detail
        out = dead_letter_record(record, letter, "0.1.0")
        kept = read_letter(
            partition=0, offset=0, timestamp=0, key=out.key, value=out.value, headers=out.headers
        )
        if not kept.burial.left_out:
            assert (kept.key, kept.value) == (record.key, record.value)
            assert [(original_name(name), value) for name, value in kept.headers] == [
                (name.encode("utf-8", "surrogateescape"), value) for name, value in record.headers
            ]
            assert all(name.encode() for name, _ in out.headers)
        assert kept.burial.source == record.source
        assert kept.burial.reason == letter.reason
        assert explain(letter.reason).what.zh
        return letter.reason

    return bury


def test_row_46_a_tombstone(given: InputRecord, buried: Buried) -> None:
    assert buried(given._replace(value=None)) == Fault.NO_VALUE


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, Fault.NO_KEY),
        (b"", Fault.NO_KEY),
        (OTHER_ID.encode(), Fault.WRONG_KEY),
        (b"\xff", Fault.WRONG_KEY),
        (b"upper", Fault.WRONG_KEY),
        (b"space", Fault.WRONG_KEY),
    ],
)
def test_row_47_a_key_that_is_not_the_issue(
    given: InputRecord, buried: Buried, key: bytes | None, reason: Fault
) -> None:
    """No key, an empty one, or one that is not the issue's id (also in capitals).

    Gets: dead letter `no-key` or `wrong-key`; never a partition by chance.
    """
    assert given.key is not None
    changed = {b"upper": given.key.upper(), b"space": given.key + b" "}.get(key or b"", key)
    assert buried(given._replace(key=changed)) == reason


def test_row_48_shorter_than_six_bytes(given: InputRecord, buried: Buried) -> None:
    assert given.value is not None
    for length in range(6):
        assert buried(given._replace(value=given.value[:length])) == Fault.TOO_SHORT


def test_row_49_another_first_byte(given: InputRecord, buried: Buried) -> None:
    for value in (b"\x02" + (given.value or b"")[1:], json.dumps({"subject": "x"}).encode()):
        assert buried(given._replace(value=value)) == Fault.BAD_MAGIC


def test_row_50_the_frame_with_a_guid(given: InputRecord, buried: Buried) -> None:
    value = b"\x01" + bytes(16) + (given.value or b"")[5:]
    assert buried(given._replace(value=value)) == Fault.BAD_MAGIC


def test_row_51_an_unknown_schema_id(given: InputRecord, buried: Buried) -> None:
    value = b"\x00\x00\x00\x27\x0f" + (given.value or b"")[5:]
    assert buried(given._replace(value=value)) == Fault.UNKNOWN_SCHEMA


def test_row_53_the_id_of_another_schema(given: InputRecord, buried: Buried) -> None:
    for schema in schemas():
        if schema.name == "hutong.issue.IssueReported":
            continue
        value = framed(schema, (given.value or b"")[5:])
        reasons = {Fault.BAD_BODY, Fault.NOT_CANONICAL, Fault.WRONG_TYPE, Fault.NOT_ALLOWED}
        assert buried(given._replace(value=value)) in reasons


def test_row_53_two_events_with_the_same_fields(
    example: MakeBody, record: MakeRecord, buried: Buried
) -> None:
    """An event whose fields another event has as well, under the other's id."""
    body = example("issue.IssueReopened")
    good = record("desk", "issue.IssueReopened", body)
    twins = [
        schema
        for schema in schemas()
        if schema.name != "hutong.issue.IssueReopened" and _fits(schema.parsed, body)
    ]
    for schema in twins:
        swapped = framed(schema, (good.value or b"")[5:])
        assert buried(good._replace(value=swapped)) in {Fault.WRONG_TYPE, Fault.BAD_BODY}


def _fits(parsed: Any, body: Body) -> bool:
    return {field["name"] for field in parsed["fields"]} == set(body)


def test_row_55_trailing_bytes(given: InputRecord, buried: Buried) -> None:
    assert buried(given._replace(value=(given.value or b"") + b"\x00")) == Fault.NOT_CANONICAL


def test_row_56_ten_thousand_mistakes(router: Router, given: InputRecord) -> None:
    """10,000 events with mistakes in their bytes, on a topic and under a type that would fit.

    Gets: dead letter, or routed as another event that is valid by itself; the router never stops.
    """
    random, values = Random(56), examples()
    outcomes = set()
    for number in range(10_000):
        changed = given._replace(value=mutate(random, values[number % len(values)]))
        outcomes.add(type(router.route(changed)))
    for _ in range(5_000):
        assert given.value is not None
        outcomes.add(type(router.route(given._replace(value=mutate(random, given.value)))))
    assert outcomes == {DeadLetter, Routed}


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (zigzag(-1), Fault.BAD_BODY),
        (zigzag(2**40), Fault.BAD_BODY),
        (b"\xc8\x00", Fault.NOT_CANONICAL),
        (b"\x80" * 40, Fault.BAD_BODY),
    ],
)
def test_row_57_lengths_and_numbers(
    given: InputRecord, buried: Buried, number: bytes, reason: Fault
) -> None:
    assert given.value is not None
    assert given.value[5] == 0x48
    changed = given.value[:5] + number + given.value[6:]
    assert buried(given._replace(value=changed)) == reason


@pytest.mark.parametrize(
    "changes",
    [
        {"head_occurred_at": -(2**63)},
        {"head_occurred_at": 253_402_300_800_000},
        {"head_event_id": "x"},
        {"place": {"lon": math.nan, "lat": 39.9, "address": None}},
        {"place": {"lon": math.inf, "lat": 39.9, "address": None}},
    ],
)
def test_row_63_values_that_no_field_may_hold(
    example: MakeBody, record: MakeRecord, buried: Buried, changes: Body
) -> None:
    given = record("reports-hotline", REPORT, example(REPORT))
    schema = next(s for s in schemas() if s.name == "hutong.issue.IssueReported")
    value = framed(schema, written(schema, example(REPORT, **changes)))
    assert buried(given._replace(value=value)) == Fault.OUT_OF_LIMITS


def test_row_64_a_code_that_this_version_has_not_heard_of(
    router: Router, example: MakeBody, record: MakeRecord
) -> None:
    """A code from a newer sender or city pack that this version does not know.

    Gets: taken and routed as it is.

    Why: codes are texts that the city pack owns, no event has an enum, so a new code is no new
    schema and nothing has to be mapped to an UNKNOWN. A schema that is newer than the router's is
    row 51: parked whole, and good again after the upgrade.
    """
    body = example(REPORT, intent="petition-of-2031")
    result = router.route(record("reports-hotline", REPORT, body))
    assert isinstance(result, Routed)


def test_row_67_a_record_too_large(given: InputRecord, buried: Buried) -> None:
    """A record over 1,000,000 bytes, or whose dead letter would be.

    Gets: dead letter `too-long` with size and SHA-256; the record itself stays where it is, in its
    topic. Intake takes no body over 256 KiB, so this is for who writes to Kafka directly.
    """
    value = b"\x00" * (MAX_RECORD_BYTES + 1)
    assert buried(given._replace(value=value)) == Fault.TOO_LONG
    letter = DeadLetter(Fault.TOO_LONG, "x")
    out = dead_letter_record(given._replace(value=value), letter, "0.1.0")
    digest = hashlib.sha256(value).hexdigest()
    assert dict(out.headers)["dl_left_out"] == f"{len(value)} sha256:{digest}".encode()
    assert out.value is None


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ((), Fault.NO_TYPE),
        ((("ce_type", None),), Fault.NO_TYPE),
        ((("CE_TYPE", TYPE[1]),), Fault.NO_TYPE),
        ((TYPE, TYPE), Fault.BAD_HEADERS),
        ((TYPE, ("x", b"\xff\xfe")), Fault.BAD_HEADERS),
        ((TYPE, ("\udcff\udcfe", b"x")), Fault.BAD_HEADERS),
        ((("ce_type\udce9", TYPE[1]),), Fault.BAD_HEADERS),
        ((("ce_type", b"hutong.issue.IssueAmended"),), Fault.WRONG_TYPE),
        ((("ce_type", b"hutong.issue.IssueReported "),), Fault.WRONG_TYPE),
    ],
)
def test_row_77_headers(
    given: InputRecord,
    buried: Buried,
    headers: tuple[tuple[str, bytes | None], ...],
    reason: Fault,
) -> None:
    """Headers that are missing, empty, twice there, not UTF-8 (name or value), or name another
    event.

    Gets: dead letter `no-type`, `bad-headers` or `wrong-type`.
    """
    assert buried(given._replace(headers=headers)) == reason


def test_row_77_large_and_unknown_headers(
    router: Router, given: InputRecord, buried: Buried
) -> None:
    """900 KB of headers, a thousand of them, or names that nobody knows.

    Gets: taken; only what we know is read, and nothing of the rest is passed on.
    """
    plain = router.route(given)
    many = tuple((f"x-{number}", b"y") for number in range(1_000))
    for more in ((("x", b"y" * 900_000),), many, (("dl_reason", b"z"), ("principal", b"desk"))):
        assert router.route(given._replace(headers=(TYPE, *more))) == plain
    too_many = (("ce_type", b"?"), ("x", b"y" * 1_000_001))
    assert buried(given._replace(headers=too_many)) == Fault.WRONG_TYPE


def test_row_78_a_department_that_there_is_not(
    example: MakeBody, record: MakeRecord, buried: Buried
) -> None:
    """An order to a department that the city pack does not have.

    Gets: dead letter `unknown-department`; no topic is ever made for it.
    """
    order = example("orders.OrderIssued", department="moon-office")
    assert buried(record("orders", "orders.OrderIssued", order)) == Fault.UNKNOWN_DEPARTMENT


def test_row_79_an_event_on_a_topic_where_it_may_not_be(
    catalogue: TopicCatalogue,
    example: MakeBody,
    record: MakeRecord,
    router: Router,
    buried: Buried,
) -> None:
    """An event of a type that its topic does not take: a department closes, a channel dispatches.

    Gets: dead letter `not-allowed`, and a security alert in log and metrics.
    """
    for schema in schemas():
        name = schema.name.removeprefix("hutong.")
        if name.startswith("city."):
            continue
        for topic in catalogue.routed:
            if schema.name not in topic.events:
                given = record(topic.name, name, example(name))
                assert buried(given) == Fault.NOT_ALLOWED


def test_row_79_a_report_of_another_channel(
    example: MakeBody, record: MakeRecord, buried: Buried
) -> None:
    """A report that names another channel than its topic's.

    Gets: dead letter `wrong-channel`, with the same alert. No other event names its sender: who
    said it is the topic's one writer, stamped by the router.
    """
    given = record("reports-app", REPORT, example(REPORT, channel="hotline"))
    assert buried(given) == Fault.WRONG_CHANNEL


def test_row_79_a_sender_cannot_say_who_it_is(router: Router, given: InputRecord) -> None:
    """Headers `principal`, `origin`, `rules`, `source` or `received` set by the sender.

    Gets: taken under the router's own stamps; the sender's are not even looked at.
    """
    plain = router.route(given)
    claims = tuple((name, b"desk") for name in ("principal", "origin", "rules", "source"))
    assert router.route(given._replace(headers=(TYPE, *claims, ("received", b"0")))) == plain


def _fold(codec: Codec, routed: list[Routed | DeadLetter]) -> tuple[IssueState, list[str]]:
    """What projections make of what the router wrote: the state, and a verdict for each record."""
    state: IssueState | None = None
    verdicts = []
    for offset, out in enumerate(o for r in routed if isinstance(r, Routed) for o in r.log):
        record = read_record(
            codec, out.value, out.headers, partition=0, offset=offset, timestamp=1_780_272_002_000
        )
        steps = evolve(state, record, RULES)
        verdicts.append(steps[0].verdict.reason or "applied" if steps else "repeat")
        state = steps[-1].after if steps else state
    assert state is not None
    return state, verdicts


def test_row_68_a_report_sent_twice_and_redelivered(
    router: Router, codec: Codec, given: InputRecord
) -> None:
    """A report that its sender repeats and the router reads twice."""
    retried = given._replace(offset=given.offset + 9, timestamp=given.timestamp + 5_000)
    routed = [router.route(r) for r in (given, given, retried)]
    _, verdicts = _fold(codec, routed)
    assert verdicts == ["applied", "applied", "repeat", "repeat", "repeat", "repeat"]


def test_row_69_a_report_with_other_words_under_the_same_id(
    router: Router, codec: Codec, example: MakeBody, record: MakeRecord
) -> None:
    """A report sent again under its id with other words."""
    first = record("reports-hotline", REPORT, example(REPORT))
    second = record("reports-hotline", REPORT, example(REPORT, body="井盖丢了"), offset=128_440)
    state, verdicts = _fold(codec, [router.route(first), router.route(second)])
    assert verdicts == ["applied", "applied", "altered-repeat", "answers-a-repeat"]
    assert state.source == "reports-hotline/7/128431"


def test_row_74_texts_that_try_the_classifier(
    router: Router, example: MakeBody, record: MakeRecord
) -> None:
    """Texts made to be slow: 10,000 characters of one keyword, of its beginnings, of brackets.

    Gets: routed within a second: matching takes time in proportion to the text's length, and the
    length has a bound. A crash loop on one record is the launcher's to see (exit status 3).
    """
    for text in ("井盖" * 5_000, "井" * 10_000, "（" * 10_000, "a" * 10_000, "𠮷" * 10_000):
        given = record("reports-hotline", REPORT, example(REPORT, body=text, subject=text[:200]))
        started = time.perf_counter()
        assert isinstance(router.route(given), Routed)
        assert time.perf_counter() - started < 1


def test_an_unknown_area_is_no_fault(router: Router, example: MakeBody, record: MakeRecord) -> None:
    """Given a report with an area of no pack, it is dispatched or queued, never parked."""
    event_id = new_id()
    body = example(REPORT, head_area="nowhere", head_event_id=event_id, head_issue_id=event_id)
    result = router.route(record("reports-hotline", REPORT, body))
    assert isinstance(result, Routed)
    assert result.outcome in (Outcome.DISPATCHED, Outcome.QUEUED)
