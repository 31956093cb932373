"""For apps that report and systems that act: needs the base installation alone.

from hutong.sdk import Client

with Client("https://intake.example", "hk_…", outbox="outbox.db") as client:
    receipt = client.report_issue(body="路灯不亮", area="east")
"""

from hutong.events.faults import FieldFault
from hutong.events.fields import HandledOnTheSpot, Place, Reporter
from hutong.events.ids import new_id
from hutong.events.orders import ActRefused, OrderIssued, OrderWithdrawn
from hutong.kafka.access import KafkaAccess
from hutong.sdk.async_client import AsyncClient
from hutong.sdk.client import Client
from hutong.sdk.department import Delivery, DepartmentConsumer, Health, Ledger, RetryLater
from hutong.sdk.errors import (
    ApiError,
    DiskFullError,
    HutongError,
    InvalidError,
    OutboxError,
    Problem,
    RefusedError,
    StoppedError,
    UnavailableError,
)
from hutong.sdk.kafka import KafkaTransport
from hutong.sdk.orders import HttpOrders, KafkaOrders
from hutong.sdk.outbox import Outbox
from hutong.sdk.receipt import Receipt, State
from hutong.sdk.reply import Reply

__all__ = [
    "ActRefused",
    "ApiError",
    "AsyncClient",
    "Client",
    "Delivery",
    "DepartmentConsumer",
    "DiskFullError",
    "FieldFault",
    "HandledOnTheSpot",
    "Health",
    "HttpOrders",
    "HutongError",
    "InvalidError",
    "KafkaAccess",
    "KafkaOrders",
    "KafkaTransport",
    "Ledger",
    "OrderIssued",
    "OrderWithdrawn",
    "Outbox",
    "OutboxError",
    "Place",
    "Problem",
    "Receipt",
    "RefusedError",
    "Reply",
    "Reporter",
    "RetryLater",
    "State",
    "StoppedError",
    "UnavailableError",
    "new_id",
]
