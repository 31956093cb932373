"""Made-up orders, withdrawals and refusals, as a department gets them."""

import time
from typing import Any

from hutong.events.fields import Head
from hutong.events.ids import derived_id, new_id
from hutong.events.orders import ActRefused, OrderIssued, OrderWithdrawn


def example_order(department: str = "water-co", **fields: Any) -> OrderIssued:
    """A made-up order for a department, with an issue of its own unless ``fields`` says which."""
    issue_id = new_id()
    dispatch = derived_id(issue_id, "IssueDispatched")
    order_id = derived_id(dispatch, "order", department)
    now = time.time_ns() // 1_000_000
    plain: dict[str, Any] = {
        "head": {
            "event_id": order_id,
            "issue_id": issue_id,
            "occurred_at": now,
            "actor": "router",
            "area": None,
            "causation_id": dispatch,
        },
        "order_id": order_id,
        "hop": 1,
        "department": department,
        "role": "lead",
        "lead": department,
        "channel": "app",
        "origin": "live",
        "item": "water-burst",
        "category": "water-supply",
        "kind": "service",
        "intent": "help",
        "tier": "urgent",
        "received_at": now,
        "subject": "自来水管爆裂",
        "body": "路面积水约十厘米，请尽快抢修。",
    }
    return OrderIssued.model_validate({**plain, **fields})


def example_withdrawal(
    order: OrderIssued, ground: str = "IssueWithdrawn mistake"
) -> OrderWithdrawn:
    """That an order was taken back."""
    return OrderWithdrawn(
        head=_head(order),
        order_id=order.order_id,
        hop=order.hop,
        department=order.department,
        origin=order.origin,
        ground=ground,
    )


def example_refusal(order: OrderIssued, reason: str = "not-now") -> ActRefused:
    """That an act of the department on an order's issue had no effect."""
    return ActRefused(
        head=_head(order),
        refused_id=new_id(),
        department=order.department,
        origin=order.origin,
        verdict="refused",
        reason=reason,
    )


def _head(order: OrderIssued) -> Head:
    return Head(
        event_id=new_id(),
        issue_id=order.head.issue_id,
        occurred_at=time.time_ns() // 1_000_000,
        actor="processes",
        causation_id=order.head.event_id,
    )
