"""What the OpenAPI document says of a department's inbox."""

from typing import Any, Final

from pydantic import BaseModel, Field

from hutong_intake.api.openapi import problems


class OrderOut(BaseModel):
    """One thing to do: an order, its withdrawal, or why an act had no effect."""

    cursor: str = Field(description="Ask for what comes after it with `after`.", examples=["18"])
    event: str = Field(
        description="OrderIssued, OrderWithdrawn or ActRefused of hutong.orders.",
        examples=["hutong.orders.OrderIssued"],
    )
    at: int = Field(description="When it entered the inbox, milliseconds UTC.")
    body: dict[str, Any] = Field(
        description="The event as its Avro schema has it; times are milliseconds UTC. Do an order "
        "once for each order_id and hop, all else once for each head.event_id."
    )


class OrdersOut(BaseModel):
    """A stretch of the inbox, in order."""

    orders: list[OrderOut]
    next: str = Field(description="`after` for the next request.", examples=["18"])
    waiting: int = Field(description="How many more there are after `next` now.", examples=[0])


def _query(name: str, kind: str, description: str) -> dict[str, Any]:
    schema = {"type": kind}
    return {"name": name, "in": "query", "required": False, "schema": schema} | {
        "description": description
    }


ORDERS_DOC: Final[dict[str, Any]] = {
    "summary": "Read a department's inbox",
    "description": "In order, from a cursor on; only with that department's own key. Keep the "
    "cursor after the work is done: what was not done comes again, nothing is ever dropped. "
    "`hutong.sdk.DepartmentConsumer` does all this.",
    "response_model": None,
    "responses": {
        200: {"model": OrdersOut, "description": "Possibly none."},
        **problems(400, 401, 403, 429, 503),
    },
    "openapi_extra": {
        "parameters": [
            _query("after", "string", "Cursor; default: from the first order on."),
            _query("wait", "number", "Seconds to wait for the first, at most 30; default 0."),
            _query("limit", "integer", "At most so many orders, 1 to 500; default 100."),
        ],
    },
    "tags": ["departments"],
}
