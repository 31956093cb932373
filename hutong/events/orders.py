"""What goes to departments."""

from typing import ClassVar

from hutong.events.base import Event, Many
from hutong.events.fields import (
    ClockLength,
    Code,
    Digest,
    Hop,
    Line,
    Millis,
    Place,
    Text,
    Uuid,
)


class ActRefused(Event):
    """An act of the department had no effect."""

    avro_name: ClassVar[str] = "hutong.orders.ActRefused"

    refused_id: Uuid
    department: Code
    origin: Code
    verdict: Code
    reason: Code
    text: Text = ""


class OrderIssued(Event):
    """An order for a department: what to do, by which promise. Never who reported it."""

    avro_name: ClassVar[str] = "hutong.orders.OrderIssued"

    order_id: Uuid
    hop: Hop
    department: Code
    role: Code
    lead: Code
    receipt: Line | None = None
    channel: Code
    origin: Code
    item: Code
    category: Code
    kind: Code
    intent: Code
    tier: Code
    clocks: Many[ClockLength] = ()
    received_at: Millis
    place: Place | None = None
    contact: Line | None = None
    media: Many[Digest] = ()
    subject: Line
    body: Text


class OrderWithdrawn(Event):
    """An order was taken back."""

    avro_name: ClassVar[str] = "hutong.orders.OrderWithdrawn"

    order_id: Uuid
    hop: Hop
    department: Code
    origin: Code
    ground: Text
