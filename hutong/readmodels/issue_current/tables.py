"""The table issue_current."""

from hutong.readmodels.base import Mode, Table

ISSUE_CURRENT = Table(
    "issue_current",
    Mode.UPSERT,
    key={"issue_id": "text"},
    values={
        "receipt": "text",
        "channel": "text",
        "origin": "text",
        "status": "text",
        "area": "text",
        "street": "text",
        "category": "text",
        "item": "text",
        "kind": "text",
        "intent": "text",
        "tier": "text",
        "lead": "text",
        "co_owners": "text[]",
        "hop": "integer",
        "subject": "text",
        "lon": "double precision",
        "lat": "double precision",
        "address": "text",
        "reported_at": "bigint",
        "dispatched_at": "bigint",
        "accepted_at": "bigint",
        "responded_at": "bigint",
        "resolved_at": "bigint",
        "unresolvable": "boolean",
        "closed_at": "bigint",
        "applied": "integer",
    },
)
