"""A dispatch and its orders as bytes. What they have alike is written once. Pure.

Three of four records that the router makes are of these two kinds, and most of what they say comes
again: the matter and its clocks for every report of an item, the texts in each order of a report.
So both are cut into runs of fields (hutong.events.writer), and runs that come again are kept.
"""

import functools
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from hutong.city import City
from hutong.classify.model import Classification, Evidence
from hutong.events.codec import Codec
from hutong.events.ids import derived_id
from hutong.events.lifecycle import IssueDispatched
from hutong.events.orders import OrderIssued
from hutong.events.writer import WriteFields, array_of

FIRST_HOP: Final = 1
#: Of each kind of run; a city pack has hundreds.
_KEPT: Final = 4_096

Body = dict[str, Any]


class Order(NamedTuple):
    """What one department gets."""

    department: str
    order_id: str
    value: bytes


class Matter(NamedTuple):
    """What a report is about, as its dispatch and all of its orders say."""

    item: str | None
    category: str | None
    kind: str
    intent: str
    tier: str
    lead: str | None
    co_owners: tuple[str, ...]


class _DispatchRuns(NamedTuple):
    """Writers of runs of fields of IssueDispatched, each named by its first."""

    event_id: WriteFields
    issue_id: WriteFields
    causation_id: WriteFields
    item: WriteFields
    confidence: WriteFields
    evidence: WriteFields
    pack: WriteFields


class _OrderRuns(NamedTuple):
    """The same of OrderIssued."""

    event_id: WriteFields
    issue_id: WriteFields
    causation_id: WriteFields
    order_id: WriteFields
    hop: WriteFields
    receipt: WriteFields
    item: WriteFields
    received_at: WriteFields


class DispatchWriter:
    """Writes the dispatches of a city pack and their orders."""

    def __init__(self, city: City, codec: Codec) -> None:
        self._city = city
        self._dispatch = _DispatchRuns(*_cut(codec, IssueDispatched.avro_name, _DispatchRuns))
        self._order = _OrderRuns(*_cut(codec, OrderIssued.avro_name, _OrderRuns))
        self._write_evidence = codec.encode_item(IssueDispatched.avro_name, "evidence")
        kept = functools.lru_cache(maxsize=_KEPT)
        self._matter_of = kept(self._write_matter)
        self._evidence_of = kept(self._write_one_evidence)
        self._owner_of = kept(self._write_owner)

    def dispatch(self, head: Body, matter: Matter, found: Classification) -> bytes:
        """IssueDispatched with that head."""
        write, body = self._dispatch, {"head": head}
        return b"".join(
            (
                write.event_id(body),
                write.issue_id(body),
                write.causation_id(body),
                self._matter_of(matter)[0],
                write.confidence({"confidence": found.confidence}),
                array_of([self._evidence_of(each) for each in found.evidence]),
                write.pack({"pack": self._city.hash, "model": found.model}),
            )
        )

    def orders(
        self, owners: Iterable[tuple[str, str]], cause: Body, matter: Matter, report: Body
    ) -> list[Order]:
        """OrderIssued for each owner (department and role); all follow from the dispatch whose head
        is ``cause``. ``report``: receipt, channel, origin, received_at and what may be shown of it.
        """
        write, cause_id = self._order, cause["event_id"]
        head = write.issue_id({"head": cause}) + write.causation_id(
            {"head": {"causation_id": cause_id}}
        )
        rest = write.receipt(report) + self._matter_of(matter)[1] + write.received_at(report)
        made = []
        for department, role in owners:
            order_id = derived_id(cause_id, "order", department)
            own = {"head": {"event_id": order_id}, "order_id": order_id}
            owner = self._owner_of(department, role, matter.lead)
            runs = (write.event_id(own), head, write.order_id(own), owner, rest)
            made.append(Order(department, order_id, b"".join(runs)))
        return made

    def _write_matter(self, matter: Matter) -> tuple[bytes, bytes]:
        """As a dispatch has it, and as its orders have it."""
        promises = self._city.promises(matter.tier, matter.item)
        body: Body = {
            **matter._asdict(),
            "clocks": [
                {"clock": clock, "minutes": length.minutes, "calendar": length.calendar}
                for clock, length in promises.items()
            ],
            "hop": FIRST_HOP,
        }
        return self._dispatch.item(body), self._order.item(body)

    def _write_one_evidence(self, evidence: Evidence) -> bytes:
        return self._write_evidence(evidence._asdict())

    def _write_owner(self, department: str, role: str, lead: str) -> bytes:
        body = {"hop": FIRST_HOP, "department": department, "role": role, "lead": lead}
        return self._order.hop(body)


def _cut(codec: Codec, name: str, runs: type[Any]) -> Iterable[WriteFields]:
    inside = {"event_id", "issue_id", "causation_id"}
    starts = [f"head.{field}" if field in inside else field for field in runs._fields]
    return codec.encode_runs(name, *starts)
