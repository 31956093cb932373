"""The table issue_timeline."""

from hutong.readmodels.base import Mode, Table

ISSUE_TIMELINE = Table(
    "issue_timeline",
    Mode.UPSERT,
    key={"partition": "integer", "offset": "bigint"},
    values={
        "issue_id": "text",
        "event_id": "text",
        "name": "text",
        "principal": "text",
        "actor": "text",
        "origin": "text",
        "verdict": "text",
        "reason": "text",
        "detail": "text",
        "occurred_at": "bigint",
        "received_at": "bigint",
        "recorded_at": "bigint",
        "source": "text",
        "causation_id": "text",
        "data": "jsonb",
    },
)
