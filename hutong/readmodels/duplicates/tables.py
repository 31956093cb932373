"""The tables duplicate_pair and duplicate_merge."""

from hutong.readmodels.base import Mode, Table

DUPLICATE_PAIR = Table(
    "duplicate_pair",
    Mode.UPSERT,
    key={"issue_id": "text", "other_id": "text"},
    values={
        "metres": "integer",
        "minutes": "integer",
        "text_score": "integer",
        "suspected_at": "bigint",
        "event_id": "text",
        "origin": "text",
    },
)
DUPLICATE_MERGE = Table(
    "duplicate_merge",
    Mode.UPSERT,
    key={"issue_id": "text", "other_id": "text"},
    values={
        "role": "text",
        "merged": "boolean",
        "at": "bigint",
        "by": "text",
        "reason": "text",
        "event_id": "text",
    },
)
