"""What a step makes leave through the outbox: orders, withdrawals, refusals. Pure.

Texts leave masked: a department needs no citizen's numbers, and no other department's either.

The orders of the router's own dispatch are not here: the router sends them itself, so that they go
out while PostgreSQL is down. All others come from here, with ids made the same way (uuid5 of the
event that orders, and the department), so even one that came both ways would be one order.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from hutong.events.fields import ClockLength, Head, Place
from hutong.events.ids import derived_id
from hutong.events.orders import ActRefused, OrderIssued, OrderWithdrawn
from hutong.issue.fold import Outcome, Step
from hutong.issue.parts import Hop
from hutong.issue.record import ROUTER, Record
from hutong.issue.state import IssueState, Status
from hutong.privacy.mask import mask

#: What departments get.
Order: TypeAlias = OrderIssued | OrderWithdrawn | ActRefused

ACTOR: Final = "processes"

_DISPATCHED: Final = "IssueDispatched"
_LEFT_OPEN: Final = frozenset({Status.WITHDRAWN, Status.TRANSFERRED})
#: Words that fit a refusal's text in the order's schema.
_TEXT_LIMIT: Final = 1000


def order_id(ordered_by: str, department: str) -> str:
    """The id of the order that follows from an event (a dispatch, an unmerge) for a department."""
    return derived_id(ordered_by, "order", department)


def consequences(step: Step, receipt_of: Callable[[str], str]) -> tuple[Order, ...]:
    """The events for the topic `orders` that follow from a step, in the order to send them.

    ``receipt_of`` makes a receipt number of a report's source (``topic/partition/offset``). A step
    always has the same consequences with the same ids, so a relay may send them again.
    """
    if step.verdict.outcome is Outcome.WAITING:
        return ()
    if step.verdict.outcome is Outcome.REFUSED:
        return tuple(_of_refusal(step))
    return (*_withdrawn(step), *_issued(step, receipt_of))


def _of_refusal(step: Step) -> Iterator[Order]:
    record, verdict = step.record, step.verdict
    if record.department is not None:
        # Another event under a used id shares its event_id, so the place tells them apart.
        place = str(record.source) if verdict.reason == "altered-repeat" else ""
        yield ActRefused(
            head=_head(step, derived_id(record.event_id, "refused", place)),
            refused_id=record.event_id,
            department=record.department,
            origin=record.origin,
            verdict=verdict.outcome.value,
            reason=verdict.reason,
            text=mask(verdict.detail[:_TEXT_LIMIT]),
        )
    elif record.name == _DISPATCHED and record.principal == ROUTER and not _is_present(step):
        # Its orders went straight out.
        for department in _owners(record.body["lead"], record.body["co_owners"]):
            yield _withdrawal(step, record.event_id, record.body["hop"], department)


def _is_present(step: Step) -> bool:
    """Whether the orders of this very event are in force (another copy of it was applied)."""
    return any(hop.ordered_by == step.record.event_id for hop in step.after.hops)


def _withdrawn(step: Step) -> Iterator[OrderWithdrawn]:
    """Whoever had it at the last hop, and has it no more in that hop."""
    hop = _in_force(step.before)
    if hop is None or hop == _in_force(step.after) or _same_order(hop, _in_force(step.after)):
        return
    for department in _owners(hop.lead, hop.co_owners):
        yield _withdrawal(step, hop.ordered_by, hop.number, department)


def _issued(step: Step, receipt_of: Callable[[str], str]) -> Iterator[OrderIssued]:
    """The lead and the co-owners of a new hop."""
    hop, record = _in_force(step.after), step.record
    if hop is None or _same_order(hop, _in_force(step.before)) or record.principal == ROUTER:
        return
    for department in _owners(hop.lead, hop.co_owners):
        yield _order(step, hop, department, receipt_of)


def _in_force(state: IssueState | None) -> Hop | None:
    """The hop whose orders departments should have on their tables."""
    if state is None or not state.hops or state.stage in _LEFT_OPEN:
        return None
    hop = state.hops[-1]
    return hop if hop.ended_at is None else None


def _same_order(one: Hop, other: Hop | None) -> bool:
    return other is not None and one.ordered_by == other.ordered_by


def _owners(lead: str, co_owners: Any) -> tuple[str, ...]:
    """Each department once, the lead first."""
    return tuple(dict.fromkeys((lead, *co_owners)))


def _order(step: Step, hop: Hop, department: str, receipt_of: Callable[[str], str]) -> OrderIssued:
    state = step.after
    assert state.item is not None
    assert state.category is not None
    assert state.kind is not None
    assert state.intent is not None
    assert state.tier is not None
    order = order_id(hop.ordered_by, department)
    return OrderIssued(
        head=_head(step, order),
        order_id=order,
        hop=hop.number,
        department=department,
        role="lead" if department == hop.lead else "co-owner",
        lead=hop.lead,
        receipt=receipt_of(state.source),
        channel=state.channel,
        origin=state.origin,
        item=state.item,
        category=state.category,
        kind=state.kind,
        intent=state.intent,
        tier=state.tier,
        clocks=_lengths(state),
        received_at=state.reported_at,
        place=_place(state),
        contact=_masked(state.contact),
        media=state.media,
        subject=mask(state.subject),
        body=mask(state.text),
    )


def _lengths(state: IssueState) -> tuple[ClockLength, ...]:
    """The promises as they were given; a later hop gets no new ones."""
    return tuple(
        ClockLength(clock=name, minutes=clock.minutes, calendar=clock.calendar)
        for name, clock in state.clocks.items()
        if clock.minutes is not None and name != "follow-up"
    )


def _place(state: IssueState) -> Place | None:
    if state.lon is None and state.lat is None and state.address is None:
        return None
    return Place(lon=state.lon, lat=state.lat, address=_masked(state.address))


def _masked(text: str | None) -> str | None:
    return None if text is None else mask(text)


def _withdrawal(step: Step, ordered_by: str, hop: int, department: str) -> OrderWithdrawn:
    return OrderWithdrawn(
        head=_head(step, derived_id(step.record.event_id, "withdrawn", department)),
        order_id=order_id(ordered_by, department),
        hop=hop,
        department=department,
        origin=step.record.origin,
        ground=_ground(step.record),
    )


def _ground(record: Record) -> str:
    """Why an order is withdrawn: what happened, with its reason where it has one."""
    reason = record.body.get("reason") or record.body.get("decision") or ""
    return f"{record.name} {reason}".rstrip()


def _head(step: Step, event_id: str) -> Head:
    return Head(
        event_id=event_id,
        issue_id=step.record.issue_id,
        occurred_at=step.record.counts_at,
        actor=ACTOR,
        area=step.after.area,
        causation_id=step.record.event_id,
    )
