"""One record in, what to write out: validation, and who answers for which kind of record. Pure.

The output is a function of the input record and the rules (city pack, classifier, schemas, topic
catalogue): never of a clock, a random number or what was routed before. A redelivered record
therefore says the same again, byte for byte.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hutong.events.codec import Codec, UndecodableError
from hutong.events.fields import LAST_MILLIS
from hutong.events.headers import (
    CE_TYPE,
    ORIGIN,
    PRINCIPAL,
    RECEIVED,
    REDRIVEN,
    RULES,
    SOURCE,
    TRACEPARENT,
    is_traceparent,
    read_headers,
)
from hutong.events.lifecycle import IssueReported
from hutong.events.topics import ISSUES, ORDERS, Topic, TopicCatalogue, department_topic
from hutong.issue.record import ROUTER
from hutong.issue.rules import VERSION
from hutong_router.dispatch import ORDERED, Dispatcher, cloud_headers
from hutong_router.records import (
    DeadLetter,
    Fault,
    Headers,
    InputRecord,
    Outcome,
    Outgoing,
    Routed,
)

#: Largest key plus value. What the router adds (headers, clocks of an order) must still fit the
#: broker's default of 1,048,588 bytes a record; otherwise one large report would stop it for ever.
MAX_RECORD_BYTES = 1_000_000
#: How far a claimed received time may lie after the append time: clocks of hosts differ.
FUTURE_SLACK_MS = 60_000

_REPORT = IssueReported.avro_name
_BY_THESE_RULES = (RULES, VERSION.encode())
_BY_ROUTER = (PRINCIPAL, ROUTER.encode())
_MILLIS = re.compile(r"0|[1-9][0-9]{0,14}").fullmatch
_REPORTS = "reports-"
_IMPORT = "import"
_SIMULATOR = "simulator"


class UnknownTopicError(Exception):
    """A record of a topic that the router does not read: a bug, so it must stop."""


class _RefusedError(Exception):
    def __init__(self, reason: Fault, detail: str) -> None:
        super().__init__(detail)
        self.letter = DeadLetter(reason, detail)


class _Event(NamedTuple):
    """A record that passed every check."""

    topic: Topic
    name: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    received: int


class Router:
    """Routes records by the rules in force when they were received.

    Stateless: one instance serves all partitions. ``rules_at`` gives the dispatcher for an instant
    (milliseconds UTC), and for the same instant always one of the same pack.
    """

    def __init__(
        self, rules_at: Callable[[int], Dispatcher], catalogue: TopicCatalogue, codec: Codec
    ) -> None:
        self._codec = codec
        self._rules_at = rules_at
        self._channels = catalogue.channels
        self._topics: Mapping[str, Topic] = {}
        self.read(catalogue)

    def read(self, catalogue: TopicCatalogue) -> None:
        """Take records of the topics of this catalogue from now on."""
        self._topics = {topic.name: topic for topic in catalogue.routed}

    def route(self, record: InputRecord) -> Routed | DeadLetter:
        """What to write for a record. UnknownTopicError and all else that it raises: a bug."""
        topic = self._topics.get(record.topic)
        if topic is None:
            if record.redriven is not None:
                return DeadLetter(Fault.BAD_REDRIVE, f"no sender has a topic {record.topic}")
            raise UnknownTopicError(f"{record.source} is of no topic that the router reads")
        try:
            event = self._validate(topic, record)
            if topic.name == ORDERS:
                return self._forward(event, record)
        except UndecodableError as error:
            return DeadLetter(Fault(error.reason), error.detail)
        except _RefusedError as error:
            return error.letter
        return self._append(event, record)

    def _append(self, event: _Event, record: InputRecord) -> Routed:
        assert record.value is not None  # decoded by now
        stamps = _stamps(event, record)
        theirs = ((PRINCIPAL, event.topic.writer.encode()), *stamps)
        first = Outgoing(ISSUES, record.key, record.value, (_type(event.name), *theirs))
        if event.name != _REPORT:
            return Routed(Outcome.APPENDED, (first,))
        answer = self._rules(event, record).answer(
            event.body,
            received=event.received,
            origin=event.topic.origin,
            receipt=self._receipt_place(event.topic, record),
        )
        ours = (_BY_ROUTER, *stamps)
        second = Outgoing(ISSUES, record.key, answer.value, (_type(answer.name), *ours))
        issue_id = event.body["head"]["issue_id"]
        orders = tuple(
            [
                Outgoing(
                    department_topic(department),
                    record.key,
                    value,
                    cloud_headers(ORDERED, ROUTER, order_id, event.received, issue_id) + ours,
                )
                for department, order_id, value in answer.orders
            ]
        )
        return Routed(answer.outcome, (first, second), orders)

    def _forward(self, event: _Event, record: InputRecord) -> Routed:
        department = event.body["department"]
        if department not in self._rules(event, record).departments:
            raise _RefusedError(
                Fault.UNKNOWN_DEPARTMENT, f"this city has no department {department}"
            )
        writer = event.topic.writer
        head = event.body["head"]
        stamps = ((PRINCIPAL, writer.encode()), *_stamps(event, record))
        order = Outgoing(
            department_topic(department),
            record.key,
            record.value,
            cloud_headers(
                event.name, writer, head["event_id"], head["occurred_at"], head["issue_id"]
            )
            + stamps,
        )
        return Routed(Outcome.FORWARDED, (), (order,))

    def _rules(self, event: _Event, record: InputRecord) -> Dispatcher:
        """Those in force when the record was received; a claimed time is never in the future.

        An order that was redriven may go to a department that came to the city meanwhile.
        """
        if record.redriven is not None and event.topic.name == ORDERS:
            return self._rules_at(record.redriven.time)
        return self._rules_at(min(event.received, record.timestamp))

    def _receipt_place(self, topic: Topic, record: InputRecord) -> tuple[int, int, int]:
        number = self._channels[topic.name.removeprefix(_REPORTS)]
        return number, record.partition, record.offset

    def _validate(self, topic: Topic, record: InputRecord) -> _Event:
        size = len(record.key or b"") + len(record.value or b"")
        if size > MAX_RECORD_BYTES:
            raise _RefusedError(
                Fault.TOO_LONG, f"key and value are {size} bytes, at most {MAX_RECORD_BYTES}"
            )
        try:
            headers = read_headers(record.headers)
        except ValueError as error:
            raise _RefusedError(Fault.BAD_HEADERS, str(error)) from None
        decoded = self._codec.decode(record.value)
        name = decoded.schema.name
        _check_type(headers.get(CE_TYPE), name)
        if name not in topic.events:
            raise _RefusedError(Fault.NOT_ALLOWED, f"{name} may not be on {topic.name}")
        self._codec.check(decoded)
        _check_key(record.key, decoded.body["head"]["issue_id"])
        if name == _REPORT:
            self._check_report(topic, decoded.body)
        elif decoded.body["head"]["causation_id"] is None:
            raise _RefusedError(Fault.NO_CAUSE, f"a {name} names the event that it answers")
        return _Event(topic, name, decoded.body, headers, _received(topic, record, headers))

    def _check_report(self, topic: Topic, body: Mapping[str, Any]) -> None:
        """A report makes an issue of its own, and comes by the channel that it names.

        Only the simulator plays every channel: there the body keeps the one that is played. An
        importer's reports all say `import`; where they once came from is in their reference.
        """
        head = body["head"]
        if head["event_id"] != head["issue_id"]:
            raise _RefusedError(
                Fault.WRONG_ID,
                f"a report is its own issue: event {head['event_id']}, issue {head['issue_id']}",
            )
        expected = topic.name.removeprefix(_REPORTS)
        channel = body["channel"]
        if expected == _SIMULATOR:
            if channel in self._channels and channel != _IMPORT:
                return
            expected = "a channel of topics.toml"
        if channel != expected:
            raise _RefusedError(
                Fault.WRONG_CHANNEL, f"says channel {channel}, {topic.name} takes {expected}"
            )


def _check_type(claimed: str | None, name: str) -> None:
    if not claimed:
        raise _RefusedError(Fault.NO_TYPE, f"no header {CE_TYPE}")
    if claimed != name:
        raise _RefusedError(Fault.WRONG_TYPE, f"{CE_TYPE} does not say {name}, the schema's name")


def _check_key(key: bytes | None, issue_id: str) -> None:
    if not key:
        raise _RefusedError(Fault.NO_KEY, f"no key, must be the issue's id {issue_id}")
    if key != issue_id.encode():
        raise _RefusedError(Fault.WRONG_KEY, f"the key is not the issue's id {issue_id}")


def _received(topic: Topic, record: InputRecord, headers: Mapping[str, str]) -> int:
    if topic.received != "header":
        return record.timestamp
    claim = headers.get(RECEIVED, "")
    latest = min(record.timestamp + FUTURE_SLACK_MS, LAST_MILLIS)
    if _MILLIS(claim) is None:
        raise _RefusedError(
            Fault.BAD_RECEIVED, f"{topic.name} needs a header {RECEIVED} in milliseconds UTC"
        )
    if int(claim) > latest:
        raise _RefusedError(
            Fault.BAD_RECEIVED, f"received {claim} lies after the append time {record.timestamp}"
        )
    return int(claim)


def _stamps(event: _Event, record: InputRecord) -> Headers:
    """What all records that follow from one input say alike."""
    origin = event.body.get("origin", event.topic.origin)  # an order knows its issue's
    stamps: Headers = (
        (RECEIVED, str(event.received).encode()),
        (SOURCE, str(record.source).encode()),
        _BY_THESE_RULES,
        (ORIGIN, origin.encode()),
    )
    if record.redriven is not None:
        stamps = (*stamps, (REDRIVEN, record.redriven.place.encode()))
    trace = event.headers.get(TRACEPARENT)
    if trace is not None and is_traceparent(trace):
        return (*stamps, (TRACEPARENT, trace.encode()))
    return stamps


def _type(name: str) -> tuple[str, bytes]:
    return CE_TYPE, name.encode()
