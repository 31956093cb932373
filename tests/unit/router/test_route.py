"""One record in, what is written out: reports, acts, orders, and every reason to refuse."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hutong_router.dispatch import Dispatcher
from hutong_router.records import DeadLetter, Fault, InputRecord, Outcome, Outgoing, Routed
from hutong_router.route import Router, UnknownTopicError

from hutong.city import City
from hutong.classify import Classification
from hutong.events.codec import Codec
from hutong.events.ids import derived_id
from hutong.events.topics import TopicCatalogue
from hutong.issue.fold import Outcome as Verdict
from hutong.issue.fold import evolve
from hutong.issue.record import read_record
from tests.fixtures.lifecycle import RULES
from tests.fixtures.rules import always

REPORT = "issue.IssueReported"
APPENDED = 1_780_272_001_500
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

Body = dict[str, Any]
MakeBody = Callable[..., Body]
MakeRecord = Callable[..., InputRecord]


def routed(result: Routed | DeadLetter) -> Routed:
    assert isinstance(result, Routed), result
    return result


def headers(outgoing: Outgoing) -> dict[str, str]:
    return {name: (value or b"").decode() for name, value in outgoing.headers}


class TestAReport:
    @pytest.fixture
    def body(self, example: MakeBody) -> Body:
        return example(REPORT)

    @pytest.fixture
    def given(self, record: MakeRecord, body: Body) -> InputRecord:
        return record("reports-hotline", REPORT, body)

    def test_goes_to_issues_byte_for_byte_under_our_stamps(
        self, router: Router, given: InputRecord
    ) -> None:
        first = routed(router.route(given)).log[0]

        assert (first.topic, first.key, first.value) == ("issues", given.key, given.value)
        assert headers(first) == {
            "ce_type": "hutong.issue.IssueReported",
            "received": str(APPENDED),
            "source": "reports-hotline/7/128431",
            "principal": "channel:hotline",
            "rules": "1",
            "origin": "live",
        }

    def test_is_dispatched_by_the_router_at_the_received_time(
        self, router: Router, codec: Codec, city: City, given: InputRecord, body: Body
    ) -> None:
        result = routed(router.route(given))

        assert result.outcome is Outcome.DISPATCHED
        assert result.log[1].topic == "issues"
        assert headers(result.log[1])["principal"] == "router"
        decoded = codec.decode(result.log[1].value)
        codec.check(decoded)
        report_id = body["head"]["event_id"]
        assert decoded.schema.name == "hutong.issue.IssueDispatched"
        assert decoded.body["head"] == {
            "event_id": derived_id(report_id, "IssueDispatched"),
            "issue_id": report_id,
            "occurred_at": APPENDED,
            "actor": "router",
            "area": "east-01-03",
            "causation_id": report_id,
        }
        assert decoded.body["item"] == "water-supply"
        assert decoded.body["lead"] == "water-co"
        assert decoded.body["hop"] == 1
        assert decoded.body["pack"] == city.hash
        assert {"clock": "dispatch", "minutes": 60, "calendar": "natural"} in decoded.body["clocks"]

    def test_sends_an_order_to_the_lead_and_each_co_owner(
        self, router: Router, codec: Codec, given: InputRecord, body: Body
    ) -> None:
        result = routed(router.route(given))
        dispatch = codec.decode(result.log[1].value).body

        orders = [codec.decode(order.value) for order in result.orders]
        for order in orders:
            codec.check(order)
        assert [(o.body["department"], o.body["role"]) for o in orders] == [
            ("water-co", "lead"),
            *((owner, "co-owner") for owner in dispatch["co_owners"]),
        ]
        assert len(orders) > 1
        for out, order in zip(result.orders, orders, strict=True):
            department = order.body["department"]
            assert out.topic == f"dept-{department}"
            order_id = derived_id(dispatch["head"]["event_id"], "order", department)
            assert order.body["order_id"] == order.body["head"]["event_id"] == order_id
            assert order.body["head"]["causation_id"] == dispatch["head"]["event_id"]
            assert order.body["receipt"] == "02-07-00128431-5"
            assert order.body["received_at"] == APPENDED
            assert order.body["body"] == body["body"]

    def test_tells_no_department_who_reported_it(self, router: Router, given: InputRecord) -> None:
        for order in routed(router.route(given)).orders:
            assert order.value is not None
            for secret in ("陈安", "13000000000", "3栋2单元501"):
                assert secret.encode() not in order.value

    def test_tells_no_department_anybody_s_numbers(
        self, router: Router, example: MakeBody, record: MakeRecord, codec: Codec
    ) -> None:
        words = example(REPORT)["body"]
        written = words + "电话13800138000，身份证11010519491231002X"
        place = {"lon": None, "lat": None, "address": written}
        told = {"subject": written, "body": written, "place": place, "contact": "13800138000"}
        result = routed(router.route(record("reports-hotline", REPORT, example(REPORT, **told))))
        assert result.orders
        shown = words + "电话138******00，身份证[身份证号]"
        for out in result.orders:
            order = codec.decode(out.value).body
            assert (order["subject"], order["body"]) == (shown, shown)
            assert order["contact"] == "138******00"
            assert order["place"]["address"] == shown

    def test_has_full_cloudevents_headers_on_the_order(
        self, router: Router, codec: Codec, given: InputRecord
    ) -> None:
        [order, *_] = routed(router.route(given)).orders
        assert headers(order) == {
            "ce_type": "hutong.orders.OrderIssued",
            "ce_specversion": "1.0",
            "ce_id": codec.decode(order.value).body["order_id"],
            "ce_source": "/hutong/router",
            "ce_time": "2026-06-01T00:00:01.500Z",
            "ce_subject": (given.key or b"").decode(),
            "received": str(APPENDED),
            "source": "reports-hotline/7/128431",
            "principal": "router",
            "rules": "1",
            "origin": "live",
        }

    def test_folds_into_a_dispatched_issue(
        self, router: Router, codec: Codec, given: InputRecord
    ) -> None:
        state = None
        for offset, out in enumerate(routed(router.route(given)).log):
            kept = read_record(
                codec, out.value, out.headers, partition=0, offset=offset, timestamp=APPENDED + 9
            )
            [step] = evolve(state, kept, RULES)
            assert step.verdict.outcome is Verdict.APPLIED
            state = step.after
        assert state is not None
        assert (state.status, state.lead) == ("dispatched", "water-co")

    def test_starts_the_law_s_own_term_beside_the_promise(
        self, router: Router, codec: Codec, given: InputRecord, body: Body
    ) -> None:
        said = {**body, "subject": "工地拖欠农民工工资", "body": "工地老板拖欠工资，讨薪三个月"}
        value = codec.encode_body("hutong.issue.IssueReported", said)
        result = routed(router.route(given._replace(value=value)))
        decoded = codec.decode(result.log[1].value)
        assert decoded.body["item"] == "wages-unpaid"
        term = {"clock": "statutory", "minutes": 60 * 420, "calendar": "working"}
        assert term in decoded.body["clocks"]
        assert all(term in codec.decode(out.value).body["clocks"] for out in result.orders)

    def test_passes_a_trace_on_and_nothing_else(self, router: Router, given: InputRecord) -> None:
        more = (*given.headers, ("traceparent", TRACE.encode()), ("x-note", b"hello"))
        result = routed(router.route(given._replace(headers=more)))
        for out in (*result.log, *result.orders):
            assert headers(out)["traceparent"] == TRACE
            assert "x-note" not in headers(out)

    def test_drops_a_broken_trace(self, router: Router, given: InputRecord) -> None:
        more = (*given.headers, ("traceparent", b"x" * 5000))
        result = routed(router.route(given._replace(headers=more)))
        assert "traceparent" not in headers(result.log[0])

    def test_is_placed_by_its_point_where_it_names_no_known_area(
        self, router: Router, codec: Codec, city: City, example: MakeBody, record: MakeRecord
    ) -> None:
        place = {"lon": 116.0175, "lat": 36.4335, "address": None}
        grid = city.locate(place["lon"], place["lat"])  # type: ignore[arg-type]
        assert grid is not None
        for named in (None, "no-such-area"):
            body = example(REPORT, head_area=named, place=place)
            result = routed(router.route(record("reports-hotline", REPORT, body)))
            assert codec.decode(result.log[1].value).body["head"]["area"] == grid.code

    def test_is_classified_without_orders_if_handled_on_the_spot(
        self, router: Router, example: MakeBody, record: MakeRecord
    ) -> None:
        spot = {"result": "solved", "text": "已清理"}
        body = example(REPORT, channel="grid", handled_on_the_spot=spot)
        result = routed(router.route(record("reports-grid", REPORT, body)))
        assert (result.outcome, result.orders) == (Outcome.DISPATCHED, ())


class TestAReportThatNobodyIsSureOf:
    def test_is_queued_with_the_reason_and_sends_no_order(
        self, router: Router, codec: Codec, example: MakeBody, record: MakeRecord
    ) -> None:
        body = example(REPORT, subject="想问一件事", body="请问有没有办法，谢谢。")
        result = routed(router.route(record("reports-hotline", REPORT, body)))

        assert (result.outcome, result.orders) == (Outcome.QUEUED, ())
        decoded = codec.decode(result.log[1].value)
        codec.check(decoded)
        assert decoded.schema.name == "hutong.issue.IssueQueued"
        assert decoded.body["reason"] == "no-match"
        assert decoded.body["head"]["event_id"] == derived_id(
            body["head"]["event_id"], "IssueQueued"
        )

    def test_row_74_is_queued_when_the_classifier_raises(
        self,
        city: City,
        catalogue: TopicCatalogue,
        codec: Codec,
        example: MakeBody,
        record: MakeRecord,
    ) -> None:
        """A text that makes the classifier raise.

        Gets: `IssueQueued` with the reason `classifier-failed`, for the desk, and an error
        in the router's log. The report is in the log and never a dead letter.
        """

        class Broken:
            model = "broken/1"

            def classify(self, *_texts: str, **_facts: str | None) -> Classification:
                raise ZeroDivisionError("a secret of the text")

        given = record("reports-hotline", REPORT, example(REPORT))
        result = routed(
            Router(always(Dispatcher(city, Broken(), codec)), catalogue, codec).route(given)
        )

        assert result.outcome is Outcome.CLASSIFIER_FAILED
        decoded = codec.decode(result.log[1].value)
        codec.check(decoded)
        assert decoded.body["reason"] == "classifier-failed"
        assert decoded.body["text"] == "ZeroDivisionError"
        assert decoded.body["model"] == "broken/1"

    def test_row_78_is_queued_when_the_rules_name_an_unknown_department(
        self,
        city: City,
        catalogue: TopicCatalogue,
        codec: Codec,
        example: MakeBody,
        record: MakeRecord,
    ) -> None:
        """Rules that name a department which the city does not have.

        Gets: `IssueQueued` with the reason `unknown-department`, for the desk to decide.
        """

        class Lost:
            model = "lost/1"

            def classify(self, *_texts: str, **_facts: str | None) -> Classification:
                return Classification(
                    item="water-supply", category="utilities.water", kind="service",
                    intent="help", tier="general", lead="moon-office", co_owners=(),
                    confidence=900, confident=True, unsure_reason=None, candidates=(),
                    evidence=(), model="lost/1",
                )  # fmt: skip

        given = record("reports-hotline", REPORT, example(REPORT))
        result = routed(
            Router(always(Dispatcher(city, Lost(), codec)), catalogue, codec).route(given)
        )
        assert codec.decode(result.log[1].value).body["reason"] == "unknown-department"
        assert result.orders == ()


class TestImportedAndSimulatedReports:
    def test_bring_their_own_received_time(
        self, router: Router, codec: Codec, example: MakeBody, record: MakeRecord
    ) -> None:
        body = example(REPORT, channel="import")
        claim = (("ce_type", b"hutong.issue.IssueReported"), ("received", b"1552000000000"))
        result = routed(router.route(record("reports-import", REPORT, body, headers=claim)))

        for out in result.log:
            assert headers(out)["received"] == "1552000000000"
            assert headers(out)["origin"] == "imported"
        assert codec.decode(result.log[1].value).body["head"]["occurred_at"] == 1_552_000_000_000
        order = codec.decode(result.orders[0].value).body
        assert (order["origin"], order["received_at"]) == ("imported", 1_552_000_000_000)
        assert order["receipt"].startswith("08-07-")

    @pytest.mark.parametrize("channel", ["hotline", "grid", "simulator"])
    def test_the_simulator_plays_every_channel(
        self, router: Router, example: MakeBody, record: MakeRecord, channel: str
    ) -> None:
        claim = (("ce_type", b"hutong.issue.IssueReported"), ("received", str(APPENDED).encode()))
        body = example(REPORT, channel=channel)
        result = routed(router.route(record("reports-simulator", REPORT, body, headers=claim)))
        assert headers(result.log[0])["principal"] == "simulator"
        assert headers(result.log[0])["origin"] == "simulated"


class TestOtherEvents:
    def test_an_act_is_appended_as_it_came(
        self, router: Router, example: MakeBody, record: MakeRecord
    ) -> None:
        given = record("handling-water-co", "issue.IssueAccepted", example("issue.IssueAccepted"))
        result = routed(router.route(given))
        assert (result.outcome, result.orders) == (Outcome.APPENDED, ())
        [out] = result.log
        assert (out.topic, out.key, out.value) == ("issues", given.key, given.value)
        assert headers(out)["principal"] == "dept:water-co"

    @pytest.mark.parametrize("name", ["OrderIssued", "OrderWithdrawn", "ActRefused"])
    def test_an_order_is_forwarded_to_its_department(
        self, router: Router, example: MakeBody, record: MakeRecord, name: str
    ) -> None:
        body = example(f"orders.{name}")
        given = record("orders", f"orders.{name}", body)
        result = routed(router.route(given))
        assert (result.outcome, result.log) == (Outcome.FORWARDED, ())
        [out] = result.orders
        assert (out.topic, out.value) == (f"dept-{body['department']}", given.value)
        assert headers(out)["ce_id"] == body["head"]["event_id"]
        assert headers(out)["principal"] == "processes"


Change = Callable[[InputRecord], InputRecord]
OTHER_ID = "0197a6c2-4f00-7a11-9c55-1b2f00c0ffff"
TYPE = ("ce_type", b"hutong.issue.IssueReported")

REFUSED: dict[str, tuple[Fault, Change]] = {
    "row 46 tombstone": (Fault.NO_VALUE, lambda r: r._replace(value=None)),
    "row 48 empty value": (Fault.TOO_SHORT, lambda r: r._replace(value=b"")),
    "row 48 five bytes": (Fault.TOO_SHORT, lambda r: r._replace(value=(r.value or b"")[:5])),
    "row 49 json": (Fault.BAD_MAGIC, lambda r: r._replace(value=b'{"subject": 1}')),
    "row 51 schema": (Fault.UNKNOWN_SCHEMA, lambda r: r._replace(value=b"\0\xff\xff\xff\xff11")),
    "row 54 cut": (Fault.BAD_BODY, lambda r: r._replace(value=(r.value or b"")[:-9])),
    "row 55 trailing": (Fault.NOT_CANONICAL, lambda r: r._replace(value=(r.value or b"") + b"\0")),
    "too long": (Fault.TOO_LONG, lambda r: r._replace(value=b"\0" * 1_000_001)),
    "row 47 no key": (Fault.NO_KEY, lambda r: r._replace(key=None)),
    "row 47 empty key": (Fault.NO_KEY, lambda r: r._replace(key=b"")),
    "row 47 other key": (Fault.WRONG_KEY, lambda r: r._replace(key=OTHER_ID.encode())),
    "row 47 upper case": (Fault.WRONG_KEY, lambda r: r._replace(key=(r.key or b"").upper())),
    "row 77 no type": (Fault.NO_TYPE, lambda r: r._replace(headers=())),
    "row 77 null type": (Fault.NO_TYPE, lambda r: r._replace(headers=(("ce_type", None),))),
    "row 77 twice": (Fault.BAD_HEADERS, lambda r: r._replace(headers=(TYPE, TYPE))),
    "row 77 not utf-8": (Fault.BAD_HEADERS, lambda r: r._replace(headers=(TYPE, ("x", b"\xff")))),
    "wrong type": (
        Fault.WRONG_TYPE,
        lambda r: r._replace(headers=(("ce_type", b"hutong.issue.IssueAmended"),)),
    ),
    "row 79 topic": (Fault.NOT_ALLOWED, lambda r: r._replace(topic="desk")),
    "row 79 channel": (Fault.WRONG_CHANNEL, lambda r: r._replace(topic="reports-app")),
    "no received": (Fault.BAD_RECEIVED, lambda r: r._replace(topic="reports-simulator")),
}


class TestWhatIsRefused:
    @pytest.mark.parametrize("case", REFUSED)
    def test_a_report_with_one_thing_wrong(
        self, router: Router, example: MakeBody, record: MakeRecord, case: str
    ) -> None:
        reason, change = REFUSED[case]
        result = router.route(change(record("reports-hotline", REPORT, example(REPORT))))
        assert isinstance(result, DeadLetter)
        assert (result.reason, bool(result.detail)) == (reason, True)

    @pytest.mark.parametrize(
        ("reason", "changes"),
        [
            (Fault.OUT_OF_LIMITS, {"body": "x" * 10_001}),
            (Fault.OUT_OF_LIMITS, {"subject": "a\0b"}),
            (Fault.OUT_OF_LIMITS, {"head_occurred_at": 2**62}),
            (Fault.WRONG_ID, {"head_event_id": OTHER_ID}),
        ],
    )
    def test_a_report_with_a_field_wrong(
        self,
        router: Router,
        example: MakeBody,
        record: MakeRecord,
        reason: Fault,
        changes: Body,
    ) -> None:
        result = router.route(record("reports-hotline", REPORT, example(REPORT, **changes)))
        assert isinstance(result, DeadLetter)
        assert result.reason == reason
        assert "x" * 100 not in result.detail

    @pytest.mark.parametrize(
        "claim", [b"", b"soon", b"-1", b"+5", b"1.5", b"012", "１２".encode(), b"9" * 16]
    )
    def test_a_received_time_that_is_none(
        self, router: Router, example: MakeBody, record: MakeRecord, claim: bytes
    ) -> None:
        given = record("reports-import", REPORT, example(REPORT, channel="import"))
        result = router.route(given._replace(headers=(TYPE, ("received", claim))))
        assert isinstance(result, DeadLetter)
        assert result.reason == Fault.BAD_RECEIVED

    def test_a_received_time_in_the_future(
        self, router: Router, example: MakeBody, record: MakeRecord
    ) -> None:
        given = record("reports-import", REPORT, example(REPORT, channel="import"))
        for claim, fine in ((APPENDED + 60_000, True), (APPENDED + 60_001, False)):
            stamped = given._replace(headers=(TYPE, ("received", str(claim).encode())))
            assert isinstance(router.route(stamped), Routed) == fine

    def test_an_imported_report_that_claims_another_channel(
        self, router: Router, example: MakeBody, record: MakeRecord
    ) -> None:
        claim = (TYPE, ("received", str(APPENDED).encode()))
        for topic, channel in (("reports-import", "hotline"), ("reports-simulator", "import")):
            given = record(topic, REPORT, example(REPORT, channel=channel), headers=claim)
            result = router.route(given)
            assert isinstance(result, DeadLetter)
            assert result.reason == Fault.WRONG_CHANNEL

    def test_an_act_without_a_cause(
        self, router: Router, example: MakeBody, record: MakeRecord
    ) -> None:
        body = example("issue.IssueAccepted", head_causation_id=None)
        result = router.route(record("handling-water-co", "issue.IssueAccepted", body))
        assert isinstance(result, DeadLetter)
        assert result.reason == Fault.NO_CAUSE

    def test_an_order_to_nobody(
        self, router: Router, example: MakeBody, record: MakeRecord
    ) -> None:
        body = example("orders.OrderIssued", department="moon-office")
        result = router.route(record("orders", "orders.OrderIssued", body))
        assert isinstance(result, DeadLetter)
        assert result.reason == Fault.UNKNOWN_DEPARTMENT

    def test_every_reason_has_a_case(self) -> None:
        tested = {reason for reason, _ in REFUSED.values()}
        tested |= {Fault.OUT_OF_LIMITS, Fault.WRONG_ID, Fault.NO_CAUSE, Fault.UNKNOWN_DEPARTMENT}
        tested |= {Fault.BAD_REDRIVE}  # tests/unit/deadletters/test_redrive.py
        assert tested == set(Fault)

    def test_a_topic_that_is_not_ours_is_a_bug_and_not_a_dead_letter(
        self, router: Router, example: MakeBody, record: MakeRecord
    ) -> None:
        for topic in ("issues", "city", "dept-water", "elsewhere"):
            with pytest.raises(UnknownTopicError):
                router.route(record(topic, REPORT, example(REPORT)))

    def test_row_54_truncated_everywhere(
        self, router: Router, example: MakeBody, record: MakeRecord
    ) -> None:
        given = record("reports-hotline", REPORT, example(REPORT))
        whole = given.value or b""
        for length in range(len(whole)):
            assert isinstance(router.route(given._replace(value=whole[:length])), DeadLetter)


PROGRAM = """
import hashlib, sys
from hutong.city import load_city
from hutong.classify import Classifier
from hutong.events.codec import default_codec
from hutong.events.topics import load_topics
from hutong_router.dispatch import Dispatcher
from hutong_router.records import InputRecord
from hutong_router.route import Router
city = load_city(None)
dispatcher = Dispatcher(city, Classifier(city), default_codec())
router = Router(lambda _: dispatcher, load_topics(city.departments), default_codec())
key, value = (bytes.fromhex(text) for text in sys.argv[1:])
record = InputRecord("reports-hotline", 7, 1, 1780272001500, key, value,
                     (("ce_type", b"hutong.issue.IssueReported"),))
print(hashlib.sha256(repr(router.route(record)).encode()).hexdigest())
"""


def test_row_89_the_same_record_gives_the_same_bytes_in_every_process(
    router: Router, example: MakeBody, record: MakeRecord
) -> None:
    """The same record routed in other processes: another hash seed, time zone, locale.

    Gets: the same bytes, in `issues` and in every order.
    """
    given = record("reports-hotline", REPORT, example(REPORT))
    assert router.route(given) == router.route(given)
    digests = set()
    for seed, zone in (("0", "UTC"), ("1", "Asia/Shanghai"), ("4242", "America/New_York")):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, (given.key or b"").hex(), (given.value or b"").hex()],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout)
    assert len(digests) == 1
