"""The table queue."""

from hutong.readmodels.base import Mode, Table

QUEUE = Table(
    "queue",
    Mode.UPSERT,
    key={"issue_id": "text", "kind": "text"},
    values={
        "since": "bigint",
        "due_at": "bigint",
        "department": "text",
        "reason": "text",
        "street": "text",
        "category": "text",
        "tier": "text",
        "origin": "text",
    },
)
