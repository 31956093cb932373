"""The table clock_due."""

from hutong.readmodels.base import Mode, Table

CLOCK_DUE = Table(
    "clock_due",
    Mode.UPSERT,
    key={"issue_id": "text", "clock": "text"},
    values={
        "origin": "text",
        "department": "text",
        "street": "text",
        "tier": "text",
        "calendar": "text",
        "started_at": "bigint",
        "due_at": "bigint",
        "stopped_at": "bigint",
        "paused": "boolean",
        "runs": "boolean",
        "provisional": "boolean",
        "excused_ms": "bigint",
        "late": "boolean",
        "level": "text",
        "next_at": "bigint",
    },
)
