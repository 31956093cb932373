"""The router's answer to a report: who leads and by when, or that the desk must decide. Pure."""

import functools
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from hutong.city import City
from hutong.classify.area import area_of
from hutong.classify.model import Classification
from hutong.events.codec import Codec
from hutong.events.headers import CE_TYPE
from hutong.events.ids import derived_id
from hutong.events.lifecycle import IssueDispatched, IssueQueued
from hutong.events.orders import OrderIssued
from hutong.events.receipt import Receipt
from hutong.issue.record import ROUTER
from hutong.privacy.mask import mask
from hutong_router.records import Headers, Outcome
from hutong_router.written import Body, DispatchWriter, Matter, Order

DISPATCHED: Final = IssueDispatched.avro_name
QUEUED: Final = IssueQueued.avro_name
ORDERED: Final = OrderIssued.avro_name
#: Reasons of the router's own; the classifier's are in hutong.classify.model.
CLASSIFIER_FAILED = "classifier-failed"
UNKNOWN_DEPARTMENT = "unknown-department"


class Classifies(Protocol):
    """What the router needs of a classifier (hutong.classify.Classifier is one)."""

    @property
    def model(self) -> str:
        """Its name and version, as events carry it."""

    def classify(
        self, subject: str, body: str, *, channel: str, area: str | None
    ) -> Classification:
        """What a report is about and who leads; a pure function of its arguments."""


class Answer(NamedTuple):
    """The event that follows a report in `issues`, and the orders that follow from it."""

    outcome: Outcome
    name: str
    value: bytes
    orders: Sequence[Order] = ()


class Dispatcher:
    """Answers reports by a city pack and a classifier."""

    def __init__(self, city: City, classifier: Classifies, codec: Codec) -> None:
        self._city = city
        self._classifier = classifier
        self._departments = frozenset(city.departments)
        self._writer = DispatchWriter(city, codec)
        (self._write_queued,) = codec.encode_runs(QUEUED, "head")

    @property
    def pack(self) -> str:
        """Hash of the city pack."""
        return self._city.hash

    @property
    def departments(self) -> Container[str]:
        """The codes of the city's departments."""
        return self._departments

    def answer(
        self, report: Mapping[str, Any], *, received: int, origin: str, receipt: tuple[int, ...]
    ) -> Answer:
        """Dispatch a checked report, or queue it for the desk. Never raises for its text.

        ``receipt`` is channel number, partition and offset; the answer happens at ``received``.
        """
        area = area_of(self._city, report)
        try:
            found = self._classifier.classify(
                report["subject"], report["body"], channel=report["channel"], area=area
            )
        except MemoryError:
            raise  # of the machine, not of the text: a restart may well route it
        except Exception as error:  # noqa: BLE001 - whatever it is, the citizen's report goes on
            return self._queue(
                report, area, received, reason=CLASSIFIER_FAILED, text=type(error).__name__
            )
        if not found.confident:
            return self._queue(
                report, area, received, reason=found.unsure_reason or "unsure", found=found
            )
        if not self._departments.issuperset((found.lead, *found.co_owners)):
            return self._queue(report, area, received, reason=UNKNOWN_DEPARTMENT, found=found)
        return self._dispatch(report, area, received, found, origin, Receipt(*receipt))

    def _queue(
        self,
        report: Mapping[str, Any],
        area: str | None,
        received: int,
        *,
        reason: str,
        text: str = "",
        found: Classification | None = None,
    ) -> Answer:
        report_id = report["head"]["event_id"]
        body = {
            "head": _head(report, derived_id(report_id, "IssueQueued"), report_id, area, received),
            "reason": reason,
            "candidates": [
                {
                    "item": candidate.item,
                    "category": candidate.category,
                    "department": candidate.lead,
                    "score": candidate.score,
                }
                for candidate in (found.candidates if found else ())
            ],
            "confidence": found.confidence if found else 0,
            "pack": self._city.hash,
            "model": self._classifier.model,
            "text": text,
        }
        outcome = Outcome.CLASSIFIER_FAILED if reason == CLASSIFIER_FAILED else Outcome.QUEUED
        return Answer(outcome, QUEUED, self._write_queued(body))

    def _dispatch(
        self,
        report: Mapping[str, Any],
        area: str | None,
        received: int,
        found: Classification,
        origin: str,
        receipt: Receipt,
    ) -> Answer:
        report_id = report["head"]["event_id"]
        dispatch_id = derived_id(report_id, "IssueDispatched")
        head = _head(report, dispatch_id, report_id, area, received)
        matter = Matter(
            found.item,
            found.category,
            found.kind,
            report["intent"] or found.intent,
            found.tier,
            found.lead,
            found.co_owners,
        )
        value = self._writer.dispatch(head, matter, found)
        if report["handled_on_the_spot"] is not None:
            # It is only classified: nobody has anything left to do.
            return Answer(Outcome.DISPATCHED, DISPATCHED, value)
        about = {
            "receipt": str(receipt),
            "channel": report["channel"],
            "origin": origin,
            "received_at": received,
            **shown(report),
        }
        owners = [(each, "co-owner") for each in found.co_owners]
        if found.lead is not None:
            owners.insert(0, (found.lead, "lead"))
        orders = self._writer.orders(owners, head, matter, about)
        return Answer(Outcome.DISPATCHED, DISPATCHED, value, orders)


def shown(report: Mapping[str, Any]) -> Body:
    """What a department is told of a report: neither who reported it, nor anybody's numbers."""
    place, contact = report["place"], report["contact"]
    if place is not None and place["address"] is not None:
        place = {**place, "address": mask(place["address"])}
    return {
        "place": place,
        "contact": None if contact is None else mask(contact),
        "media": report["media"],
        "subject": mask(report["subject"]),
        "body": mask(report["body"]),
    }


def _head(
    report: Mapping[str, Any], event_id: str, causation_id: str, area: str | None, received: int
) -> Body:
    return {
        "event_id": event_id,
        "issue_id": report["head"]["issue_id"],
        "occurred_at": received,
        "actor": ROUTER,
        "area": area,
        "causation_id": causation_id,
    }


def cloud_headers(
    name: str, principal: str, event_id: str, occurred_at: int, issue_id: str
) -> Headers:
    """Headers on `dept-*`: CloudEvents 1.0 in Kafka's binary mode."""
    kind, source = _said_by(name, principal)
    return (
        kind,
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        source,
        ("ce_time", b"%s.%03dZ" % (_second(occurred_at // 1000), occurred_at % 1000)),
        ("ce_subject", issue_id.encode()),
    )


@functools.cache
def _said_by(name: str, principal: str) -> Headers:
    """The two that depend on nothing else."""
    return (CE_TYPE, name.encode()), ("ce_source", f"/hutong/{principal}".encode())


@functools.lru_cache(maxsize=1_024)
def _second(seconds: int) -> bytes:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat().encode()
