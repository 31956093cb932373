"""The router's answer to a report: who leads and by when, or that the desk must decide. Pure."""

import functools
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

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

FIRST_HOP = 1
#: Reasons of the router's own; the classifier's are in hutong.classify.model.
CLASSIFIER_FAILED = "classifier-failed"
UNKNOWN_DEPARTMENT = "unknown-department"

Body = dict[str, Any]


class Classifies(Protocol):
    """What the router needs of a classifier (hutong.classify.Classifier is one)."""

    @property
    def model(self) -> str:
        """Its name and version, as events carry it."""

    def classify(
        self, subject: str, body: str, *, channel: str, area: str | None
    ) -> Classification:
        """What a report is about and who leads; a pure function of its arguments."""


@dataclass(frozen=True, slots=True)
class Order:
    """What one department gets."""

    department: str
    name: str
    body: Body
    value: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The event that follows a report in `issues`, and the orders that follow from it."""

    outcome: Outcome
    name: str
    value: bytes
    orders: tuple[Order, ...] = ()


class Dispatcher:
    """Answers reports by a city pack and a classifier."""

    def __init__(self, city: City, classifier: Classifies, codec: Codec) -> None:
        self._city = city
        self._classifier = classifier
        self._codec = codec
        self._clocks = functools.lru_cache(maxsize=None)(self._lengths)

    @property
    def pack(self) -> str:
        """Hash of the city pack."""
        return self._city.hash

    @property
    def departments(self) -> Container[str]:
        """The codes of the city's departments."""
        return self._city.departments

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
        owners = (found.lead, *found.co_owners)
        if not all(owner in self._city.departments for owner in owners):
            return self._queue(report, area, received, reason=UNKNOWN_DEPARTMENT, found=found)
        return self._dispatch(report, area, received, found, origin, Receipt(*receipt))

    def _lengths(self, tier: str, item: str | None) -> list[Body]:
        """The clocks that a dispatch starts. Made once for each item, because each report asks."""
        return [
            {"clock": clock, "minutes": length.minutes, "calendar": length.calendar}
            for clock, length in self._city.promises(tier, item).items()
        ]

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
        name = IssueQueued.avro_name
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
        return Answer(outcome, name, self._codec.encode_body(name, body))

    def _dispatch(
        self,
        report: Mapping[str, Any],
        area: str | None,
        received: int,
        found: Classification,
        origin: str,
        receipt: Receipt,
    ) -> Answer:
        name = IssueDispatched.avro_name
        report_id = report["head"]["event_id"]
        dispatch_id = derived_id(report_id, "IssueDispatched")
        matter: Body = {
            "item": found.item,
            "category": found.category,
            "kind": found.kind,
            "intent": report["intent"] or found.intent,
            "tier": found.tier,
            "lead": found.lead,
            "clocks": self._clocks(found.tier, found.item),
            "hop": FIRST_HOP,
        }
        body = {
            **matter,
            "head": _head(report, dispatch_id, report_id, area, received),
            "co_owners": list(found.co_owners),
            "confidence": found.confidence,
            "evidence": [
                {"keyword": e.keyword, "field": e.field, "weight": e.weight} for e in found.evidence
            ],
            "pack": self._city.hash,
            "model": found.model,
        }
        common: Body = {
            **matter,
            "receipt": str(receipt),
            "channel": report["channel"],
            "origin": origin,
            "received_at": received,
            **_shown(report),
        }
        roles = [(found.lead, "lead"), *((owner, "co-owner") for owner in found.co_owners)]
        if report["handled_on_the_spot"] is not None:
            roles = []  # it is only classified: nobody has anything left to do
        orders = tuple(
            self._order(report, common, department, role, dispatch_id, area, received)
            for department, role in roles
            if department is not None
        )
        return Answer(Outcome.DISPATCHED, name, self._codec.encode_body(name, body), orders)

    def _order(
        self,
        report: Mapping[str, Any],
        common: Body,
        department: str,
        role: str,
        dispatch_id: str,
        area: str | None,
        received: int,
    ) -> Order:
        name = OrderIssued.avro_name
        order_id = derived_id(dispatch_id, "order", department)
        body = {
            **common,
            "head": _head(report, order_id, dispatch_id, area, received),
            "order_id": order_id,
            "department": department,
            "role": role,
        }
        return Order(department, name, body, self._codec.encode_body(name, body))


def _shown(report: Mapping[str, Any]) -> Body:
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


def cloud_headers(head: Mapping[str, Any], name: str, principal: str) -> Headers:
    """Headers on `dept-*`: CloudEvents 1.0 in Kafka's binary mode."""
    moment = datetime.fromtimestamp(head["occurred_at"] // 1000, UTC).replace(tzinfo=None)
    return (
        (CE_TYPE, name.encode()),
        ("ce_specversion", b"1.0"),
        ("ce_id", head["event_id"].encode()),
        ("ce_source", f"/hutong/{principal}".encode()),
        ("ce_time", f"{moment.isoformat()}.{head['occurred_at'] % 1000:03}Z".encode()),
        ("ce_subject", head["issue_id"].encode()),
    )
